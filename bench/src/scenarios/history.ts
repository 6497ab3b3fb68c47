/** Pages of history, backwards through a conversation. */
import { scenario, throughput } from './scenario.js';

const CLIENTS = 16;
const MESSAGES = 10_000;
const FILL_IN_FLIGHT = 512;

export const history = scenario('history', ['talaria', 'socketio-sqlite'], ({ quick }) => [1, CLIENTS].map((in_flight) => ({
  params: { messages: MESSAGES, in_flight },
  async measure(rig) {
    // Clients that send follow nothing: they read, and nothing else comes to them.
    await rig.prepare({ clients: in_flight, senders: in_flight, rooms: [[]] });
    await rig.connect(0, in_flight);
    await rig.measure({ kind: 'fill', messages: MESSAGES, rooms: 1, in_flight: FILL_IN_FLIGHT });
    const times = { warm_ms: quick ? 1_000 : 2_000, run_ms: quick ? 2_500 : 10_000 };
    return throughput(await rig.measure({ kind: 'pages', walk: 'backwards', rooms: 1, messages_per_room: MESSAGES, ...times }), 'pages', 'page');
  },
})));
