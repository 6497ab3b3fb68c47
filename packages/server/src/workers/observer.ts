/** Looks at this node once a second, for the series of its numbers, and for what an operator should hear of: the log says so, once for each time it begins. */
import type { Counts } from '../domain/counts.js';
import { readProgress } from '../domain/insight/consumers.js';
import type { Cancel, Clock } from '../runtime/clock.js';
import { errorFields, type Log } from '../runtime/log.js';
import type { LoopLag } from '../runtime/loop-lag.js';
import type { Storage } from '../storage/port.js';
import { createStats, SAMPLE_MS, type Stats } from './stats.js';

export interface Disk {
  readonly freeBytes: number;
  readonly totalBytes: number;
}

export interface ObserverParts {
  readonly storage: Storage;
  readonly clock: Clock;
  readonly log: Log;
  readonly counts: Counts;
  readonly ready: () => boolean;
  readonly connections: () => number;
  readonly memoryBytes: () => number;
  readonly loopLag: LoopLag;
  /** How far the search index is behind; undefined without one. */
  readonly searchLagMs: (() => number) | undefined;
  /** Of the data directory; undefined when nobody knows. */
  readonly disk: (() => Promise<Disk>) | undefined;
}

/** The event loop stands still for everybody. */
export const STALL_MS = 500;
/** A consumer that is so far behind has a problem: they all look once a second, but for previews that nobody wants. */
export const BEHIND_MS = 180_000;
export const PROGRESS_EVERY_MS = 10_000;
const DISK_EVERY_MS = 60_000;
/** Less than a part of the disk, or than this, is little. */
const FREE_PART_MIN = 0.05;
const FREE_BYTES_MIN = 536_870_912;

export interface Observer {
  readonly stats: Stats;
  run(): void;
  /** One look. `run` does so by the clock. */
  look(): void;
  /** Waits for what is being read. */
  stop(): Promise<void>;
}

export function createObserver(parts: ObserverParts): Observer {
  const { storage, clock, log, counts, loopLag } = parts;
  const lags = new Map<string, number>();
  const behind = new Set<string>();
  let loopLagMs = 0;
  let lookedMs = clock.monotonic();
  let storageBytes: number | null = null;
  let wasReady = true;
  let nearlyFull = false;
  let slowBefore = counts.slow;
  let progressAtMs = Number.NEGATIVE_INFINITY;
  let diskAtMs = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | undefined;
  let cancel: Cancel | undefined;

  const stats = createStats(clock, {
    counts, connections: parts.connections, commits: () => storage.commits(), loopLagMs: () => loopLagMs, memoryBytes: parts.memoryBytes, storageBytes: () => storageBytes, lags: () => lags,
  });

  function look(): void {
    const nowMs = clock.monotonic();
    // What kept this very look waiting is not measured by then.
    loopLagMs = Math.max(loopLag.takeMs(), nowMs - lookedMs - SAMPLE_MS, 0);
    lookedMs = nowMs;
    if (loopLagMs >= STALL_MS) log.warn('loop.stalled', { late_ms: Math.round(loopLagMs) });
    tellReady(parts.ready());
    stats.sample();
    if (nowMs - progressAtMs < PROGRESS_EVERY_MS) return;
    progressAtMs = nowMs;
    tellSlow();
    reading ??= read(nowMs).catch((error: unknown) => log.warn('observer.failed', errorFields(error))).finally(() => {
      reading = undefined;
    });
  }

  function tellReady(ready: boolean): void {
    if (ready === wasReady) return;
    wasReady = ready;
    if (ready) log.info('node.ready');
    else log.warn('node.not_ready', { storage: storage.ready() });
  }

  function tellSlow(): void {
    if (counts.slow > slowBefore) log.warn('connection.slow', { connections: counts.slow - slowBefore, during_s: PROGRESS_EVERY_MS / 1_000 });
    slowBefore = counts.slow;
  }

  async function read(nowMs: number): Promise<void> {
    for (const { name, lagMs } of await readProgress(storage, false, clock.now())) lags.set(name, lagMs);
    if (parts.searchLagMs) lags.set('search', Math.round(parts.searchLagMs()));
    for (const [name, lagMs] of lags) tellBehind(name, lagMs);
    if (nowMs - diskAtMs < DISK_EVERY_MS) return;
    diskAtMs = nowMs;
    storageBytes = await storage.bytes();
    if (parts.disk) tellDisk(await parts.disk());
  }

  function tellBehind(consumer: string, lagMs: number): void {
    if (lagMs >= BEHIND_MS) {
      if (!behind.has(consumer)) log.warn('consumer.behind', { consumer, lag_ms: lagMs });
      behind.add(consumer);
    } else if (behind.delete(consumer)) log.info('consumer.caught_up', { consumer });
  }

  function tellDisk({ freeBytes, totalBytes }: Disk): void {
    const little = freeBytes < Math.max(totalBytes * FREE_PART_MIN, FREE_BYTES_MIN);
    if (little === nearlyFull) return;
    nearlyFull = little;
    if (little) log.warn('disk.nearly_full', { free_bytes: freeBytes, total_bytes: totalBytes });
    else log.info('disk.has_room', { free_bytes: freeBytes, total_bytes: totalBytes });
  }

  return {
    stats, look,
    run() {
      cancel = clock.every(SAMPLE_MS, look);
    },
    async stop() {
      cancel?.();
      loopLag.stop();
      await reading;
    },
  };
}
