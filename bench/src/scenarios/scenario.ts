import { percentile } from '../percentile.js';
import { figures, measuredValue, type Figure } from '../result.js';
import type { LoadResult } from '../meter.js';
import { withRig, type Rig } from '../rig.js';
import { Services, type ServiceName } from '../services.js';
import type { SubjectName } from '../subject.js';
import { programs } from '../subjects/programs.js';

export interface RunOptions {
  readonly quick: boolean;
  /** With what takes very long. */
  readonly long: boolean;
  /** How long a soak goes on. */
  readonly minutes: number;
  /** Says what is being done. */
  readonly progress: (text: string) => void;
}

export interface Scenario {
  readonly name: string;
  /** Runs only when it is asked for. */
  readonly by_name_only?: boolean;
  readonly needs: readonly ServiceName[];
  run(options: RunOptions): Promise<readonly Figure[]>;
}

/** What one subject is measured with. */
export interface Case {
  readonly params: Figure['params'];
  /** When not with all of the scenario's. */
  readonly subjects?: readonly SubjectName[];
  /** How often, all subjects in turns: what else a machine does in one of the rounds is not taken for a subject's own. Default once. */
  readonly rounds?: number;
  measure(rig: Rig): Promise<Measures>;
}

type Measures = Readonly<Record<string, number>>;

/** Who see all of what is sent. */
const FOLLOWERS = 2;

/** Connects senders into one conversation, and two who follow it. */
export async function connectSenders(rig: Rig, senders: number): Promise<void> {
  const clients = senders + FOLLOWERS;
  await rig.prepare({ clients, senders, rooms: [Array.from({ length: FOLLOWERS }, (_, at) => senders + at)] });
  await rig.connect(0, clients);
}

/** Of these the worst round counts, of all others the median. */
const FAULTS: ReadonlySet<string> = new Set(['lost', 'never_back']);

/** Every case with every subject, each in processes of its own. */
export function scenario(name: string, subjects: readonly SubjectName[], cases: (options: RunOptions) => readonly Case[]): Scenario {
  return {
    name,
    needs: [...new Set(subjects.flatMap((subject) => programs[subject].needs))],
    async run(options) {
      const services = new Services();
      try {
        return await everyCase(services, options);
      } finally {
        await services.stop();
      }
    },
  };

  async function everyCase(services: Services, options: RunOptions): Promise<readonly Figure[]> {
    const found: Figure[] = [];
    for (const { params, measure, rounds = 1, subjects: only = subjects } of cases(options)) {
      const measured = new Map<SubjectName, Measures[]>(only.map((subject) => [subject, []]));
      for (let round = 1; round <= rounds; round += 1) {
        for (const [subject, all] of measured) {
          const which = rounds > 1 ? [`round ${round} of ${rounds}`] : [];
          options.progress([name, ...Object.entries(params).map(([key, value]) => `${key} ${value}`), ...which, subject].join(', '));
          all.push(await withRig(subject, services, measure));
        }
      }
      for (const [subject, all] of measured) found.push(...figures(name, subject, params, together(all)));
    }
    return found;
  }
}

/** The rounds of one subject as one. */
export function together(rounds: readonly Measures[]): Measures {
  const metrics = Object.keys(rounds[0] ?? {});
  return Object.fromEntries(metrics.map((metric) => {
    const values = rounds.map((round) => round[metric]!);
    return [metric, FAULTS.has(metric) ? Math.max(...values) : percentile(values, 0.5)];
  }));
}

/** Puts what Talaria's figures are of a peer's beside them: `page_p99_ms` as `page_p99_ms_ratio`. */
export function withRatios(inner: Scenario, peer: SubjectName, metrics: readonly string[]): Scenario {
  return {
    ...inner,
    async run(options) {
      const found = await inner.run(options);
      return [...found, ...ratios(found, peer, metrics)];
    },
  };
}

/** Those for which both have a figure with the same parameters. */
export function ratios(all: readonly Figure[], peer: SubjectName, metrics: readonly string[]): Figure[] {
  return all.filter(({ subject, metric }) => subject === 'talaria' && metrics.includes(metric)).flatMap((own) => {
    const other = measuredValue(all, peer, own);
    return other === undefined || other === 0 ? [] : [{ ...own, metric: `${own.metric}_ratio`, unit: '', value: own.value / other }];
  });
}

interface Costs {
  readonly result: { readonly elapsed_ms: number };
  readonly load_cpu_us: number;
}

interface ServerCosts extends Costs {
  readonly server_cpu_us: number;
  readonly services_cpu_us: ReturnType<Services['cpuUs']>;
}

/** A rate, and what it cost: the server and what runs beside it a piece, the load program in all. */
export function throughput(measured: ServerCosts & { readonly result: LoadResult }, done: string, piece: string): Record<string, number> {
  const { result: { done: count, elapsed_ms: elapsed, p50_ms, p99_ms }, server_cpu_us: cpu } = measured;
  const beside = Object.entries(measured.services_cpu_us).map(([service, us]) => [`${service}_cpu_us_per_${piece}`, us / count] as const);
  return { [`${done}_per_s`]: (count / elapsed) * 1_000, p50_ms, p99_ms, [`cpu_us_per_${piece}`]: cpu / count, ...Object.fromEntries(beside), load_cpu_pct: loadCpuPct(measured) };
}

/** Of one core. Near 100 the load program is what has been measured. */
export function loadCpuPct({ result, load_cpu_us: cpu }: Costs): number {
  return cpu / result.elapsed_ms / 10;
}
