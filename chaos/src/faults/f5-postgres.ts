/**
 * F5 in a cluster. When the disk of the data is full, Postgres refuses what would need more of it, and nodes say so; reads go on. When
 * that of the write-ahead log is, Postgres panics, as it is made, and may stop: then nothing goes on until there is room and it is kept.
 */
import { until } from '@talaria/probe';
import type { Scene } from '@talaria/probe/harness';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { between, sleep } from '../clock.js';
import type { Part, Told } from '../fault.js';
import { fill } from '../fill.js';
import { keepPostgres } from '../keep-postgres.js';
import { rounds } from '../rounds.js';
import type { Rig } from '../rig.js';
import { mount } from '../system.js';
import { unsound } from '../talaria.js';
import { FULL_MS, holdFull } from './f5-held.js';

const DATA_SIZE = '512m';
const WAL_SIZE = '64m';
/** A small log is soon full, and is written anew soon. */
const SETTINGS = { max_wal_size: '8MB', min_wal_size: '2MB' };
const TOLD_MS = 15_000;
const PANIC_MS = 20_000;
const LOG_BYTES = 1_000_000;

const dataDisk = (scene: Scene): string => join(scene.directory, 'small-data');
const walDisk = (scene: Scene): string => join(scene.directory, 'small-wal');

export const postgresFull: Part = {
  backing(scene) {
    mount(scene, dataDisk(scene), ['-t', 'tmpfs', '-o', `size=${DATA_SIZE},mode=755`, 'tmpfs']);
    mount(scene, walDisk(scene), ['-t', 'tmpfs', '-o', `size=${WAL_SIZE},mode=755`, 'tmpfs']);
    return { postgres: { data: join(dataDisk(scene), 'data'), wal: join(walDisk(scene), 'wal'), wal_segment_mib: 1, settings: SETTINGS } };
  },
  async play(rig, endMs): Promise<Told> {
    const problems: string[] = [];
    const seen = { refused: 0, reads: 0, panics: 0, started: 0 };
    await rounds(endMs, 2, async (at) => {
      rig.show(`disks were full ${at} times so far`);
      await sleep(between(200, 1_500));
      if (at % 2 === 0) {
        const ballast = join(dataDisk(rig.scene), 'ballast');
        await rig.inject('postgres.data_full', () => fill(ballast));
        await holdFull(rig, seen, problems, TOLD_MS);
        rmSync(ballast);
      } else {
        const ballast = join(walDisk(rig.scene), 'ballast');
        await rig.inject('postgres.log_full', () => fill(ballast));
        if (await panicked(rig)) seen.panics += 1;
        else problems.push('the log of Postgres had no room, and it went on');
        await sleep(between(FULL_MS.least, FULL_MS.most));
        rmSync(ballast);
      }
      if (await keepPostgres(rig)) seen.started += 1;
      await rig.goesOn();
      problems.push(...await unsound(rig, 'after a full disk'));
    });
    return { problems, figures: { refused_rounds: seen.refused, reads_while_full: seen.reads, panics: seen.panics, postgres_started: seen.started } };
  },
};

/** Writes to the log until it has used up what it has. */
function panicked({ backing }: Rig): Promise<boolean> {
  const server = backing.postgres.process!;
  const count = (): number => server.output().split(/PANIC: .*No space left/).length;
  const before = count();
  return until(async () => {
    await backing.session((sql) => sql`SELECT pg_logical_emit_message(false, 'chaos', repeat('x', ${LOG_BYTES}::int)), pg_switch_wal()`).catch(() => undefined);
    return count() > before;
  }, PANIC_MS);
}
