/**
 * So much longer is each wait than the one before, at most. A server that is started again is away for a second or two:
 * with twice as long, one client of a hundred would come back seconds after it.
 */
const GROWTH = 1.5;

/** Exponential backoff with full jitter (AWS Architecture Blog, "Exponential Backoff And Jitter"), from the first attempt on (RES7). */
export interface BackoffBounds {
  readonly base_ms: number;
  readonly max_ms: number;
}

/** @param attempt 0 for the first */
export function backoffMs(attempt: number, bounds: BackoffBounds, fraction: number): number {
  return Math.floor(fraction * Math.min(bounds.max_ms, bounds.base_ms * GROWTH ** Math.min(attempt, 50)));
}
