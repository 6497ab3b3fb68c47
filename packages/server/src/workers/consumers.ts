import type { Clock } from '../runtime/clock.js';
import type { Log } from '../runtime/log.js';
import type { Storage } from '../storage/port.js';
import type { TenantDatabases } from '../storage/routed/tenant-databases.js';
import type { TenantLog } from '../storage/routed/tenant-log.js';
import { createRunner, type Runner } from './runner.js';
import { createSearchIndexer, type SearchIndexer } from './search-indexer.js';
import { createUsageConsumer } from './usage.js';

export interface Consumers {
  run(): void;
  /** Of the search indexes that this node sees: messages indexed by it, and how far the one furthest behind is. */
  search(): { readonly indexed: number; readonly lagMs: number };
  stop(): Promise<void>;
}

interface OfLog {
  readonly runner: Runner;
  readonly indexer: SearchIndexer | undefined;
}

/**
 * The consumers of every log: each database has their leases and cursors. A tenant's are at work while its database is open on some node,
 * which it is for minutes behind the last thing that was said.
 *
 * @param owner who this process is, unique among all nodes
 * @param search whether messages are indexed
 */
export function createConsumers(storage: Storage, databases: TenantDatabases | undefined, clock: Clock, log: Log, owner: string, search: boolean): Consumers {
  const consumersOf = (of: Storage): OfLog => ({
    runner: createRunner(of, clock, log, createUsageConsumer(of), owner), indexer: search ? createSearchIndexer(of, clock, log) : undefined,
  });
  const run = ({ runner, indexer }: OfLog): void => {
    runner.run();
    indexer?.run();
  };
  const stop = ({ runner, indexer }: OfLog): Promise<unknown> => Promise.all([runner.stop(), indexer?.stop()]);
  const own = consumersOf(storage);
  const ofTenants = new Map<TenantLog, OfLog>();
  /** By those whose databases are closed again: totals only grow. */
  let indexedBefore = 0;
  const unlisten = databases?.listen({
    opened(tenant) {
      const consumers = consumersOf(tenant.storage);
      ofTenants.set(tenant, consumers);
      run(consumers);
    },
    closed(tenant) {
      const consumers = ofTenants.get(tenant);
      if (!consumers) return;
      void stop(consumers);
      indexedBefore += consumers.indexer?.seen().indexed ?? 0;
      ofTenants.delete(tenant);
    },
  });
  return {
    run: () => run(own),
    search() {
      const seen = [own, ...ofTenants.values()].flatMap(({ indexer }) => indexer?.seen() ?? []);
      return { indexed: seen.reduce((sum, one) => sum + one.indexed, indexedBefore), lagMs: Math.max(0, ...seen.map((one) => one.lagMs)) };
    },
    async stop() {
      unlisten?.();
      await Promise.all([own, ...ofTenants.values()].map(stop));
    },
  };
}
