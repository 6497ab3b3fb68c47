/** F17: an old backup is restored under clients that know more than it holds; and files that are no database of Talaria's. */
import { judge, readHistory, verdictLine } from '@talaria/checker';
import Database from 'better-sqlite3';
import { copyFileSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { sleep } from '../clock.js';
import type { Fault } from '../fault.js';
import type { Rig } from '../rig.js';
import { badFiles } from './f17-files.js';

const WORK_MS = 2_000;
const HELD_MS = 300;

export const restored: Fault = {
  id: 'F17',
  topologies: ['single'],
  name: 'old backup, bad files',
  async play(rig, endMs) {
    const { historyDir, scene } = rig.options;
    const backup = join(scene.directory, 'backup.db');
    const half = Math.max(WORK_MS, (endMs - performance.now()) / 2);
    await sleep(half);
    await backUp(join(rig.dataDirectory, 'talaria.db'), backup);
    await sleep(half);
    // What was acked behind the backup is lost with it: that is what a restore means. So the history up to here is judged alone.
    await rig.quiet();
    const problems = await judgeSoFar(rig, historyDir);
    await rig.turn(historyDir);
    rig.proxy.hold();
    rig.work();
    await sleep(HELD_MS);
    await rig.inject('backup.restored', async () => {
      await rig.kill();
      restore(backup, join(rig.dataDirectory, 'talaria.db'));
    });
    await rig.restart();
    await rig.goesOn();
    const { resyncs, probes } = await rig.state();
    const followed = rig.stages.flatMap(({ users }) => users).reduce((sum, { conversations }) => sum + conversations.length, 0);
    if (resyncs < followed) problems.push(`of ${followed} conversations that clients follow, ${resyncs} were said to be another log`);
    const files = await badFiles(scene, backup);
    return { problems: [...problems, ...files.problems], figures: { clients: probes, followed, resyncs, ...files.figures } };
  },
  afterwards: goneOn,
};

/** Cursors of the old log that went on in the restored one as if it were the same: what lies below them there was never seen (RES5). */
function goneOn(historyDir: string): string[] {
  const [before, after] = [readHistory(join(historyDir, 'before')), readHistory(historyDir)];
  return after.walks.filter(({ observer, steps }) => observer === 'consumer' && steps.length > 0).flatMap(({ client, stream, afterSeq }) => {
    const [was, is] = [before, after].map(({ streams }) => streams.get(stream)?.bySeq.get(afterSeq)?.event_id);
    return was === is ? [] : [`${client.client} has gone on in ${stream} behind seq ${afterSeq}, which is another fact now`];
  });
}

/** As an operator does it, while the server runs. */
async function backUp(file: string, to: string): Promise<void> {
  const db = new Database(file, { readonly: true });
  try {
    await db.backup(to);
  } finally {
    db.close();
  }
}

function restore(backup: string, file: string): void {
  for (const part of ['-wal', '-shm']) rmSync(`${file}${part}`, { force: true });
  copyFileSync(backup, file);
}

/** Puts the history so far aside, in `before`, and judges it. @returns what is wrong with it */
async function judgeSoFar(rig: Rig, historyDir: string): Promise<string[]> {
  await rig.dumpLogs(historyDir);
  const before = join(historyDir, 'before');
  mkdirSync(before);
  for (const name of readdirSync(historyDir)) if (name.endsWith('.ndjson')) renameSync(join(historyDir, name), join(before, name));
  const verdict = judge(before);
  return verdict.verdict === 'ok' ? [] : [`before the restore: ${verdictLine(verdict)}`];
}
