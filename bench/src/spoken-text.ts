/** Texts in which words are as frequent as in speech: the n-th word about 1/n of the first. The same number always gives the same text. */

const VOCABULARY = 50_000;
const WORDS_MIN = 5;
const WORDS_MAX = 24;
const SYLLABLES = ['ba', 'ce', 'di', 'fo', 'gu', 'ha', 'je', 'ki', 'lo', 'mu', 'na', 'pe', 'ri', 'so', 'tu', 'va', 'we', 'xi', 'yo', 'zu'] as const;

/** @param rank 0 for the most frequent */
export function spokenWord(rank: number): string {
  let word = '';
  let rest = rank + 1;
  while (rest > 0) {
    word += SYLLABLES[rest % SYLLABLES.length]!;
    rest = Math.floor(rest / SYLLABLES.length);
  }
  return word;
}

/** Numbers from 0 to 1 that follow from a seed (mulberry32). */
export function dice(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The rank of a word as it comes in speech. */
export const spokenRank = (roll: () => number): number => Math.min(VOCABULARY - 1, Math.floor(VOCABULARY ** roll()) - 1);

export function spokenText(number: number): string {
  const roll = dice(number);
  return Array.from({ length: WORDS_MIN + Math.floor(roll() * (WORDS_MAX - WORDS_MIN)) }, () => spokenWord(spokenRank(roll))).join(' ');
}
