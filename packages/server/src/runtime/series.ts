/** Numbers by time in memory that was taken once: a ring of steps, each with the same columns. */
export class Series {
  private readonly values: Float64Array;
  /** Which step a slot holds, counted from 1970; -1 for none. */
  private readonly steps: Float64Array;

  /**
   * @param step_s how long a step is
   * @param slots how many are kept
   * @param width columns of each
   */
  constructor(readonly step_s: number, private readonly slots: number, private readonly width: number) {
    this.values = new Float64Array(slots * width);
    this.steps = new Float64Array(slots).fill(-1);
  }

  /** The columns of the step that a moment falls into, to be added to. A new step begins with NaN in each: nothing is known. */
  at(nowMs: number): Float64Array {
    const step = this.stepOf(nowMs);
    const slot = step % this.slots;
    const columns = this.columns(slot);
    if (this.steps[slot] !== step) {
      this.steps[slot] = step;
      columns.fill(Number.NaN);
    }
    return columns;
  }

  /** Steps that are over, the oldest first: of the last `count`, those of which something is known. */
  last(nowMs: number, count: number): readonly { readonly atMs: number; readonly columns: Float64Array }[] {
    const current = this.stepOf(nowMs);
    const found: { atMs: number; columns: Float64Array }[] = [];
    for (let step = Math.max(0, current - Math.min(count, this.slots - 1)); step < current; step += 1) {
      const slot = step % this.slots;
      if (this.steps[slot] === step) found.push({ atMs: step * this.step_s * 1_000, columns: this.columns(slot) });
    }
    return found;
  }

  private stepOf(nowMs: number): number {
    return Math.floor(nowMs / (this.step_s * 1_000));
  }

  private columns(slot: number): Float64Array {
    return this.values.subarray(slot * this.width, (slot + 1) * this.width);
  }
}
