/** Many small conversations that go on at the same time, at a pace of their own. */
import { scenario, throughput } from './scenario.js';

const CONVERSATIONS = 1_000;
const MEMBERS = 10;
/** Every client is in ten conversations, with other people in each: between two members of one lie this many others. */
const APART = 97;
const PER_S = CONVERSATIONS;

export const many = scenario('many', ['talaria', 'socketio-sqlite', 'socketio', 'raw-uws'], ({ quick }) => [{
  params: { conversations: CONVERSATIONS, members: MEMBERS },
  rounds: quick ? 1 : 3,
  async measure(rig) {
    const rooms = Array.from({ length: CONVERSATIONS }, (_, room) => Array.from({ length: MEMBERS }, (_member, at) => (room + at * APART) % CONVERSATIONS));
    await rig.prepare({ clients: CONVERSATIONS, senders: 0, rooms });
    await rig.connect(0, CONVERSATIONS);
    const times = { warm_ms: quick ? 1_500 : 3_000, run_ms: quick ? 5_000 : 12_000 };
    return throughput(await rig.measure({ kind: 'many', senders: rooms.map(([first]) => first!), members: MEMBERS, per_s: PER_S, ...times }), 'acked', 'send');
  },
}]);
