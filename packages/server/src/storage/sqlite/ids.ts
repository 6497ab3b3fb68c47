/** Ids as the tables keep them: 16 bytes. The prefix comes back from the column's meaning. */
import { formatId, type IdKind } from '@talaria/protocol';
import { idBytes } from '../ids.js';

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
      // A copy, which shares its memory with others: 16 bytes of their own would take 200.
      const buffer = Buffer.from(idBytes(id));
      if (known.size >= CACHE_MAX) known.clear();
      known.set(id, buffer);
      return buffer;
    },
    text: (kind, bytes) => formatId(kind, bytes),
  };
}
