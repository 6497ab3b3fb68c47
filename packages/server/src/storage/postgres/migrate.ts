import { appliedAbove, pendingMigrations, statusOf, type AppliedRow, type Migration, type MigrationStatus } from '../migrations.js';
import type { Line } from './line.js';
import { partition, refuseOtherPartitions } from './partitions.js';
import { inTransaction } from './transaction.js';

/** Of the advisory lock that is held while migrating: any number that nobody else uses. */
const LOCK = 7_400_190_001;

/** The migration that makes the tables. */
const TABLES_MADE = 1;

const BOOKKEEPING = `CREATE TABLE IF NOT EXISTS migrations (
  version integer PRIMARY KEY, name text NOT NULL, checksum text NOT NULL, applied_ms bigint NOT NULL
)`;

/**
 * Brings the schema up to the newest migration, in one transaction that is the only one of its kind: nodes that start at the same
 * moment wait for the first.
 *
 * @param partitions of the large tables, where they are made now; 0 for none, or for what they have
 * @throws Error when the database is another program's or newer than this one, or a migration that was applied has been changed since;
 *   or it has another number of partitions
 */
export async function migrate(line: Line, migrations: readonly Migration[], nowMs: number, partitions = 0): Promise<void> {
  const done = await applied(line);
  if (done && pendingMigrations(done, migrations).length === 0) return refuseOtherPartitions(line, partitions);
  await inTransaction(line, async () => {
    await lockOut(line);
    const before = await applied(line);
    if (before) await refuseOtherPartitions(line, partitions);
    else await refuseForeign(line);
    await line.script(BOOKKEEPING);
    for (const migration of pendingMigrations(before ?? new Map(), migrations)) {
      await line.script(migration.sql);
      // At once, so that later migrations find a new database as they find an old one.
      if (migration.version === TABLES_MADE && partitions > 0) await partition(line, partitions);
      await line.query('INSERT INTO migrations (version, name, checksum, applied_ms) VALUES ($1, $2, $3, $4)', [migration.version, migration.name, migration.checksum, nowMs]);
    }
  });
}

/** Takes migrations back, the newest first, down to a version, in one transaction. @throws as `migrate` */
export async function migrateDown(line: Line, migrations: readonly Migration[], version: number): Promise<void> {
  await inTransaction(line, async () => {
    await lockOut(line);
    for (const migration of appliedAbove(version, await applied(line) ?? new Map(), migrations)) {
      await line.script(migration.down);
      await line.query('DELETE FROM migrations WHERE version = $1', [migration.version]);
    }
    if (version === 0) await line.script('DROP TABLE IF EXISTS migrations');
  });
}

/** Which migrations there are, and when each was applied. Changes nothing. @throws Error when the database is newer than this program */
export async function migrationStatus(line: Line, migrations: readonly Migration[]): Promise<readonly MigrationStatus[]> {
  const done = await applied(line) ?? new Map<number, AppliedRow>();
  pendingMigrations(done, migrations);
  return statusOf(done, migrations);
}

/** Until the transaction ends, nobody else migrates. */
async function lockOut(line: Line): Promise<void> {
  await line.query('SELECT pg_advisory_xact_lock($1)', [LOCK]);
}

/** Null when there has never been one. */
async function applied(line: Line): Promise<ReadonlyMap<number, AppliedRow> | null> {
  // A query of the catalogue: `to_regclass` may remember from before the lock that there was none.
  const { count } = await line.query("SELECT 1 FROM pg_tables WHERE schemaname = current_schema() AND tablename = 'migrations'");
  if (count === 0) return null;
  const { rows } = await line.query<AppliedRow>('SELECT version, name, checksum, applied_ms FROM migrations');
  return new Map(rows.map((row) => [row.version, row]));
}

async function refuseForeign(line: Line): Promise<void> {
  const { rows: [table] } = await line.query<{ name: string }>('SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1 LIMIT 1');
  if (table) throw new Error(`the database belongs to another program: it has a table ${table.name}`);
}
