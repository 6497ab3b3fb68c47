/** F5: the disk is full. */
import type { Scene } from '@talaria/probe/harness';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { between, sleep } from '../clock.js';
import { onBoth, type Part } from '../fault.js';
import { fill } from '../fill.js';
import { rounds } from '../rounds.js';
import { mount, noMounts } from '../system.js';
import { holdFull } from './f5-held.js';
import { postgresFull } from './f5-postgres.js';

const SIZE = '64m';
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
      await holdFull(rig, seen, problems, TOLD_MS);
      rmSync(ballast);
      await rig.goesOn();
    });
    return { problems, figures: { refused_rounds: seen.refused, reads_while_full: seen.reads } };
  },
};

export const diskFull = onBoth({ id: 'F5', name: 'disk full', prepare: () => Promise.resolve(noMounts()) }, { single: fileFull, cluster: postgresFull });
