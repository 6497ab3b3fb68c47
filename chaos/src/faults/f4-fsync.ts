/** F4: the disk fails every fsync for a while. */
import { between, sleep } from '../clock.js';
import { onBoth, type Part } from '../fault.js';
import { rounds } from '../rounds.js';
import { noSyncFaults, syncFaults } from '../sync-faults.js';
import { noTraces } from '../traced-syncs.js';
import { holdWithoutSync } from './f4-held.js';
import { postgresFsync } from './f4-postgres.js';

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
      await holdWithoutSync(rig, seen, problems);
      await syncFaults(rig.scene).succeed(rig.server.pid);
      await rig.goesOn();
    });
    if (seen.refused === 0) problems.push('no send was refused as unavailable while no fsync succeeded');
    if (seen.not_ready === 0) problems.push('the server never said that it was not ready');
    return { problems, figures: { refused_sends: seen.refused, not_ready: seen.not_ready } };
  },
};

export const fsyncError = onBoth({ id: 'F4', name: 'fsync error', prepare: (topology) => Promise.resolve(topology === 'single' ? noSyncFaults() : noTraces()) }, { single: fileFsync, cluster: postgresFsync });
