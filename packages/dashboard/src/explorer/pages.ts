/** Pages of a log by seq: what is asked for, and where the ones beside it begin. */

export interface LogPage {
  /** The facts after this seq are shown. */
  readonly afterSeq: number;
  /** Where the neighbours begin; undefined where there is none. */
  readonly older: number | undefined;
  readonly newer: number | undefined;
}

/**
 * @param wanted the seq after which the page begins, as the address says; NaN or undefined is the newest page
 * @param floorSeq up to it the log has been removed
 * @param size facts a page
 */
export function logPage(wanted: number | undefined, headSeq: number, floorSeq: number, size: number): LogPage {
  const newest = Math.max(floorSeq, headSeq - size);
  const asked = wanted === undefined || !Number.isSafeInteger(wanted) ? newest : wanted;
  const afterSeq = Math.min(Math.max(asked, floorSeq), newest);
  return { afterSeq, older: afterSeq > floorSeq ? Math.max(floorSeq, afterSeq - size) : undefined, newer: afterSeq < newest ? Math.min(newest, afterSeq + size) : undefined };
}
