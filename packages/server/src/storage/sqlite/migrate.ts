import type { Database } from 'better-sqlite3';
import { appliedAbove, pendingMigrations, statusOf, type AppliedRow, type Migration, type MigrationStatus } from '../migrations.js';

const BOOKKEEPING = `CREATE TABLE IF NOT EXISTS migrations (
  version INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, applied_ms INTEGER NOT NULL
)`;

function applied(db: Database): Map<number, AppliedRow> {
  const tables = db.prepare<[], { name: string }>("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'").all().map((table) => table.name);
  if (tables.length === 0) return new Map();
  if (!tables.includes('migrations')) throw new Error(`the database belongs to another program: it has a table ${tables[0]}`);
  const rows = db.prepare<[], AppliedRow>('SELECT version, name, checksum, applied_ms FROM migrations').all();
  return new Map(rows.map((row) => [row.version, row]));
}

/**
 * Brings the schema up to the newest migration, in one transaction.
 *
 * @throws Error when the database is another program's or newer than this one, or a migration that was applied has been changed since
 */
export function migrate(db: Database, migrations: readonly Migration[], nowMs: number): void {
  const pending = pendingMigrations(applied(db), migrations);
  if (pending.length === 0) return;
  db.transaction(() => {
    db.exec(BOOKKEEPING);
    const note = db.prepare('INSERT INTO migrations (version, name, checksum, applied_ms) VALUES (?, ?, ?, ?)');
    for (const migration of pending) {
      db.exec(migration.sql);
      note.run(migration.version, migration.name, migration.checksum, nowMs);
    }
  }).immediate();
}

/** Takes migrations back, the newest first, down to a version, in one transaction. @throws as `migrate` */
export function migrateDown(db: Database, migrations: readonly Migration[], version: number): void {
  const back = appliedAbove(version, applied(db), migrations);
  if (back.length === 0) return;
  db.transaction(() => {
    const forget = db.prepare('DELETE FROM migrations WHERE version = ?');
    for (const migration of back) {
      db.exec(migration.down);
      forget.run(migration.version);
    }
    if (version === 0) db.exec('DROP TABLE migrations');
  }).immediate();
}

/** Which migrations there are, and when each was applied. */
export function migrationStatus(db: Database, migrations: readonly Migration[]): readonly MigrationStatus[] {
  return statusOf(applied(db), migrations);
}
