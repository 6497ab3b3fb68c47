/** F9: commands arrive, and their answers do not. */
import { between, sleep } from '../clock.js';
import type { Fault } from '../fault.js';
import { rounds } from '../rounds.js';

export const ackLost: Fault = {
  id: 'F9',
  topologies: ['single', 'cluster'],
  name: 'ack lost',
  async play(rig, endMs) {
    const before = (await rig.state()).duplicates;
    await rounds(endMs, 3, async (at) => {
      rig.show(`answers lost ${at} times so far`);
      await sleep(between(200, 1_000));
      rig.proxy.set({ down: { kind: 'swallow', after_bytes: Math.floor(between(0, 2_000)) } });
      await sleep(between(200, 600));
      await rig.inject('answers.lost', () => void rig.proxy.cut());
      await rig.goesOn();
    });
    const answered_again = (await rig.state()).duplicates - before;
    return { problems: answered_again === 0 ? ['no command was answered as done before, so no ack was lost'] : [], figures: { answered_again } };
  },
};
