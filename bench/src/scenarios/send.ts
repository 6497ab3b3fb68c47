/** Acked durable sends, with two followers. */
import { connectSenders, scenario, throughput } from './scenario.js';

const SENDERS = 16;

export const send = scenario('send', ['talaria', 'talaria-search', 'socketio-sqlite', 'socketio', 'raw-uws'], ({ quick }) => [1, 16, 512].map((in_flight) => ({
  params: { in_flight },
  ...(quick && in_flight === 16 ? { subjects: ['talaria', 'talaria-search', 'socketio-sqlite'] } : {}),
  rounds: quick ? 1 : 3,
  async measure(rig) {
    const senders = Math.min(SENDERS, in_flight);
    await connectSenders(rig, senders);
    return throughput(await rig.measure({ kind: 'send', senders, in_flight, warm_ms: quick ? 750 : 2_000, run_ms: quick ? 2_000 : 5_000 }), 'acked', 'send');
  },
})));
