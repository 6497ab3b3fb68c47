/** Acked messages beside JetStream's acked publishes into a stream that it keeps in files. */
import { connectSenders, scenario, throughput } from './scenario.js';

const SENDERS = 16;

export const jetstream = scenario('jetstream', ['talaria', 'jetstream'], ({ quick }) => [64, 512].map((in_flight) => ({
  params: { in_flight },
  rounds: quick ? 1 : 3,
  async measure(rig) {
    await connectSenders(rig, SENDERS);
    return throughput(await rig.measure({ kind: 'send', senders: SENDERS, in_flight, warm_ms: quick ? 1_500 : 2_000, run_ms: quick ? 2_500 : 5_000 }), 'acked', 'send');
  },
})));
