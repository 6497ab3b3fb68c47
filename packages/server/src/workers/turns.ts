/** Work that is done again and again: one turn at a time, however often it is asked for. */
import type { Clock } from '../runtime/clock.js';

export interface Turns {
  run(): void;
  /** Does the work now, or waits for the turn that is under way. */
  turn(): Promise<void>;
  /** No turn begins after it; it waits for the one that is under way. */
  stop(): Promise<void>;
}

/**
 * @param every_ms between two turns, by `run`
 * @param work never rejects when it is run by the clock: nobody would hear of it
 */
export function createTurns(clock: Clock, every_ms: number, work: () => Promise<void>): Turns {
  let cancel: (() => void) | undefined;
  let current: Promise<void> | undefined;

  function turn(): Promise<void> {
    current ??= work().finally(() => {
      current = undefined;
    });
    return current;
  }

  return {
    run() {
      cancel = clock.every(every_ms, () => void turn());
    },
    turn,
    async stop() {
      cancel?.();
      await current;
    },
  };
}
