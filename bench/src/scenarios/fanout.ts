/** One conversation that many follow. */
import { scenario, throughput } from './scenario.js';

/** Messages that are not with everybody yet. */
const IN_FLIGHT = 2;

export const fanout = scenario('fanout', ['talaria', 'raw-uws', 'socketio'], ({ quick }) => [500, 5_000].map((followers) => ({
  params: { followers },
  async measure(rig) {
    await rig.prepare({ clients: followers + 1, senders: 1, rooms: [Array.from({ length: followers }, (_, at) => at + 1)] });
    await rig.connect(0, followers + 1);
    const times = { warm_ms: quick ? 1_000 : 3_000, run_ms: quick ? 2_500 : 10_000 };
    return throughput(await rig.measure({ kind: 'fanout', followers, in_flight: IN_FLIGHT, ...times }), 'deliveries', 'delivery');
  },
})));
