import type { Cancel, Clock } from '../../src/runtime/clock.js';

export interface ManualClock extends Clock {
  /** Timers fire when their time has come. */
  advance(ms: number): void;
  /** The wall clock alone jumps, forward or back. */
  jump(ms: number): void;
}

/** A clock that only the test moves. */
export function manualClock(): ManualClock {
  let nowMs = Date.now();
  let jumpedMs = 0;
  let next = 1;
  const timers = new Map<number, { atMs: number; readonly everyMs: number | undefined; readonly callback: () => void }>();
  const add = (ms: number, everyMs: number | undefined, callback: () => void): Cancel => {
    const id = next++;
    timers.set(id, { atMs: nowMs + ms, everyMs, callback });
    return () => void timers.delete(id);
  };
  return {
    now: () => nowMs + jumpedMs, monotonic: () => nowMs,
    after: (ms, callback) => add(ms, undefined, callback),
    every: (ms, callback) => add(ms, ms, callback),
    jump(ms) {
      jumpedMs += ms;
    },
    advance(ms) {
      nowMs += ms;
      for (const [id, timer] of [...timers]) {
        if (timer.atMs > nowMs) continue;
        if (timer.everyMs === undefined) timers.delete(id);
        else timer.atMs = nowMs + timer.everyMs;
        timer.callback();
      }
    },
  };
}
