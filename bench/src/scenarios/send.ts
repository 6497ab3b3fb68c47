/** Acked durable sends, with two followers. */
import { scenario, throughput } from './scenario.js';

const SENDERS = 16;
const FOLLOWERS = 2;

export const send = scenario('send', ['talaria', 'socketio-sqlite', 'socketio', 'raw-uws'], ({ quick }) => [1, 16, 512].map((in_flight) => ({
  params: { in_flight },
  ...(quick && in_flight === 16 ? { subjects: ['talaria', 'socketio-sqlite'] } : {}),
  rounds: quick ? 1 : 3,
  async measure(rig) {
    const senders = Math.min(SENDERS, in_flight);
    const clients = senders + FOLLOWERS;
    await rig.prepare({ clients, senders, rooms: [Array.from({ length: FOLLOWERS }, (_, at) => senders + at)] });
    await rig.connect(0, clients);
    return throughput(await rig.measure({ kind: 'send', senders, in_flight, warm_ms: quick ? 750 : 2_000, run_ms: quick ? 2_000 : 5_000 }), 'acked', 'send');
  },
})));
