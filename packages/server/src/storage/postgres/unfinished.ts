import type { Line } from './line.js';

/** Whether a move into the database has begun and has not come to its end. */
export async function isBeingFilled(line: Line): Promise<boolean> {
  const { count } = await line.query("SELECT 1 FROM pg_tables WHERE schemaname = current_schema() AND tablename = 'transfer_progress'");
  return count > 0;
}

/** RES5: of one log there is one database that is written. @throws Error with one sentence while a move into this one has not ended */
export async function refuseUnfinished(line: Line): Promise<void> {
  if (await isBeingFilled(line)) throw new Error('a move into it has not come to its end; run the same talaria move again');
}
