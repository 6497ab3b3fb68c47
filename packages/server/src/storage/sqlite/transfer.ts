/** Opens a database file for being copied from, or to. */
import { renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Database } from 'better-sqlite3';
import { syncPath } from '../../runtime/sync-path.js';
import { loadMigrations } from '../migrations.js';
import type { Sink, Snapshot } from '../transfer/snapshot.js';
import { migrate, migrationStatus } from './migrate.js';
import { openDatabase } from './open.js';
import { openFailure } from './open-failure.js';
import { refuseOtherSchema } from './schema.js';
import { openSnapshot } from './transfer-snapshot.js';
import { createSqliteSink } from './transfer-sink.js';

export interface FilePlace {
  readonly path: string;
  /** Folder of numbered SQL files. */
  readonly migrationsUrl: URL;
}

/** A connection beside that of a server. @throws Error with one sentence when the file cannot be used, or has an older schema than this program */
export function openBeside({ path, migrationsUrl }: FilePlace, readonly: boolean): Database {
  let db: Database | undefined;
  try {
    db = openDatabase(path, { durability: 'durable', readonly });
    const migrations = loadMigrations(fileURLToPath(migrationsUrl));
    if (migrationStatus(db, migrations).some(({ applied_ms }) => applied_ms === null)) throw new Error('its schema is older than this program; run talaria migrate up first');
    refuseOtherSchema(db, migrations);
    return db;
  } catch (error) {
    db?.close();
    throw openFailure(path, error);
  }
}

/** @throws Error with one sentence when the file cannot be used */
export function snapshotOfFile(place: FilePlace, secretCheck: string | null): Snapshot {
  return openSnapshot(openBeside(place, true), secretCheck);
}

/** Fills a file that nobody knows of, and puts it where it is found at its end. @param before done just before that */
export function sinkOfFile({ path, migrationsUrl }: FilePlace, before: () => void): Sink {
  const draft = `${path}.restoring`;
  // What a process that was killed has left.
  for (const end of ['', '-wal', '-shm']) rmSync(draft + end, { force: true });
  const db = openDatabase(draft, { durability: 'durable', readonly: false });
  // Whatever goes wrong, the file is thrown away: it needs no journal, and no fsync before its end.
  db.pragma('journal_mode = OFF');
  db.pragma('synchronous = OFF');
  migrate(db, loadMigrations(fileURLToPath(migrationsUrl)), Date.now());
  return createSqliteSink({
    db, path: draft,
    place() {
      syncPath(draft);
      before();
      renameSync(draft, path);
      syncPath(dirname(path));
    },
  });
}
