import { closeSync, openSync, readSync, statSync } from 'node:fs';
import Database from 'better-sqlite3';

export type Durability = 'durable' | 'relaxed';

const HEADER = 'SQLite format 3\0';

/** What the writer changes stays with it until it is committed. */
const WRITER_CACHE_KIB = 65_536;
/** What a reader reads again is in the operating system's cache, which is nobody's memory. */
const READER_CACHE_KIB = 2_048;

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
    db.pragma(`cache_size = -${options.readonly ? READER_CACHE_KIB : WRITER_CACHE_KIB}`);
    db.pragma('foreign_keys = ON');
    db.pragma('temp_store = MEMORY');
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** SQLite would take a tiny file as a new database, a text as corrupt only later, and not notice half a page too little. */
function refuseForeignFile(path: string): void {
  const size = sizeOf(path);
  if (size === undefined) return;
  const logged = (sizeOf(`${path}-wal`) ?? 0) > 0;
  if (size === 0) {
    // SQLite would throw the log away.
    if (logged) throw new Error(`${path} is empty, but there is a write-ahead log beside it; restore it from a backup`);
    return;
  }
  const head = firstBytes(path, HEADER.length + 2);
  if (head.toString('latin1', 0, HEADER.length) !== HEADER) throw new Error(`${path} is not a SQLite database`);
  const pageBytes = head.readUInt16BE(HEADER.length) === 1 ? 65_536 : head.readUInt16BE(HEADER.length);
  // A power cut may leave part of a page, but then the log still has the whole.
  if (!logged && size % pageBytes !== 0) throw new Error(`${path} is damaged or incomplete; restore it from a backup`);
}

function sizeOf(path: string): number | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isDirectory()) throw new Error(`${path} is a directory`);
  return found?.size;
}

/** Zeros stand for what the file does not have. */
function firstBytes(path: string, count: number): Buffer {
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(count);
    readSync(file, bytes, 0, count, 0);
    return bytes;
  } finally {
    closeSync(file);
  }
}
