/** A range of seqs, both ends included. */
export interface Interval {
  readonly from: number;
  readonly to: number;
}

/** What of `within` none of the `taken` intervals covers, in ascending order. `taken` may overlap, in any order. */
export function uncovered(within: Interval, taken: readonly Interval[]): Interval[] {
  const left: Interval[] = [];
  let next = within.from;
  for (const { from, to } of taken.toSorted((a, b) => a.from - b.from)) {
    if (next > within.to) break;
    if (from > next) left.push({ from: next, to: Math.min(from - 1, within.to) });
    next = Math.max(next, to + 1);
  }
  if (next <= within.to) left.push({ from: next, to: within.to });
  return left;
}

/** What two intervals share, or undefined. */
export function overlap(a: Interval, b: Interval): Interval | undefined {
  const from = Math.max(a.from, b.from);
  const to = Math.min(a.to, b.to);
  return from <= to ? { from, to } : undefined;
}

/** `5`, or `5..7`. */
export function seqs({ from, to }: Interval): string {
  return from === to ? `${from}` : `${from}..${to}`;
}
