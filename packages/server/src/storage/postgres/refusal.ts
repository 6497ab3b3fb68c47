import { ProtocolError } from '@talaria/protocol';
import type { RefusalData } from '../command.js';
import { refusalData } from '../refusal-data.js';
import { ConnectionLostError } from './line.js';
import { NoConnectionError } from './lines.js';

const RETRY_MS = 500;

/** The server's SQLSTATE; empty when the error is not one of Postgres's own. */
export function sqlState(error: unknown): string {
  return error instanceof Error && error.name === 'PostgresError' && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

const LOCK_NOT_AVAILABLE = '55P03';
/** Serialization failure, deadlock, a key that somebody else has just taken. */
const CONFLICTS: ReadonlySet<string> = new Set(['40001', '40P01', '23505']);

/** Somebody was faster: the same again finds what they have done. */
export const isConflict = (error: unknown): boolean => CONFLICTS.has(sqlState(error));
/** A lock was not to be had in time. */
export const isLocked = (error: unknown): boolean => sqlState(error) === LOCK_NOT_AVAILABLE;
/** The values cannot be kept. */
export const isDataError = (error: unknown): boolean => /^2[23]/.test(sqlState(error)) || sqlState(error) === '54000';

/** What a failure of Postgres means to whoever sent the command. Only data errors are final. */
export function refusalFor(error: unknown): RefusalData {
  if (error instanceof ProtocolError) return refusalData(error);
  const state = sqlState(error);
  if (state === '53100') return { code: 'insufficient_storage', message: 'The disk of the database is full.', retryAfterMs: RETRY_MS * 4 };
  if (isDataError(error)) return { code: 'invalid_argument', message: 'The database does not take these values.' };
  if (error instanceof NoConnectionError) return { code: 'overloaded', message: 'The database has more to do than it can.', retryAfterMs: RETRY_MS };
  if (state !== '' || error instanceof ConnectionLostError) return { code: 'unavailable', message: 'The database does not answer at the moment.', retryAfterMs: RETRY_MS };
  return { code: 'internal', message: 'The server made an error.' };
}
