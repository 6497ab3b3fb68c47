import type { ProtocolError } from '@talaria/protocol';
import type { RefusalData } from './command.js';

/** A refusal as data. */
export function refusalData(error: ProtocolError): RefusalData {
  return {
    code: error.code, message: error.message,
    ...(error.field === undefined ? {} : { field: error.field }),
    ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
  };
}
