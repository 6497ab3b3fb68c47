/** Ids as the tables keep them: 16 bytes. The prefix comes back from the column's meaning. */
import { formatId, fromBase32, isUserStream, ProtocolError, type IdKind } from '@talaria/protocol';

const CACHE_MAX = 20_000;

export interface IdCodec {
  /** @param id a shown id of any kind */
  bytes(id: string): Buffer;
  text(kind: IdKind, bytes: Buffer): string;
}

/** Keeps the last few thousand conversions: apps, streams and users repeat all the time. */
export function createIdCodec(): IdCodec {
  const known = new Map<string, Buffer>();
  return {
    bytes(id) {
      const hit = known.get(id);
      if (hit) return hit;
      const buffer = parse(id);
      if (known.size >= CACHE_MAX) known.clear();
      known.set(id, buffer);
      return buffer;
    },
    text: (kind, bytes) => formatId(kind, bytes),
  };
}

function parse(id: string): Buffer {
  const bytes = id.charAt(1) === '_' ? fromBase32(id.slice(2)) : undefined;
  if (bytes?.length !== 16) throw new ProtocolError('invalid_argument', 'That is not a well-formed id.');
  // A copy, which shares its memory with others: 16 bytes of their own would take 200.
  return Buffer.from(bytes);
}

/** A conversation's stream or a user's. */
export function streamKind(stream: string): 'c' | 'u' {
  return isUserStream(stream) ? 'u' : 'c';
}

export function streamIdKind(kind: string): 'conversation' | 'user' {
  return kind === 'u' ? 'user' : 'conversation';
}
