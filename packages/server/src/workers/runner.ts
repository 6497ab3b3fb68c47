/** One runner for every consumer of the log: a lease, a cursor, retries, dead letters. */
import type { Clock } from '../runtime/clock.js';
import { errorFields, type Log } from '../runtime/log.js';
import type { Lease, Storage } from '../storage/port.js';
import { createTroubles, type Troubles } from './troubles.js';
import { createTurns, type Turns } from './turns.js';

/** What a consumer has read of the log, and up to where. */
export interface Batch {
  readonly position: number;
  /** There is more behind it now. What comes later waits for the next poll: else each new fact would be a turn of its own. */
  readonly more: boolean;
}

export interface Consumer<Read extends Batch> {
  readonly name: string;
  /** Facts handed over at once. */
  readonly batch_max: number;
  /** What it needs of the next facts; null when there are none. */
  read(position: number, limit: number): Promise<Read | null>;
  /**
   * Does the work of a batch and commits it together with the cursor, in one transaction.
   *
   * @returns false when the lease is not held any more: somebody else goes on
   */
  handle(batch: Read, lease: Lease): Promise<boolean>;
}

export interface RunnerBounds {
  readonly lease_ms: number;
  readonly poll_ms: number;
  /** Tries of a batch, then of each fact alone, before it becomes a dead letter. */
  readonly attempts_max: number;
  readonly backoff_ms: number;
}

export const defaultRunnerBounds: RunnerBounds = { lease_ms: 5_000, poll_ms: 1_000, attempts_max: 5, backoff_ms: 200 };

/**
 * Runs one consumer. Only the holder of the lease works; its writes carry the lease's fence, so that a holder who was
 * asleep cannot write over its successor.
 *
 * @param owner who this process is, unique among all nodes
 * @param troubles hears what fails
 */
export function createRunner<Read extends Batch>(
  storage: Storage, clock: Clock, log: Log, consumer: Consumer<Read>, owner: string, bounds: RunnerBounds = defaultRunnerBounds, troubles: Troubles = createTroubles(clock),
): Turns {
  let attempts = 0;
  let waitUntilMs = 0;

  async function work(): Promise<void> {
    if (clock.monotonic() < waitUntilMs) return;
    let lease = await storage.lease(consumer.name, owner, clock.now(), bounds.lease_ms);
    while (lease) {
      const batch = await consumer.read(lease.position, consumer.batch_max);
      if (!batch || !await handleBatch(batch, lease) || !batch.more) return;
      lease = await storage.lease(consumer.name, owner, clock.now(), bounds.lease_ms);
    }
  }

  async function handleBatch(batch: Read, lease: Lease): Promise<boolean> {
    try {
      const held = await consumer.handle(batch, lease);
      attempts = 0;
      troubles.worked(consumer.name);
      return held;
    } catch (error) {
      attempts += 1;
      troubles.failed(consumer.name, error);
      log.warn('consumer.failed', { consumer: consumer.name, attempts, ...errorFields(error) });
      waitUntilMs = clock.monotonic() + bounds.backoff_ms * 2 ** attempts;
      if (attempts < bounds.attempts_max) return false;
      attempts = 0;
      return handleAlone(lease, batch.position);
    }
  }

  /** A batch that fails again and again holds one fact that does: it goes to the dead letters, the others do not. */
  async function handleAlone(lease: Lease, lastPosition: number): Promise<boolean> {
    let { position } = lease;
    while (position < lastPosition) {
      const one = await consumer.read(position, 1);
      if (!one) return true;
      try {
        if (!await consumer.handle(one, lease)) return false;
      } catch (error) {
        if (!await giveUp(position, lease, error)) return false;
      }
      ({ position } = one);
    }
    return true;
  }

  async function giveUp(position: number, lease: Lease, error: unknown): Promise<boolean> {
    const [fact] = await storage.factsAfterPosition(position, 1);
    if (!fact) return true;
    await storage.addDeadLetter({
      name: consumer.name, position: fact.position, app: fact.app, stream: fact.stream, seq: fact.seq, timeMs: clock.now(),
      error: error instanceof Error ? error.message : String(error),
    });
    log.error('consumer.dead_letter', { consumer: consumer.name, app: fact.app, stream: fact.stream, seq: fact.seq });
    return storage.commitProgress(lease, fact.position, []);
  }

  return createTurns(clock, bounds.poll_ms, () => work().catch((error: unknown) => {
    troubles.failed(consumer.name, error);
    log.warn('consumer.unavailable', { consumer: consumer.name, ...errorFields(error) });
  }));
}
