/** What a send and a delivery cost when they are spread over more nodes. The nodes share the machine, so that their rate cannot grow with them. */
import { sleep } from '../clock.js';
import { scenario, throughput } from './scenario.js';

/** Divides by every number of nodes, so that all nodes have as many senders. */
const SENDERS = 18;
/** In each of the rooms; they come one after the other, and so to as many nodes as there are. */
const FOLLOWERS = 3;
const ROOMS = 16;
/** Of one more room, in all. */
const MANY = 900;
/** Unanswered sends a node: each is as busy as the one of the cluster of one. */
const IN_FLIGHT_PER_NODE = 256;
const DELIVERING = 2;
const SETTLE_MS = 1_000;

export const cluster = scenario('cluster', ['talaria-cluster'], ({ quick }) => [1, 2, 3].map((nodes) => ({
  params: { nodes },
  rounds: quick ? 1 : 3,
  async measure(rig) {
    const from = (first: number, length: number): number[] => Array.from({ length }, (_, at) => SENDERS + first + at);
    const rooms = [...Array.from({ length: ROOMS }, (_, room) => from(room * FOLLOWERS, FOLLOWERS)), from(0, MANY)];
    await rig.prepare({ clients: SENDERS + MANY, senders: SENDERS, rooms }, nodes);
    await rig.connect(0, SENDERS + MANY);
    // Nodes that share the machine take longer until their code is compiled.
    const times = { warm_ms: (quick ? 1_500 : 4_000) * nodes, run_ms: quick ? 3_000 : 8_000 };
    const sends = await rig.measure({ kind: 'send', senders: SENDERS, in_flight: IN_FLIGHT_PER_NODE * nodes, rooms: ROOMS, ...times });
    // What is on its way from these is not to be counted with those.
    await sleep(SETTLE_MS);
    const deliveries = await rig.measure({ kind: 'fanout', followers: MANY, room: ROOMS, in_flight: DELIVERING, ...times });
    const { deliveries_per_s, cpu_us_per_delivery } = throughput(deliveries, 'deliveries', 'delivery');
    return { ...throughput(sends, 'acked', 'send'), deliveries_per_s: deliveries_per_s!, cpu_us_per_delivery: cpu_us_per_delivery! };
  },
})));
