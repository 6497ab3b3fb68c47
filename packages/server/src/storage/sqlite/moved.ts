/** RES5: a log that has moved to another database goes on there, and takes nothing here any more. */
import { ProtocolError } from '@talaria/protocol';
import type { Database } from 'better-sqlite3';

/** Whoever sends again is answered by the database that the log has moved to, once a server runs on it. */
const RETRY_MS = 1_000;

const MOVED_TO = 'SELECT moved_to FROM store WHERE id = 1';

/** Where the log has moved to; null when it has not. @param db with the newest schema */
export function movedTo(db: Database): string | null {
  return db.prepare<[], { moved_to: string | null }>(MOVED_TO).get()?.moved_to ?? null;
}

/**
 * Asked inside of each writing transaction: the process that moves the log away is another one than the server.
 *
 * @returns throws ProtocolError, retryable, once the log has moved
 */
export function createMovedCheck(db: Database): () => void {
  const find = db.prepare<[], { moved_to: string | null }>(MOVED_TO);
  return () => {
    if ((find.get()?.moved_to ?? null) !== null) throw new ProtocolError('unavailable', 'The data have moved to another database.', { retryAfterMs: RETRY_MS });
  };
}
