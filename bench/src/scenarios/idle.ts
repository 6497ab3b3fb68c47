/** What a connection costs that does nothing but follow. */
import { scenario } from './scenario.js';

const CLIENTS = 5_000;
/** So many clients share their rooms, as members of the same groups do. */
const GROUP = 100;

export const idle = scenario('idle', ['talaria', 'raw-uws', 'socketio'], ({ quick }) => [0, 20, 200].map((following) => {
  const clients = quick ? CLIENTS / 5 : CLIENTS;
  return {
    params: { clients, following },
    async measure(rig) {
      const groups = Array.from({ length: clients / GROUP }, (_, group) => Array.from({ length: GROUP }, (_member, at) => group * GROUP + at));
      await rig.prepare({ clients, senders: 0, rooms: groups.flatMap((members) => Array.from({ length: following }, () => members)) });
      const before = await rig.serverMemory();
      await rig.connect(0, clients);
      return { kb_per_connection: (await rig.serverMemory() - before) / clients / 1_024 };
    },
  };
}));
