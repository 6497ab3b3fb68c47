const FIRST_MS = 250;
const LONGEST_MS = 10_000;

/**
 * How long to wait before a worker is started again, so that one that cannot live does not keep the machine busy.
 *
 * @param failures how often in a row it has ended soon, from 1
 * @param fraction random, from 0 up to but without 1
 * @returns from half of a bound that doubles, 250 ms to 10 s, up to all of it
 */
export function restartDelayMs(failures: number, fraction: number): number {
  const bound = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures - 1, 16));
  return Math.round(bound * (0.5 + fraction / 2));
}
