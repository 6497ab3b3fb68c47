/** F10: NATS is killed, started again, or stands still. */
import { between, sleep } from '../clock.js';
import type { Fault } from '../fault.js';
import { rounds } from '../rounds.js';

/** Longer than a node waits for an answer before it says that the bus is silent. */
const FROZEN_MS = 4_500;

export const natsDown: Fault = {
  id: 'F10',
  topologies: ['cluster'],
  name: 'NATS killed, frozen',
  async play(rig, endMs) {
    const { nats } = rig.backing;
    const problems: string[] = [];
    let without_bus = 0;
    await rounds(endMs, 2, async (at) => {
      rig.show(`NATS was away ${at} times so far`);
      await sleep(between(200, 1_500));
      const frozen = at % 2 === 1;
      await rig.inject(frozen ? 'nats.freeze' : 'nats.kill', () => nats.process!.signal(frozen ? 'SIGSTOP' : 'SIGKILL'));
      const acked = await rig.othersGoOn(frozen ? FROZEN_MS : between(500, 3_000));
      without_bus += acked;
      if (acked === 0) problems.push('nothing was acked while NATS was away');
      if (frozen) nats.process!.signal('SIGCONT');
      else await nats.restart();
      await rig.goesOn();
    });
    return { problems, figures: { acked_without_bus: without_bus } };
  },
};
