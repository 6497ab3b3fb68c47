/** F5, whichever disk it is: what servers say while there is no room for data. */
import { until } from '@talaria/probe';
import { readAll, sendRefusal } from '../ask-server.js';
import { between, sleep } from '../clock.js';
import type { Rig } from '../rig.js';

/** How long a disk stays full. */
export const FULL_MS = { least: 1_500, most: 3_000 };

/** Goes on for some seconds. @param seen counts what was said and read @param problems gets what should not have been @param told_ms how long a server may take to notice */
export async function holdFull(rig: Rig, seen: { refused: number; reads: number }, problems: string[], told_ms: number): Promise<void> {
  if (await until(async () => await sendRefusal(rig) === 'insufficient_storage', told_ms)) seen.refused += 1;
  else problems.push(`a send to a full disk is refused as ${await sendRefusal(rig) || 'nothing at all'}`);
  seen.reads += await readAll(rig);
  await sleep(between(FULL_MS.least, FULL_MS.most));
  seen.reads += await readAll(rig);
}
