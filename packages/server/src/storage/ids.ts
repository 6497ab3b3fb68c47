import { fromBase32, isUserStream, ProtocolError } from '@talaria/protocol';

/**
 * The 16 bytes of a shown id of any kind. What reads them back knows the kind from the column.
 *
 * @throws ProtocolError invalid_argument
 */
export function idBytes(id: string): Uint8Array {
  const bytes = id.charAt(1) === '_' ? fromBase32(id.slice(2)) : undefined;
  if (bytes?.length !== 16) throw new ProtocolError('invalid_argument', 'That is not a well-formed id.');
  return bytes;
}

/** A conversation's stream or a user's. */
export function streamKind(stream: string): 'c' | 'u' {
  return isUserStream(stream) ? 'u' : 'c';
}

export function streamIdKind(kind: string): 'conversation' | 'user' {
  return kind === 'u' ? 'user' : 'conversation';
}
