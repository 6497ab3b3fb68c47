/** F3 in a cluster: the power of Postgres fails, and the nodes live. */
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { between, sleep } from '../clock.js';
import { cutPower, makeDisk, nextDisk } from '../disk.js';
import { freezeFamily, killFamily } from '../family.js';
import type { Part } from '../fault.js';
import { rounds } from '../rounds.js';
import { unsound } from '../talaria.js';

const CANARY = Buffer.alloc(4_096, 'not synced ');

export const postgresPower: Part = {
  backing: (scene) => ({ postgres: { data: join(makeDisk(scene).directory, 'data') } }),
  async play(rig, endMs) {
    const { scene, backing } = rig;
    const problems: string[] = [];
    let unsynced_lost = 0;
    await rounds(endMs, 2, async (at) => {
      rig.show(`${at} power cuts so far`);
      await sleep(between(500, 2_500));
      let canary = '';
      await rig.inject('postgres.power_cut', async () => {
        const { pid } = backing.postgres.process!;
        await freezeFamily(pid);
        canary = writeCanary(join(scene.directory, 'disk', `canary-${at}`));
        cutPower(scene, at);
        killFamily(pid);
        await backing.postgres.process!.ended;
      });
      nextDisk(scene, at);
      if (hasCanary(canary)) problems.push('the power cut took nothing away that was not synced, so it was none');
      else unsynced_lost += 1;
      await backing.postgres.restart();
      await rig.goesOn();
      problems.push(...await unsound(rig, 'after a power cut'));
    });
    return { problems, figures: { unsynced_lost } };
  },
};

/** Written, and left where a power cut finds it. */
function writeCanary(file: string): string {
  const fd = openSync(file, 'w');
  try {
    writeSync(fd, CANARY);
  } finally {
    closeSync(fd);
  }
  return file;
}

function hasCanary(file: string): boolean {
  try {
    return readFileSync(file).equals(CANARY);
  } catch {
    return false;
  }
}
