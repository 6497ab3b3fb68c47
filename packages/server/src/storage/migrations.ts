/** Numbered SQL files, the same way for every database. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Migration {
  readonly version: number;
  readonly name: string;
  readonly sql: string;
  /** Takes back what `sql` did. */
  readonly down: string;
  readonly checksum: string;
}

export interface MigrationStatus {
  readonly version: number;
  readonly name: string;
  readonly applied_ms: number | null;
}

/** The numbered SQL files of a folder, ascending, each with the file that takes it back. @throws Error when a number is missing or stands twice */
export function loadMigrations(directory: string): readonly Migration[] {
  const files = readdirSync(directory).filter((file) => /^\d{4}-[a-z0-9-]+\.sql$/.test(file)).sort();
  return files.map((file, at) => {
    const version = Number(file.slice(0, 4));
    if (version !== at + 1) throw new Error(`migration ${file} should have number ${at + 1}`);
    const sql = readFileSync(join(directory, file), 'utf8');
    const down = readFileSync(join(directory, file.replace(/\.sql$/, '.down.sql')), 'utf8');
    return { version, name: file.slice(5, -4), sql, down, checksum: createHash('sha256').update(sql).digest('hex').slice(0, 16) };
  });
}

/** A migration as the database remembers it. */
export interface AppliedRow {
  readonly version: number;
  readonly name: string;
  readonly checksum: string;
  readonly applied_ms: number;
}

/**
 * Those that are still to be applied.
 *
 * @throws Error when the database is newer than this program, or a migration that was applied has been changed since
 */
export function pendingMigrations(done: ReadonlyMap<number, AppliedRow>, migrations: readonly Migration[]): readonly Migration[] {
  for (const row of done.values()) {
    const known = migrations[row.version - 1];
    if (!known) throw new Error(`the database has schema version ${row.version}, newer than this program's ${migrations.length}; use a newer Talaria`);
    if (known.checksum !== row.checksum) throw new Error(`migration ${row.version} (${row.name}) was changed after it had been applied`);
  }
  return migrations.filter((migration) => !done.has(migration.version));
}

/** Those that are to be taken back to come to a version, the newest first. @throws as `pendingMigrations` */
export function appliedAbove(version: number, done: ReadonlyMap<number, AppliedRow>, migrations: readonly Migration[]): readonly Migration[] {
  pendingMigrations(done, migrations);
  return migrations.filter((migration) => migration.version > version && done.has(migration.version)).reverse();
}

export function statusOf(done: ReadonlyMap<number, AppliedRow>, migrations: readonly Migration[]): readonly MigrationStatus[] {
  return migrations.map(({ version, name }) => ({ version, name, applied_ms: done.get(version)?.applied_ms ?? null }));
}
