/** Acked durable sends, with two followers. */
import { figures, type Figure } from '../result.js';
import { Rig } from '../rig.js';
import type { SubjectName } from '../subject.js';
import type { RunOptions, Scenario } from './scenario.js';

const SUBJECTS: readonly SubjectName[] = ['talaria', 'socketio-sqlite', 'socketio', 'raw-uws'];
const IN_FLIGHT = [1, 16, 512] as const;
const SENDERS = 16;
const FOLLOWERS = 2;

export const send: Scenario = {
  name: 'send',
  async run(options) {
    const found: Figure[] = [];
    for (const in_flight of IN_FLIGHT) for (const subject of SUBJECTS) found.push(...await measure(subject, in_flight, options));
    return found;
  },
};

async function measure(subject: SubjectName, in_flight: number, { quick, progress }: RunOptions): Promise<Figure[]> {
  progress(`send, ${in_flight} in flight: ${subject}`);
  const rig = new Rig(subject);
  try {
    const senders = Math.min(SENDERS, in_flight);
    const clients = senders + FOLLOWERS;
    await rig.prepare({ clients, senders, rooms: [Array.from({ length: FOLLOWERS }, (_, at) => senders + at)] });
    await rig.connect(0, clients);
    const { result, server_cpu_us: cpu, load_cpu_us: loadCpu } = await rig.measure({ kind: 'send', senders, in_flight, warm_ms: quick ? 1_000 : 3_000, run_ms: quick ? 2_500 : 10_000 });
    await rig.stop();
    const { done, elapsed_ms: elapsed, p50_ms, p99_ms } = result;
    return figures('send', subject, { in_flight }, {
      acked_per_s: (done / elapsed) * 1_000, p50_ms, p99_ms, cpu_us_per_send: cpu / done, load_cpu_pct: loadCpu / elapsed / 10,
    });
  } finally {
    rig.kill();
  }
}
