/** F5: the disk is full. */
import { until } from '@talaria/probe';
import type { Scene } from '@talaria/probe/harness';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { readAll, sendRefusal } from '../ask-server.js';
import { between, sleep } from '../clock.js';
import { onBoth, type Part } from '../fault.js';
import { fill } from '../fill.js';
import { rounds } from '../rounds.js';
import { mount, noMounts } from '../system.js';
import { postgresFull } from './f5-postgres.js';

const SIZE = '64m';
const FULL_MS = { least: 1_500, most: 3_000 };
const TOLD_MS = 10_000;

const smallDisk = (scene: Scene): string => join(scene.directory, 'small');

const fileFull: Part = {
  rig(scene) {
    mount(scene, smallDisk(scene), ['-t', 'tmpfs', '-o', `size=${SIZE}`, 'tmpfs']);
    return { data: join(smallDisk(scene), 'data') };
  },
  async play(rig, endMs) {
    const ballast = join(smallDisk(rig.scene), 'ballast');
    const problems: string[] = [];
    const seen = { refused: 0, reads: 0 };
    await rounds(endMs, 2, async (at) => {
      rig.show(`the disk was full ${at} times so far`);
      await sleep(between(200, 1_500));
      await rig.inject('disk.full', () => fill(ballast));
      if (await until(async () => await sendRefusal(rig) === 'insufficient_storage', TOLD_MS)) seen.refused += 1;
      else problems.push(`a send to a full disk is refused as ${await sendRefusal(rig) || 'nothing at all'}`);
      seen.reads += await readAll(rig);
      await sleep(between(FULL_MS.least, FULL_MS.most));
      seen.reads += await readAll(rig);
      rmSync(ballast);
      await rig.goesOn();
    });
    return { problems, figures: { refused_rounds: seen.refused, reads_while_full: seen.reads } };
  },
};

export const diskFull = onBoth({ id: 'F5', name: 'disk full', prepare: () => Promise.resolve(noMounts()) }, { single: fileFull, cluster: postgresFull });
