import { randomFillSync } from 'node:crypto';
import { createUuid7, formatId, uuidText, type IdKind } from '@talaria/protocol';

/** Randomness, passed in, so that a simulation can replay it. */
export interface Random {
  fill(bytes: Uint8Array): void;
  /** From 0 up to but without 1. */
  fraction(): number;
}

export function systemRandom(): Random {
  return { fill: (bytes) => void randomFillSync(bytes), fraction: Math.random };
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
