/** What a connection costs that does nothing but follow. */
import { scenario } from './scenario.js';

const CLIENTS = 5_000;
/** These bring in code and caches that the others share. */
const FIRST = 1_000;
/** So many clients share their rooms, as members of the same groups do. */
const GROUP = 100;

export const idle = scenario('idle', ['talaria', 'raw-uws', 'socketio'], ({ quick }) => (quick ? [20] : [0, 20, 200]).map((following) => ({
  params: { clients: CLIENTS, following },
  async measure(rig) {
    const groups = Array.from({ length: CLIENTS / GROUP }, (_, group) => Array.from({ length: GROUP }, (_member, at) => group * GROUP + at));
    await rig.prepare({ clients: CLIENTS, senders: 0, rooms: groups.flatMap((members) => Array.from({ length: following }, () => members)) });
    // To make users and rooms takes memory, too, which would then be there for the connections.
    if (rig.subject === 'talaria') {
      await rig.stop();
      await rig.startAgain();
    }
    await rig.connect(0, FIRST);
    const before = await rig.serverMemory();
    await rig.connect(FIRST, CLIENTS);
    return { kb_per_connection: (await rig.serverMemory() - before) / (CLIENTS - FIRST) / 1_024 };
  },
})));
