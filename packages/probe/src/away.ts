/** How long clients were away, as counts in steps that grow: small enough to be asked for all the time. */

const LEAST_MS = 10;
const STEP = 1.25;
const STEPS = 64;

const stepOf = (ms: number): number => Math.min(STEPS - 1, Math.max(0, Math.ceil(Math.log(ms / LEAST_MS) / Math.log(STEP))));

export class Away {
  readonly counts: number[] = Array.from({ length: STEPS }, () => 0);
  private sinceMs: number | undefined;

  /** @param nowMs a clock that only goes forward */
  constructor(private readonly nowMs: () => number) {}

  left(): void {
    this.sinceMs ??= this.nowMs();
  }

  back(): void {
    if (this.sinceMs === undefined) return;
    this.counts[stepOf(this.nowMs() - this.sinceMs)]! += 1;
    this.sinceMs = undefined;
  }
}

/** Of several clients. */
export function addAway(all: readonly (readonly number[])[]): number[] {
  return Array.from({ length: STEPS }, (_, step) => all.reduce((sum, counts) => sum + (counts[step] ?? 0), 0));
}

/** The time that a share of the absences did not exceed, to a quarter; 0 when there was none. @param share from 0 to 1 */
export function awayMs(counts: readonly number[], share: number): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  let left = total * share;
  const step = counts.findIndex((count) => (left -= count) <= 0);
  return total === 0 ? 0 : Math.round(LEAST_MS * STEP ** step);
}
