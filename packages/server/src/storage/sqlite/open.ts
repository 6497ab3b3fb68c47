import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import Database from 'better-sqlite3';

export type Durability = 'durable' | 'relaxed';

const HEADER = 'SQLite format 3\0';

/**
 * Opens the database file the way Talaria needs it: WAL, an fsync on every commit unless `relaxed` (SND1),
 * foreign keys on, and no waiting: one writer has the file for itself.
 *
 * @throws Error with one sentence when the file is something else
 */
export function openDatabase(path: string, options: { readonly durability: Durability; readonly readonly: boolean }): Database.Database {
  refuseForeignFile(path);
  const db = new Database(path, { readonly: options.readonly, timeout: 2_000 });
  try {
    if (!options.readonly) {
      db.pragma('journal_mode = WAL');
      // better-sqlite3 is built so that WAL means NORMAL, which loses acked commits in a power cut.
      db.pragma(`synchronous = ${options.durability === 'durable' ? 'FULL' : 'NORMAL'}`);
      db.pragma('wal_autocheckpoint = 2000');
    }
    db.pragma('foreign_keys = ON');
    db.pragma('cache_size = -65536');
    db.pragma('temp_store = MEMORY');
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** SQLite would take an empty or tiny file as a new database and a text as corrupt only later. */
function refuseForeignFile(path: string): void {
  if (!existsSync(path)) return;
  const file = openSync(path, 'r');
  try {
    const head = Buffer.alloc(HEADER.length);
    const read = readSync(file, head, 0, head.length, 0);
    if (read > 0 && head.toString('latin1') !== HEADER) throw new Error(`${path} is not a SQLite database`);
  } finally {
    closeSync(file);
  }
}
