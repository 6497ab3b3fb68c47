/** F1: the server is killed at random moments, and started again on what it has left. */
import { between, sleep } from '../clock.js';
import type { Fault } from '../fault.js';
import { rounds } from '../rounds.js';

const HELD_MS = 400;

/** @param before is given the data directory between the kill and the start: only tests of this command do anything there */
export function crash(before: (dataDirectory: string) => void = () => undefined): Fault {
  return {
    id: 'F1',
    topologies: ['single', 'cluster'],
    name: 'server killed (kill -9)',
    async play(rig, endMs) {
      const duplicates = (await rig.state()).duplicates;
      await rounds(endMs, 2, async (at) => {
        rig.show(`${at} kills so far`);
        await sleep(between(200, 2_000));
        // In every second round answers do not arrive any more: what is committed then is known to the server only.
        if (at % 2 === 1) {
          rig.proxy.hold();
          await sleep(between(50, HELD_MS));
        }
        await rig.inject('server.kill', () => rig.kill());
        if (at % 2 === 1) rig.proxy.cut();
        before(rig.dataDirectory);
        await rig.restart();
        await rig.goesOn();
      });
      const committed_unacked = (await rig.state()).duplicates - duplicates;
      return { problems: committed_unacked === 0 ? ['no kill came between a commit and its ack'] : [], figures: { committed_unacked } };
    },
  };
}
