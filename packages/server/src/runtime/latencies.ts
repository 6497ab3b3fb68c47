/** How long something took, counted in fixed buckets: adding is a look and a plain number. */

/** Upper ends, in ms. What took longer than the last goes into a bucket of its own. */
export const LATENCY_ENDS_MS: readonly number[] = [
  0.1, 0.15, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100, 150, 200, 300, 500, 700, 1_000, 1_500, 2_000, 3_000, 5_000, 10_000,
];
export const LATENCY_BUCKETS = LATENCY_ENDS_MS.length + 1;

export class Latencies {
  readonly counts = new Float64Array(LATENCY_BUCKETS);

  add(ms: number): void {
    let low = 0;
    let high = LATENCY_ENDS_MS.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (ms <= LATENCY_ENDS_MS[middle]!) high = middle;
      else low = middle + 1;
    }
    this.counts[low]! += 1;
  }
}

/**
 * @param counts of each bucket
 * @param part from 0 to 1
 * @returns ms, inside the bucket by its share; null when nothing was counted
 */
export function percentile(counts: ArrayLike<number>, part: number): number | null {
  let total = 0;
  for (let at = 0; at < counts.length; at += 1) total += counts[at]!;
  if (total === 0) return null;
  let left = total * part;
  for (let at = 0; at < LATENCY_ENDS_MS.length; at += 1) {
    const count = counts[at]!;
    const from = at === 0 ? 0 : LATENCY_ENDS_MS[at - 1]!;
    if (left <= count && count > 0) return from + (LATENCY_ENDS_MS[at]! - from) * (left / count);
    left -= count;
  }
  return LATENCY_ENDS_MS.at(-1)!;
}
