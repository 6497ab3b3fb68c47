import type { Cancel, Clock } from '../../src/runtime/clock.js';

export interface ManualClock extends Clock {
  /** Timers fire when their time has come. */
  advance(ms: number): void;
  /** The wall clock alone jumps, forward or back. */
  jump(ms: number): void;
}

/** Of its own beginning, and never whole: whoever mixes the two clocks is to find out here. */
const MONOTONIC_FROM_MS = 1_000.625;

/** A clock that only the test moves. */
export function manualClock(): ManualClock {
  const startMs = Date.now();
  let nowMs = startMs;
  let jumpedMs = 0;
  let next = 1;
  const timers = new Map<number, { atMs: number; readonly everyMs: number | undefined; readonly callback: () => void }>();
  const add = (ms: number, everyMs: number | undefined, callback: () => void): Cancel => {
    const id = next++;
    timers.set(id, { atMs: nowMs + ms, everyMs, callback });
    return () => void timers.delete(id);
  };
  return {
    now: () => nowMs + jumpedMs, monotonic: () => nowMs - startMs + MONOTONIC_FROM_MS,
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
