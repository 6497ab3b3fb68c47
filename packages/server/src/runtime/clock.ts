/** Time, passed in, so that limits are tested on a clock that the test moves. */
export interface Clock {
  /** Whole milliseconds since 1970. Informs; order is always seq. */
  now(): number;
  /** Monotone milliseconds, with a fraction, from a beginning of its own: for spans. */
  monotonic(): number;
  /** Calls back once after `ms`, unless cancelled. */
  after(ms: number, callback: () => void): Cancel;
  /** Calls back every `ms`, unless cancelled. */
  every(ms: number, callback: () => void): Cancel;
}

export type Cancel = () => void;

/** The machine's clock. Its timers do not keep the process alive. */
export function systemClock(): Clock {
  return {
    now: Date.now,
    monotonic: () => performance.now(),
    after(ms, callback) {
      const timer = setTimeout(callback, ms);
      timer.unref();
      return () => clearTimeout(timer);
    },
    every(ms, callback) {
      const timer = setInterval(callback, ms);
      timer.unref();
      return () => clearInterval(timer);
    },
  };
}
