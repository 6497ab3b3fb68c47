import postgres from 'postgres';
import { decide } from '../../src/domain/decide.js';
import { decideMark } from '../../src/domain/receipts/apply-mark.js';
import type { AppendBounds } from '../../src/storage/postgres/append.js';
import { openPostgres, type PostgresOptions } from '../../src/storage/postgres/driver.js';
import { PLACES } from '../../src/storage/postgres/positions.js';
import type { Harness, HarnessOptions } from './harness.js';
import { createTestIds } from './ids.js';
import { stagedClock, stagedRules } from './staged-rules.mjs';

export const MIGRATIONS = new URL('../../sql/postgres/', import.meta.url);

let seeds = 777_000;

/** Nothing is looked up that need not be, and every batch begins before the one before it is committed. */
export const EAGER: AppendBounds = { new_ms: Number.POSITIVE_INFINITY, ahead_min: 1 };
/** Every command is looked up, and batches come one after the other. */
export const CAREFUL: AppendBounds = { new_ms: 0, ahead_min: Number.POSITIVE_INFINITY };

/** How a node opens the database in tests: its clock steps, and its commands go wrong on demand. */
export function stagedOptions(url: string, options: Partial<PostgresOptions> = {}): PostgresOptions {
  seeds += 1;
  const ids = createTestIds(seeds);
  const clock = stagedClock();
  return {
    url, migrationsUrl: MIGRATIONS, appends: EAGER, rules: stagedRules({ decide, decideMark }, clock), monotonic: () => performance.now(),
    source: { now: clock.now, newEventId: () => ids.id('event'), newConversationId: () => ids.id('conversation') }, ...options,
  };
}

/** @param createDatabase gives the URL of an empty one */
export async function openPostgresHarness(createDatabase: () => Promise<string>, options: HarnessOptions & Pick<PostgresOptions, 'partitions'> & { readonly appends?: AppendBounds } = {}): Promise<Harness & { readonly url: string }> {
  const url = await createDatabase();
  const storage = await openPostgres(stagedOptions(url, options));
  const sql = postgres(url, { max: 1 });
  return {
    storage, url,
    async commits() {
      const [row] = await sql<{ commits: string }[]>`SELECT count(DISTINCT position / ${PLACES}) AS commits FROM events`;
      return Number(row?.commits);
    },
    async close() {
      await sql.end();
      await storage.stop();
    },
  };
}
