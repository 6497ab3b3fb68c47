/** Exponential backoff with full jitter (AWS Architecture Blog, "Exponential Backoff And Jitter"), from the first attempt on (RES7). */
export interface BackoffBounds {
  readonly base_ms: number;
  readonly max_ms: number;
}

/** @param attempt 0 for the first */
export function backoffMs(attempt: number, bounds: BackoffBounds, fraction: number): number {
  return Math.floor(fraction * Math.min(bounds.max_ms, bounds.base_ms * 2 ** Math.min(attempt, 30)));
}
