/** What has a time: scheduled messages, messages that disappear, polls that close, approvals that did not come. */
import { runDue } from '../domain/due/run-due.js';
import type { Domain } from '../domain/domain.js';
import type { Clock } from '../runtime/clock.js';
import { errorFields, type Log } from '../runtime/log.js';
import type { Storage } from '../storage/port.js';
import { createTroubles, type Troubles } from './troubles.js';
import { createTurns, type Turns } from './turns.js';

export interface DueBounds {
  readonly poll_ms: number;
  readonly lease_ms: number;
  /** Entries that are read at once. */
  readonly batch_max: number;
}

export const defaultDueBounds: DueBounds = { poll_ms: 1_000, lease_ms: 5_000, batch_max: 100 };

export interface DueWorker extends Turns {
  /** When something will be due that this worker knows of; null when nothing waits. */
  readonly nextMs: number | null;
}

/**
 * One node does it at a time, by a lease; two that overlap do nothing twice, because each command's id is made of what is due.
 *
 * @param storage whose entries; the commands go through the domain, which finds the way to it
 * @param owner who this process is, unique among all nodes
 */
export function createDueWorker(domain: Domain, storage: Storage, clock: Clock, log: Log, owner: string, bounds: DueBounds = defaultDueBounds, troubles: Troubles = createTroubles(clock)): DueWorker {
  let nextMs: number | null = null;

  async function work(): Promise<void> {
    for (;;) {
      const due = await storage.due(clock.now(), bounds.batch_max);
      ({ nextMs } = due);
      // The lease is asked for only when there is work: most of the time nothing is due.
      if (due.items.length === 0 || !await storage.lease('due', owner, clock.now(), bounds.lease_ms)) return;
      const done = await Promise.allSettled(due.items.map((entry) => runDue(domain, entry)));
      const failed = done.find((one) => one.status === 'rejected');
      if (failed) throw failed.reason;
      if (due.items.length < bounds.batch_max) return;
    }
  }

  return {
    ...createTurns(clock, bounds.poll_ms, () => work().then(() => troubles.worked('due'), (error: unknown) => {
      troubles.failed('due', error);
      log.warn('due.unavailable', errorFields(error));
    })),
    get nextMs() {
      return nextMs;
    },
  };
}
