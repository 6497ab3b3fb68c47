/** An old backup under clients that know more than it holds: what is the same whatever database it is of. */
import { judge, readHistory, verdictLine } from '@talaria/checker';
import { until } from '@talaria/probe';
import { mkdirSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { sleep } from '../clock.js';
import type { Told } from '../fault.js';
import type { Rig } from '../rig.js';

const WORK_MS = 2_000;
const HELD_MS = 300;
const TOLD_MS = 20_000;

/** What an operator does. */
export interface Operator {
  /** Whether the restored log says that it is another one (a new epoch, RES5): then clients are told once; otherwise in each conversation. */
  readonly newEpoch: boolean;
  /** Makes a backup, while everybody works. */
  backUp(): Promise<void>;
  /** Ends the servers, and puts the backup in the place of the database. */
  restore(): Promise<void>;
  restart(): Promise<void>;
  /** Starts servers on databases that they must refuse. */
  refusals(): Promise<Told>;
}

/** Takes a backup, works on, and goes back to it. @param endMs by `performance.now` */
export async function oldBackup(rig: Rig, endMs: number, operator: Operator): Promise<Told> {
  const { historyDir } = rig.options;
  const half = Math.max(WORK_MS, (endMs - performance.now()) / 2);
  await sleep(half);
  await operator.backUp();
  await sleep(half);
  // What was acked behind the backup is lost with it: that is what a restore means. So the history up to here is judged alone.
  await rig.quiet();
  const problems = await judgeSoFar(rig, historyDir);
  await rig.turn(historyDir);
  rig.proxy.hold();
  rig.work();
  await sleep(HELD_MS);
  await rig.inject('backup.restored', () => operator.restore());
  await operator.restart();
  await rig.goesOn();
  const followed = rig.stages.flatMap(({ users }) => users).reduce((sum, { conversations }) => sum + conversations.length, 0);
  const wanted = operator.newEpoch ? (await rig.state()).probes : followed;
  // One by one, when clients are connected already.
  await until(async () => (await rig.state()).resyncs >= wanted, TOLD_MS);
  const { resyncs, probes } = await rig.state();
  if (resyncs < wanted) problems.push(`clients were told ${resyncs} times that the log is another one, not ${wanted} times`);
  const refusals = await operator.refusals();
  return { problems: [...problems, ...refusals.problems], figures: { clients: probes, followed, resyncs, ...refusals.figures } };
}

/** Cursors of the old log that went on in the restored one as if it were the same: what lies below them there was never seen (RES5). */
export function goneOn(historyDir: string): string[] {
  const [before, after] = [readHistory(join(historyDir, 'before')), readHistory(historyDir)];
  return after.walks.filter(({ observer, steps }) => observer === 'consumer' && steps.length > 0).flatMap(({ client, stream, afterSeq }) => {
    const [was, is] = [before, after].map(({ streams }) => streams.get(stream)?.bySeq.get(afterSeq)?.event_id);
    return was === is ? [] : [`${client.client} has gone on in ${stream} behind seq ${afterSeq}, which is another fact now`];
  });
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
