/** Acked durable sends through a node on Postgres, beside one insert a message into the same server. */
import { connectSenders, scenario, throughput } from './scenario.js';

const SENDERS = 16;

export const postgresSend = scenario('postgres-send', ['talaria-postgres', 'socketio-postgres'], ({ quick }) => (quick ? [512] : [1, 512]).map((in_flight) => ({
  params: { in_flight },
  rounds: quick ? 1 : 3,
  async measure(rig) {
    const senders = Math.min(SENDERS, in_flight);
    await connectSenders(rig, senders);
    const before = await rig.stored();
    const sends = await rig.measure({ kind: 'send', senders, in_flight, warm_ms: quick ? 1_500 : 3_000, run_ms: quick ? 3_000 : 8_000 });
    const after = await rig.stored();
    const messages = after.messages - before.messages;
    return {
      ...throughput(sends, 'acked', 'send'), bytes_per_message: (after.bytes - before.bytes) / messages, wal_bytes_per_message: (after.wal_bytes - before.wal_bytes) / messages,
    };
  },
})));
