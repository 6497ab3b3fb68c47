import type { Domain } from '../domain/domain.js';
import { createPreviewedApps } from '../domain/previews/previewed-apps.js';
import { createPreviewer, type PreviewCounts } from '../domain/previews/previewer.js';
import type { Clock } from '../runtime/clock.js';
import type { Log } from '../runtime/log.js';
import type { SafeFetch } from '../runtime/safe-fetch.js';
import type { Storage } from '../storage/port.js';
import type { TenantLog } from '../storage/routed/tenant-log.js';
import { createDueWorker, defaultDueBounds } from './due.js';
import { createPreviewConsumer, createPreviewWorker } from './previews.js';
import { createRunner, defaultRunnerBounds } from './runner.js';
import { createSearchIndexer, defaultIndexerBounds, type SearchIndexer } from './search-indexer.js';
import { createTroubles, type Trouble } from './troubles.js';
import { createUsageConsumer } from './usage.js';

export interface Consumers {
  run(): void;
  /** Of the search indexes that this node sees: messages indexed by it, and how far the one furthest behind is. */
  search(): { readonly indexed: number; readonly lagMs: number };
  /** Of the pages that messages link to. */
  previews(): Readonly<PreviewCounts> & { readonly waiting: number };
  /** What failed here, of any database. */
  troubles(): readonly Trouble[];
  stop(): Promise<void>;
}

/** What works on one database. */
interface Crew {
  run(): void;
  /** When it has to be at work again; null when nothing waits. */
  readonly nextMs: number | null;
  readonly indexer: SearchIndexer | undefined;
  stop(): Promise<void>;
}

/** The longest that a timer can wait. */
const WAIT_MS_MAX = 2 ** 31 - 1;

/**
 * The consumers of every log, and what has a time: each database has their leases and cursors. A tenant's are at work while its database
 * is open on some node, which it is for minutes behind the last thing that was said. A node that closes one opens it again when something
 * there is due.
 *
 * @param owner who this process is, unique among all nodes
 * @param search whether messages are indexed
 * @param previewFetch asks the pages that messages link to; without it nobody does
 */
export function createConsumers(domain: Domain, clock: Clock, log: Log, owner: string, search: boolean, previewFetch: SafeFetch | undefined): Consumers {
  const { storage, databases } = domain;
  const previewed = previewFetch && { apps: createPreviewedApps(domain), previewer: createPreviewer(domain, previewFetch) };
  const troubles = createTroubles(clock);
  const own = crewOf(storage);
  const ofTenants = new Map<TenantLog, Crew>();
  const waiting = new Map<string, () => void>();
  /** By those whose databases are closed again: totals only grow. */
  let indexedBefore = 0;

  function crewOf(of: Storage): Crew {
    const usage = createRunner(of, clock, log, createUsageConsumer(of), owner, defaultRunnerBounds, troubles);
    const due = createDueWorker(domain, of, clock, log, owner, defaultDueBounds, troubles);
    const previews = previewed && createPreviewWorker(createRunner(of, clock, log, createPreviewConsumer(of, previewed.apps, previewed.previewer, clock), owner, defaultRunnerBounds, troubles), previewed.apps, clock);
    const indexer = search ? createSearchIndexer(of, clock, log, defaultIndexerBounds, troubles) : undefined;
    return {
      indexer,
      run() {
        usage.run();
        due.run();
        indexer?.run();
        previews?.run();
      },
      get nextMs() {
        return due.nextMs;
      },
      stop: async () => void await Promise.all([usage.stop(), due.stop(), indexer?.stop(), previews?.stop()]),
    };
  }

  /** Opens a tenant's database when something there is due: whoever asks it anything opens it. */
  function wake(tenant: string, atMs: number): void {
    waiting.get(tenant)?.();
    const delayMs = Math.min(Math.max(atMs - clock.now(), 0), WAIT_MS_MAX);
    waiting.set(tenant, clock.after(delayMs, () => {
      waiting.delete(tenant);
      databases?.storageOf(tenant).info().catch(() => wake(tenant, clock.now() + RETRY_MS));
    }));
  }

  const unlisten = databases?.listen({
    opened(tenant) {
      const crew = crewOf(tenant.storage);
      ofTenants.set(tenant, crew);
      crew.run();
    },
    closed(tenant) {
      const crew = ofTenants.get(tenant);
      if (!crew) return;
      ofTenants.delete(tenant);
      indexedBefore += crew.indexer?.seen().indexed ?? 0;
      if (crew.nextMs !== null) wake(tenant.tenant, crew.nextMs);
      void crew.stop();
    },
  });
  return {
    run: () => own.run(),
    search() {
      const seen = [own, ...ofTenants.values()].flatMap(({ indexer }) => indexer?.seen() ?? []);
      return { indexed: seen.reduce((sum, one) => sum + one.indexed, indexedBefore), lagMs: Math.max(0, ...seen.map((one) => one.lagMs)) };
    },
    previews: () => ({ made: 0, failed: 0, dropped: 0, ...previewed?.previewer.counts, waiting: previewed?.previewer.waiting ?? 0 }),
    troubles: () => troubles.list(),
    async stop() {
      unlisten?.();
      previewed?.apps.stop();
      for (const cancel of waiting.values()) cancel();
      await Promise.all([own, ...ofTenants.values()].map((crew) => crew.stop()));
      await previewed?.previewer.stop();
    },
  };
}

/** A database that could not be reached is asked again. */
const RETRY_MS = 60_000;
