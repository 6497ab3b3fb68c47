import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Database } from 'better-sqlite3';

export interface Migration {
  readonly version: number;
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
}

export interface MigrationStatus {
  readonly version: number;
  readonly name: string;
  readonly applied_ms: number | null;
}

/** The numbered SQL files of a folder, ascending. @throws Error when a number is missing or stands twice */
export function loadMigrations(directory: string): readonly Migration[] {
  const files = readdirSync(directory).filter((file) => /^\d{4}-[a-z0-9-]+\.sql$/.test(file)).sort();
  return files.map((file, at) => {
    const version = Number(file.slice(0, 4));
    if (version !== at + 1) throw new Error(`migration ${file} should have number ${at + 1}`);
    const sql = readFileSync(join(directory, file), 'utf8');
    return { version, name: file.slice(5, -4), sql, checksum: createHash('sha256').update(sql).digest('hex').slice(0, 16) };
  });
}

const BOOKKEEPING = `CREATE TABLE IF NOT EXISTS migrations (
  version INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, applied_ms INTEGER NOT NULL
)`;

interface AppliedRow {
  readonly version: number;
  readonly name: string;
  readonly checksum: string;
  readonly applied_ms: number;
}

function applied(db: Database): Map<number, AppliedRow> {
  const tables = db.prepare<[], { name: string }>("SELECT name FROM sqlite_master WHERE type = 'table'").all().map((table) => table.name);
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
  const done = applied(db);
  for (const row of done.values()) {
    const known = migrations[row.version - 1];
    if (!known) throw new Error(`the database has schema version ${row.version}, newer than this program's ${migrations.length}; use a newer Talaria`);
    if (known.checksum !== row.checksum) throw new Error(`migration ${row.version} (${row.name}) was changed after it had been applied`);
  }
  const pending = migrations.filter((migration) => !done.has(migration.version));
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

/** Which migrations there are, and when each was applied. */
export function migrationStatus(db: Database, migrations: readonly Migration[]): readonly MigrationStatus[] {
  const done = applied(db);
  return migrations.map(({ version, name }) => ({ version, name, applied_ms: done.get(version)?.applied_ms ?? null }));
}
