/** One conversation that many follow. */
import { figures, type Figure } from '../result.js';
import { Rig } from '../rig.js';
import type { SubjectName } from '../subject.js';
import type { RunOptions, Scenario } from './scenario.js';

const SUBJECTS: readonly SubjectName[] = ['talaria', 'raw-uws', 'socketio'];
const FOLLOWERS = [500, 5_000] as const;
/** Messages that are not with everybody yet. */
const IN_FLIGHT = 2;

export const fanout: Scenario = {
  name: 'fanout',
  async run(options) {
    const found: Figure[] = [];
    for (const followers of FOLLOWERS) for (const subject of SUBJECTS) found.push(...await measure(subject, followers, options));
    return found;
  },
};

async function measure(subject: SubjectName, followers: number, { quick, progress }: RunOptions): Promise<Figure[]> {
  progress(`fanout to ${followers}: ${subject}`);
  const rig = new Rig(subject);
  try {
    await rig.prepare({ clients: followers + 1, senders: 1, rooms: [Array.from({ length: followers }, (_, at) => at + 1)] });
    await rig.connect(0, followers + 1);
    const { result, server_cpu_us: cpu, load_cpu_us: loadCpu } = await rig.measure({ kind: 'fanout', followers, in_flight: IN_FLIGHT, warm_ms: quick ? 1_500 : 3_000, run_ms: quick ? 3_000 : 10_000 });
    await rig.stop();
    const { done, elapsed_ms: elapsed, p50_ms, p99_ms } = result;
    return figures('fanout', subject, { followers }, {
      deliveries_per_s: (done / elapsed) * 1_000, p50_ms, p99_ms, cpu_us_per_delivery: cpu / done, load_cpu_pct: loadCpu / elapsed / 10,
    });
  } finally {
    rig.kill();
  }
}
