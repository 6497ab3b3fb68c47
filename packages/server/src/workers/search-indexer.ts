/** Brings the search index of a log to its end, step by step. Several nodes may try: the storage lets one at a time. */
import type { Clock } from '../runtime/clock.js';
import { errorFields, type Log } from '../runtime/log.js';
import type { Storage } from '../storage/port.js';
import { createTroubles, type Troubles } from './troubles.js';
import { createTurns, type Turns } from './turns.js';

export interface SearchIndexer extends Turns {
  /** What has become of the index, as this node last saw it. */
  seen(): { readonly indexed: number; readonly lagMs: number };
}

export interface IndexerBounds {
  readonly poll_ms: number;
  /** Facts of one step. Questions wait for it to end. */
  readonly batch_max: number;
  /** Entries that are looked at each time, for those whose messages are gone (VIS5). */
  readonly sweep_max: number;
  readonly sweep_ms: number;
  readonly backoff_max_ms: number;
}

export const defaultIndexerBounds: IndexerBounds = { poll_ms: 1_000, batch_max: 500, sweep_max: 5_000, sweep_ms: 10_000, backoff_max_ms: 60_000 };

export function createSearchIndexer(storage: Pick<Storage, 'indexMessages'>, clock: Clock, log: Log, bounds: IndexerBounds = defaultIndexerBounds, troubles: Troubles = createTroubles(clock)): SearchIndexer {
  let stopped = false;
  let failures = 0;
  let waitUntilMs = 0;
  let sweptMs = clock.monotonic();
  let indexed = 0;
  /** When the first fact came that is not in the index, by the clock that only goes forward; null when there is none. */
  let behindSinceMs: number | null = null;

  async function work(): Promise<void> {
    if (clock.monotonic() < waitUntilMs) return;
    for (;;) {
      const progress = await storage.indexMessages({ nowMs: clock.now(), limit: bounds.batch_max, sweep: sweepNow() });
      indexed += progress.indexed;
      behindSinceMs = progress.behindMs === 0 ? null : clock.monotonic() - progress.behindMs;
      failures = 0;
      troubles.worked('search');
      if (!progress.more || stopped) return;
    }
  }

  function sweepNow(): number {
    if (clock.monotonic() - sweptMs < bounds.sweep_ms) return 0;
    sweptMs = clock.monotonic();
    return bounds.sweep_max;
  }

  /** What fails is tried again, after longer and longer: everything else goes on without an index. */
  function failed(error: unknown): void {
    failures += 1;
    waitUntilMs = clock.monotonic() + Math.min(bounds.backoff_max_ms, bounds.poll_ms * 2 ** failures);
    troubles.failed('search', error);
    log.warn('search.failed', { failures, ...errorFields(error) });
  }

  const turns = createTurns(clock, bounds.poll_ms, () => work().catch(failed));
  return {
    ...turns,
    seen: () => ({ indexed, lagMs: behindSinceMs === null ? 0 : Math.max(0, clock.monotonic() - behindSinceMs) }),
    stop() {
      stopped = true;
      return turns.stop();
    },
  };
}
