/** Who keeps a Postgres running: what has stopped is started again, and what does not answer is killed before. */
import { until } from '@talaria/probe';
import { killFamily } from './family.js';
import type { Rig } from './rig.js';

const ANSWER_MS = 6_000;

/** Postgres answers when this resolves. @returns whether it had to be started @throws Error with its last words when it does not start */
export async function keepPostgres(rig: Rig): Promise<boolean> {
  const { postgres } = rig.backing;
  if (await until(() => answers(rig), ANSWER_MS)) return false;
  killFamily(postgres.process!.pid);
  await postgres.restart();
  return true;
}

const answers = (rig: Rig): Promise<boolean> => rig.backing.session((sql) => sql`SELECT 1`.then(() => true)).catch(() => false);
