/** The `talaria` command, as an operator uses it on the database of a cluster. */
import { runToEnd, talariaBinary, type Ended } from '@talaria/probe/harness';
import type { Rig } from './rig.js';

const COMMAND_MS = 120_000;

/** @param env beside the database and the secret of the cluster */
export function talaria(rig: Rig, words: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  const { url, secret } = rig.backing;
  const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('TALARIA_')));
  return runToEnd(process.execPath, [talariaBinary(import.meta.url), ...words], COMMAND_MS, { cwd: rig.scene.directory, env: { ...own, TALARIA_DATABASE_URL: url, TALARIA_SECRET: secret, ...env } });
}

/** What `talaria verify` finds wrong with the database of a cluster. @param when words before each problem */
export async function unsound(rig: Rig, when: string): Promise<string[]> {
  const { code, lines, err } = await talaria(rig, ['verify']);
  return code === 0 ? [] : [`${when} the database is damaged: ${(err || lines.join(' ')).trim().split('\n')[0]}`];
}
