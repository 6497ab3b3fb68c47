/** The storage of an installation whose apps all stand in one tenant's database. */
import type { Storage } from '../../src/storage/port.js';
import { openPostgres } from '../../src/storage/postgres/driver.js';
import type { TenantPlace } from '../../src/storage/routed/directory.js';
import { OF_LOG } from '../../src/storage/routed/calls.js';
import { createRoutedStorage } from '../../src/storage/routed/routed.js';
import { defaultShardBounds } from '../../src/storage/routed/shard.js';
import { Shards } from '../../src/storage/routed/shards.js';
import { systemClock } from '../../src/runtime/clock.js';
import type { Harness, HarnessOptions } from './harness.js';
import { stagedOptions } from './postgres-harness.js';

const TENANT = 't_00000000000000000000000000';

/**
 * The app's calls are routed. What is of a whole log is asked of the tenant's: each database has its own.
 *
 * @param open gives the tenant's database
 */
export async function openRoutedHarness(directoryUrl: string, open: (options: HarnessOptions) => Promise<Harness>, options: HarnessOptions = {}): Promise<Harness> {
  const directory = await openPostgres(stagedOptions(directoryUrl));
  const tenant = await open(options);
  const place: TenantPlace = { tenant: TENANT, sealedUrl: 'sealed', epoch: null };
  const shards = new Shards({
    clock: systemClock(), bounds: { ...defaultShardBounds, open_max: 100, idle_ms: 60_000, check_ms: 1_000 },
    open: async () => ({ storage: { ...tenant.storage, stop: () => Promise.resolve() }, info: await tenant.storage.info(), sealedUrl: place.sealedUrl }),
    moved: () => Promise.resolve(false),
    failed(_, error) {
      throw error;
    },
  });
  const routed = createRoutedStorage({ ...directory, appPlace: () => Promise.resolve(place), tenantPlace: () => Promise.resolve(place) }, shards);
  const log = shards.of(TENANT).storage;
  return {
    storage: {
      ...routed, ...Object.fromEntries(OF_LOG.map((name) => [name, log[name]])) as unknown as Pick<Storage, (typeof OF_LOG)[number]>,
      // What is of operators stands in the installation's own.
      pruneIdentity: async (nowMs, limit) => await log.pruneIdentity(nowMs, limit) + await routed.pruneIdentity(nowMs, limit),
      async revocations(sinceMs) {
        return { ...await log.revocations(sinceMs), keys: (await routed.revocations(sinceMs)).keys };
      },
    },
    commits: () => tenant.commits(),
    async close() {
      await routed.stop();
      await tenant.close();
    },
  };
}
