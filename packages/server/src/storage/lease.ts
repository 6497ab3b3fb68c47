/** Leases of consumers, whose ends are written down by the wall clocks of those who hold them. */

/** Wall clocks of nodes are no further apart than this. One that is, is wrong. */
const CLOCKS_APART_MS = 60_000;

/** A lease that ends behind this moment was written by a clock that is wrong: it would keep everybody else off until then. @param ttlMs for how long leases hold */
export const latestLeaseEnd = (nowMs: number, ttlMs: number): number => nowMs + ttlMs + CLOCKS_APART_MS;

/** Whether a lease that ends then is held at this moment. The fence keeps a holder out that has lost it. */
export const isHeld = (untilMs: number, nowMs: number, ttlMs: number): boolean => untilMs > nowMs && untilMs <= latestLeaseEnd(nowMs, ttlMs);
