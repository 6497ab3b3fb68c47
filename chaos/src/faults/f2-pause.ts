/** F2: the server stands still for a while, as a machine does that swaps or is moved. */
import { between, sleep } from '../clock.js';
import type { Fault } from '../fault.js';
import { rounds } from '../rounds.js';

const PAUSE_MS = { least: 5_000, most: 15_000 };

export const pause: Fault = {
  id: 'F2',
  topologies: ['single', 'cluster'],
  name: 'server paused (SIGSTOP)',
  async play(rig, endMs) {
    const before = (await rig.state()).lostConnections;
    await rounds(endMs, 1, async (at) => {
      rig.show(`${at} pauses so far`);
      await sleep(between(200, 1_000));
      await rig.inject('server.pause', () => sleep(between(PAUSE_MS.least, PAUSE_MS.most)));
      await rig.goesOn();
    });
    const lost_connections = (await rig.state()).lostConnections - before;
    // A client that waits for a server that says nothing would wait for ever.
    return { problems: lost_connections === 0 ? ['no client has noticed that the server stood still'] : [], figures: { lost_connections } };
  },
};
