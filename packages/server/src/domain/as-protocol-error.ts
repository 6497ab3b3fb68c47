import { ProtocolError } from '@talaria/protocol';

/** Anything thrown as a refusal; what is not ours is `internal`. */
export function asProtocolError(error: unknown): ProtocolError {
  return error instanceof ProtocolError ? error : new ProtocolError('internal', undefined, { cause: error });
}

/** Whether the operator must hear of it: an error of the server itself, or of what it stands on. */
export const isFault = (error: ProtocolError): boolean => error.code === 'internal' || (error.code === 'unavailable' && error.cause !== undefined);
