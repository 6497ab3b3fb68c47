/** F4: the disk fails every fsync for a while. */
import { until } from '@talaria/probe';
import { readiness, sendRefusal } from '../ask-server.js';
import { between, sleep } from '../clock.js';
import { onBoth, type Part } from '../fault.js';
import { rounds } from '../rounds.js';
import { noSyncFaults, syncFaults } from '../sync-faults.js';
import { noTraces } from '../traced-syncs.js';
import { postgresFsync } from './f4-postgres.js';

const FAIL_MS = { least: 2_000, most: 4_000 };
/** Acks that were on their way when it began arrive within this time. */
const SETTLE_MS = 300;
const TOLD_MS = 10_000;

const fileFsync: Part = {
  rig: (scene) => ({ env: syncFaults(scene).env }),
  async play(rig, endMs) {
    const problems: string[] = [];
    const seen = { refused: 0, not_ready: 0 };
    await rounds(endMs, 2, async (at) => {
      rig.show(`fsync has failed ${at} times so far`);
      await sleep(between(200, 1_500));
      let begun: Promise<void> | undefined;
      await rig.inject('fsync.error', () => {
        // Its own thread takes the order: one that is stopped takes it when it goes on.
        begun = syncFaults(rig.scene).fail(rig.server.pid);
      });
      await begun;
      await sleep(SETTLE_MS);
      const before = await rig.state();
      if (await sendRefusal(rig) === 'unavailable') seen.refused += 1;
      if (await until(async () => await readiness(rig) === 503, TOLD_MS)) seen.not_ready += 1;
      await sleep(between(FAIL_MS.least, FAIL_MS.most));
      const after = await rig.state();
      if (after.pending === 0) problems.push('nothing waited for an fsync');
      if (after.acked > before.acked) problems.push(`${after.acked - before.acked} commands were acked while no fsync succeeded`);
      await syncFaults(rig.scene).succeed(rig.server.pid);
      await rig.goesOn();
    });
    if (seen.refused === 0) problems.push('no send was refused as unavailable while no fsync succeeded');
    if (seen.not_ready === 0) problems.push('the server never said that it was not ready');
    return { problems, figures: { refused_sends: seen.refused, not_ready: seen.not_ready } };
  },
};

export const fsyncError = onBoth({ id: 'F4', name: 'fsync error', prepare: (topology) => Promise.resolve(topology === 'single' ? noSyncFaults() : noTraces()) }, { single: fileFsync, cluster: postgresFsync });
