import type { AppendOutcome, MarkOutcome } from '../command.js';
import type { Storage } from '../port.js';
import { CALLS, type AnyCall, type Calls } from './calls.js';

export type Outcome = AppendOutcome | MarkOutcome;
export type Refused = Extract<Outcome, { ok: false }>;

/** A database that may not be there. */
export interface Guarded {
  readonly current: Storage | undefined;
  readonly full: boolean;
  ask<T>(run: (storage: Storage) => Promise<T>): Promise<T>;
  /** @param refused told before the answer when it has not been asked */
  outcome<T extends Outcome>(run: (storage: Storage) => Promise<T>, refused?: () => void): Promise<T | Refused>;
  close(): Promise<void>;
}

/** All calls of the port, through a guard. @param used told of each */
export function facadeOf(guarded: Guarded, used: () => void): Storage {
  const call = (name: keyof Calls): [string, AnyCall] => [name, (...args) => {
    used();
    return guarded.ask((storage) => (storage[name] as AnyCall)(...args));
  }];
  return {
    ...Object.fromEntries(CALLS.map(call)) as unknown as Calls,
    driver: 'postgres',
    append(command, lane) {
      used();
      // SND4: who waits keeps the place in its lane.
      const turn = guarded.current ? undefined : lane.take();
      return guarded.outcome((storage) => storage.append(command, lane), () => lane.block(command.clientId, turn));
    },
    mark(update) {
      used();
      return guarded.outcome((storage) => storage.mark(update));
    },
    full: (app) => guarded.current?.full(app) ?? guarded.full,
    commits: () => guarded.current?.commits() ?? { count: 0, ms: 0 },
    ready: () => guarded.current?.ready() ?? false,
    stop: () => guarded.close(),
  };
}
