import { ProtocolError } from '@talaria/protocol';
import type { RefusalData } from '../command.js';
import { refusalData } from '../refusal-data.js';

const RETRY_MS = 500;

/** What a failure of SQLite means to whoever sent the command. Only data errors are final. */
export function refusalFor(error: unknown): RefusalData {
  if (error instanceof ProtocolError) return refusalData(error);
  const code = sqliteCode(error);
  if (code === 'SQLITE_FULL') return { code: 'insufficient_storage', message: 'The disk of the server is full.', retryAfterMs: RETRY_MS * 4 };
  if (code.startsWith('SQLITE_CONSTRAINT') || code === 'SQLITE_TOOBIG' || code === 'SQLITE_MISMATCH') {
    return { code: 'invalid_argument', message: 'The database does not take these values.' };
  }
  if (code !== '') return { code: 'unavailable', message: 'The database cannot write at the moment.', retryAfterMs: RETRY_MS };
  return { code: 'internal', message: 'The server made an error.' };
}

/** Whether the connection itself can no longer be trusted: what the disk holds is unknown until it is opened again. */
export function isIoError(error: unknown): boolean {
  return /^SQLITE_(IOERR|CORRUPT|NOTADB|CANTOPEN|PROTOCOL)/.test(sqliteCode(error));
}

/** SQLite's own code, as in `SQLITE_BUSY`; empty when the error is not one of SQLite's. */
export function sqliteCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('SQLITE_') ? error.code : '';
}
