import { ProtocolError } from '@talaria/protocol';

/** Anything thrown as a refusal; what is not ours is `internal`. */
export function asProtocolError(error: unknown): ProtocolError {
  return error instanceof ProtocolError ? error : new ProtocolError('internal', undefined, { cause: error });
}
