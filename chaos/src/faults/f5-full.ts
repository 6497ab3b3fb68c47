/** F5: the disk is full. */
import { until } from '@talaria/probe';
import type { Scene } from '@talaria/probe/harness';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { readAll, sendRefusal } from '../ask-server.js';
import { between, sleep } from '../clock.js';
import type { Fault } from '../fault.js';
import { rounds } from '../rounds.js';
import { mount, noMounts } from '../system.js';

const SIZE = '64m';
const FULL_MS = { least: 1_500, most: 3_000 };
const TOLD_MS = 10_000;
const CHUNK = Buffer.alloc(65_536, 'x');

const smallDisk = (scene: Scene): string => join(scene.directory, 'small');

export const diskFull: Fault = {
  id: 'F5',
  topologies: ['single'],
  name: 'disk full',
  prepare: () => Promise.resolve(noMounts()),
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

/** Writes until there is no room for a single byte more. */
function fill(file: string): void {
  const fd = openSync(file, 'w');
  try {
    for (let bytes = CHUNK.length; bytes > 0;) {
      try {
        writeSync(fd, CHUNK, 0, bytes);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
        bytes = Math.floor(bytes / 2);
      }
    }
  } finally {
    closeSync(fd);
  }
}
