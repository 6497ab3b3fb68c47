import { statNames, type OperationOutput } from '@talaria/protocol/operations';
import { LATENCY_BUCKETS, percentile } from '../../runtime/latencies.js';
import type { Answers, Part, Point } from './parts.js';

/**
 * The columns of a step, in the order in which nodes tell each other. `grows`: how much it grew in the step; `now`: as it stood at the
 * end; `most`: the largest.
 */
export const POINT_COLUMNS = [
  { of: 'connections', kind: 'now' }, { of: 'messages', kind: 'grows' }, { of: 'deliveries', kind: 'grows' }, { of: 'requests', kind: 'grows' }, { of: 'requestErrors', kind: 'grows' },
  { of: 'commits', kind: 'grows' }, { of: 'commitMs', kind: 'grows' }, { of: 'loopLagMs', kind: 'most' }, { of: 'memoryBytes', kind: 'now' }, { of: 'storageBytes', kind: 'now' },
] as const;
type Column = (typeof POINT_COLUMNS)[number]['of'];
type Series = OperationOutput<'stats.get'>['series'][number];
type Name = (typeof statNames)[number];

/** Series over all nodes: what is counted is added up, what is a delay or the one database's is the largest. */
export function mergeStats({ parts, missing }: Answers<'stats.get'>): OperationOutput<'stats.get'> {
  const step_s = parts[0]?.part.step_s ?? 1;
  const of = parts.map(({ part }) => part).filter((part) => part.step_s === step_s);
  const times = [...new Set(of.flatMap(({ points }) => points.map(({ at }) => at)))].sort((left, right) => left - right);
  const byTime = new Map<number, Point[]>(times.map((at) => [at, []]));
  for (const { points } of of) for (const point of points) byTime.get(point.at)!.push(point);
  const steps = [...byTime.values()].map((points) => new Step(points, step_s));
  const series = (name: Name, value: (step: Step) => number | null, label: string | null = null): Series => ({ name, of: label, values: steps.map(value) });
  const codes = namesIn(of, ({ refusals }) => refusals);
  const consumers = namesIn(of, ({ lags }) => lags);
  return {
    step_s, times_ms: times,
    series: [
      series('connections', (step) => step.sum('connections')), series('messages_per_s', (step) => step.rate('messages')), series('deliveries_per_s', (step) => step.rate('deliveries')),
      series('refusals_per_s', (step) => step.refused()), ...codes.map((code) => series('refusals_per_s', (step) => step.refused(code), code)),
      series('http_requests_per_s', (step) => step.rate('requests')), series('http_errors_per_s', (step) => step.rate('requestErrors')),
      series('send_p50_ms', (step) => step.sendMs(0.5)), series('send_p95_ms', (step) => step.sendMs(0.95)), series('send_p99_ms', (step) => step.sendMs(0.99)),
      series('commit_ms', (step) => step.commitMs()), series('loop_lag_ms', (step) => step.most('loopLagMs')), series('memory_bytes', (step) => step.sum('memoryBytes')),
      series('storage_bytes', (step) => step.most('storageBytes')), ...consumers.map((name) => series('consumer_lag_ms', (step) => step.lag(name), name)),
    ],
    nodes: parts.map(({ node }) => node), missing_nodes: [...missing],
  };
}

/** What all nodes say of one step. */
class Step {
  constructor(private readonly points: readonly Point[], private readonly step_s: number) {}

  sum(column: Column): number | null {
    const values = this.of(column);
    return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0);
  }

  most(column: Column): number | null {
    const values = this.of(column);
    return values.length === 0 ? null : rounded(Math.max(...values));
  }

  rate(column: Column): number | null {
    const sum = this.sum(column);
    return sum === null ? null : rounded(sum / this.step_s);
  }

  refused(code?: string): number {
    const all = this.points.flatMap(({ refusals }) => refusals).filter(([name]) => code === undefined || name === code);
    return rounded(all.reduce((sum, [, count]) => sum + count, 0) / this.step_s);
  }

  sendMs(part: number): number | null {
    const counts = new Float64Array(LATENCY_BUCKETS);
    for (const { sends } of this.points) for (const [bucket, count] of sends) if (bucket < LATENCY_BUCKETS) counts[bucket]! += count;
    const ms = percentile(counts, part);
    return ms === null ? null : rounded(ms);
  }

  commitMs(): number | null {
    const count = this.sum('commits') ?? 0;
    return count === 0 ? null : rounded((this.sum('commitMs') ?? 0) / count);
  }

  lag(consumer: string): number | null {
    const values = this.points.flatMap(({ lags }) => lags).filter(([name]) => name === consumer).map(([, ms]) => ms);
    return values.length === 0 ? null : Math.max(...values);
  }

  private of(column: Column): readonly number[] {
    const at = POINT_COLUMNS.findIndex((one) => one.of === column);
    return this.points.flatMap(({ sums }) => sums[at] ?? []);
  }
}

function namesIn(parts: readonly Part<'stats.get'>[], of: (point: Point) => readonly (readonly [string, number])[]): readonly string[] {
  return [...new Set(parts.flatMap(({ points }) => points.flatMap((point) => of(point).map(([name]) => name))))].sort();
}

const rounded = (value: number): number => Math.round(value * 100) / 100;
