/** F4, whichever disk it is: what servers say while no fsync succeeds. */
import { until } from '@talaria/probe';
import { readiness, sendRefusal } from '../ask-server.js';
import { between, sleep } from '../clock.js';
import type { Rig } from '../rig.js';

const FAIL_MS = { least: 2_000, most: 4_000 };
/** Acks that were on their way when it began arrive within this time. */
const SETTLE_MS = 300;
const TOLD_MS = 10_000;

/** Goes on for some seconds. @param seen counts what was said @param problems gets what should not have been */
export async function holdWithoutSync(rig: Rig, seen: { refused: number; not_ready: number }, problems: string[]): Promise<void> {
  await sleep(SETTLE_MS);
  const before = await rig.state();
  if (await sendRefusal(rig) === 'unavailable') seen.refused += 1;
  if (await until(async () => await readiness(rig) === 503, TOLD_MS)) seen.not_ready += 1;
  await sleep(between(FAIL_MS.least, FAIL_MS.most));
  const after = await rig.state();
  if (after.pending === 0) problems.push('nothing waited for an fsync');
  if (after.acked > before.acked) problems.push(`${after.acked - before.acked} commands were acked while no fsync succeeded`);
}
