import { randomFillSync } from 'node:crypto';
import { createUuid7, formatId, uuidText, type IdKind } from '@talaria/protocol';

/** Randomness, passed in, so that a simulation can replay it. */
export interface Random {
  fill(bytes: Uint8Array): void;
  /** From 0 up to but without 1. */
  fraction(): number;
}

const POOL_BYTES = 8_192;
/** A request above this takes its own bytes, and leaves the pool to the small ones. */
const POOLED_BYTES_MAX = 64;

/** The operating system's randomness. It is fetched in larger pieces, because each fetch costs more than an id. */
export function systemRandom(): Random {
  const pool = Buffer.alloc(POOL_BYTES);
  let used = POOL_BYTES;
  return {
    fill(bytes) {
      if (bytes.length > POOLED_BYTES_MAX) {
        randomFillSync(bytes);
        return;
      }
      if (used + bytes.length > POOL_BYTES) {
        randomFillSync(pool);
        used = 0;
      }
      for (let at = 0; at < bytes.length; at += 1) {
        bytes[at] = pool[used]!;
        // What was given out is not kept.
        pool[used] = 0;
        used += 1;
      }
    },
    fraction: Math.random,
  };
}

export interface IdSource {
  id(kind: IdKind): string;
  /** A UUIDv7 in text form, as clients use for commands. */
  uuid(): string;
}

export function createIdSource(now: () => number, random: Random): IdSource {
  const next = createUuid7({ now, fill: (bytes) => random.fill(bytes) });
  return { id: (kind) => formatId(kind, next()), uuid: () => uuidText(next()) };
}
