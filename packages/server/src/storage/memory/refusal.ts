import { ProtocolError } from '@talaria/protocol';
import type { RefusalData } from '../command.js';
import { refusalData } from '../refusal-data.js';
import { ConstraintError } from './constraints.js';

/** What a failure means to whoever sent the command: the same words as any database of Talaria has. */
export function refusalFor(error: unknown): RefusalData {
  if (error instanceof ProtocolError) return refusalData(error);
  if (error instanceof ConstraintError) return { code: 'invalid_argument', message: 'The database does not take these values.' };
  return { code: 'internal', message: 'The server made an error.' };
}
