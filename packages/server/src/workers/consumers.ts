import type { Clock } from '../runtime/clock.js';
import type { Log } from '../runtime/log.js';
import type { Storage } from '../storage/port.js';
import type { TenantDatabases } from '../storage/routed/tenant-databases.js';
import type { TenantLog } from '../storage/routed/tenant-log.js';
import { createRunner, type Runner } from './runner.js';
import { createUsageConsumer } from './usage.js';

export interface Consumers {
  run(): void;
  stop(): Promise<void>;
}

/**
 * The consumers of every log: each database has their leases and cursors. A tenant's are at work while its database is open on some node,
 * which it is for minutes behind the last thing that was said.
 *
 * @param owner who this process is, unique among all nodes
 */
export function createConsumers(storage: Storage, databases: TenantDatabases | undefined, clock: Clock, log: Log, owner: string): Consumers {
  const runnerOf = (of: Storage): Runner => createRunner(of, clock, log, createUsageConsumer(of), owner);
  const own = runnerOf(storage);
  const ofTenants = new Map<TenantLog, Runner>();
  const unlisten = databases?.listen({
    opened(tenant) {
      const runner = runnerOf(tenant.storage);
      ofTenants.set(tenant, runner);
      runner.run();
    },
    closed(tenant) {
      void ofTenants.get(tenant)?.stop();
      ofTenants.delete(tenant);
    },
  });
  return {
    run: () => own.run(),
    async stop() {
      unlisten?.();
      await Promise.all([own, ...ofTenants.values()].map((runner) => runner.stop()));
    },
  };
}
