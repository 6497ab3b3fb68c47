/** Seeded randomness. Each part of a run rolls dice of its own, so that one more roll in one part changes no other. */
export interface Dice {
  /** From 0 up to but without 1. */
  fraction(): number;
  /** A whole number from 0 up to but without `end`. */
  below(end: number): number;
  between(least: number, most: number): number;
  chance(probability: number): boolean;
  pick<T>(list: readonly T[]): T;
  fill(bytes: Uint8Array): void;
  /** Other dice, which this seed and the name alone decide. */
  named(name: string): Dice;
}

/** @param seed any text */
export function createDice(seed: string): Dice {
  const next = sfc32(hashOf(seed));
  const fraction = (): number => next() / 2 ** 32;
  const below = (end: number): number => Math.floor(fraction() * end);
  return {
    fraction, below,
    between: (least, most) => least + fraction() * (most - least),
    chance: (probability) => fraction() < probability,
    pick: (list) => list[below(list.length)]!,
    fill(bytes) {
      for (let at = 0; at < bytes.length; at += 1) bytes[at] = next() & 0xff;
    },
    named: (name) => createDice(`${seed}/${name}`),
  };
}

/** Four words from a text (FNV-1a with four starts). */
function hashOf(text: string): [number, number, number, number] {
  return [0x811c9dc5, 0x01000193, 0x9e3779b9, 0x85ebca6b].map((start) => {
    let hash = start;
    for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
    return hash >>> 0;
  }) as [number, number, number, number];
}

/** SFC32, of PractRand by Chris Doty-Humphrey: 32 bits a call. */
function sfc32([a, b, c, d]: [number, number, number, number]): () => number {
  const next = (): number => {
    const t = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return t >>> 0;
  };
  // What the seed's words have in common is gone after a few rounds.
  for (let round = 0; round < 16; round += 1) next();
  return next;
}
