import { ProtocolError } from '@talaria/protocol';
import type { RefusalData } from '../command.js';
import { ConstraintError } from './constraints.js';

/** What a failure means to whoever sent the command: the same words as any database of Talaria has. */
export function refusalFor(error: unknown): RefusalData {
  if (error instanceof ProtocolError) {
    return {
      code: error.code, message: error.message,
      ...(error.field === undefined ? {} : { field: error.field }), ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
    };
  }
  if (error instanceof ConstraintError) return { code: 'invalid_argument', message: 'The database does not take these values.' };
  return { code: 'internal', message: 'The server made an error.' };
}
