/**
 * The search index of a database file: a file beside it, of which nothing has to be kept. What is broken, or of another log, is thrown away
 * and made anew. The log is attached to it for reading.
 */
import Database from 'better-sqlite3';
import { rmSync } from 'node:fs';
import { firstState, type IndexState, type Slot } from '../search/state.js';

export const searchPath = (path: string): string => path.replace(/(?:\.db)?$/, '-search.db');

const CACHE_KIB = 16_384;
/** Of the file's own layout; the index in it has a version of its own. */
const LAYOUT = 2;

interface StateColumns {
  version: number; generation: number; slot: Slot; position: number; building: number | null; stale_ms: number | null; swept: number;
}

/** The state of the index, and how far the search for entries of messages that are gone has come. */
export interface KeptState {
  readonly state: IndexState;
  readonly swept: number;
}

export const slotName = (slot: Slot): string => `words_${slot}`;

/**
 * Postings without the text: the log has it. Words are cut before they come here, so each byte that is no space belongs to one. Beginnings
 * of two letters have postings of their own: without them such a question, the first of each that is typed, reads those of all words that
 * begin so before it has found one message.
 */
const slotTable = (slot: Slot): string => `CREATE VIRTUAL TABLE ${slotName(slot)} USING fts5 (words, marks, content = '', contentless_delete = 1, prefix = '2', tokenize = 'ascii')`;

/**
 * Opens the index of a log, or makes it.
 *
 * @param path of the log, which another thread has made @throws Error when the disk does not let it
 */
export function openSearchFile(path: string): Database.Database {
  const file = searchPath(path);
  try {
    return usable(open(file, path));
  } catch (error) {
    if (!isUseless(error)) throw error;
    removeSearchFile(path);
    return usable(open(file, path));
  }
}

/** Nothing of it has to be kept. */
export function removeSearchFile(path: string): void {
  for (const end of ['', '-wal', '-shm']) rmSync(searchPath(path) + end, { force: true });
}

/** Whether the index itself is damaged, or is none. */
export function isUseless(error: unknown): boolean {
  if (error instanceof OtherLogError) return true;
  return error instanceof Error && 'code' in error && /^SQLITE_(?:CORRUPT|NOTADB)/.test(String(error.code));
}

class OtherLogError extends Error {
  override readonly name = 'OtherLogError';
}

function open(file: string, log: string): Database.Database {
  const db = new Database(file, { timeout: 2_000 });
  try {
    db.pragma('journal_mode = WAL');
    // A power cut may take the last of it, rows and place together: it is read from the log again.
    db.pragma('synchronous = NORMAL');
    db.pragma(`cache_size = -${CACHE_KIB}`);
    db.pragma('temp_store = MEMORY');
    // Nothing writes to it here: the writer of the log is another thread.
    db.prepare('ATTACH ? AS log').run(log);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** @throws OtherLogError when it is of another log than the one beside it, or laid out otherwise */
function usable(db: Database.Database): Database.Database {
  try {
    db.transaction(() => {
      const { epoch, position } = db.prepare<[], { epoch: string; position: number }>(
        'SELECT epoch, max(position, ifnull((SELECT max(position) FROM log.events), 0)) AS position FROM log.store',
      ).get()!;
      if (db.prepare("SELECT 1 FROM main.sqlite_master WHERE name = 'search_state'").get() === undefined) make(db, epoch);
      const known = db.prepare<[], { layout: number; epoch: string; position: number }>('SELECT layout, epoch, position FROM search_state').get()!;
      // RES5: a log that was put back stands before what is in the index.
      if (known.layout !== LAYOUT || known.epoch !== epoch || known.position > position) throw new OtherLogError('the search index is of another log');
    }).deferred();
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function make(db: Database.Database, epoch: string): void {
  db.exec(`CREATE TABLE search_state (
    id INTEGER PRIMARY KEY CHECK (id = 1), layout INTEGER NOT NULL, epoch TEXT NOT NULL, version INTEGER NOT NULL, generation INTEGER NOT NULL, slot INTEGER NOT NULL,
    position INTEGER NOT NULL, building INTEGER, stale_ms INTEGER, swept INTEGER NOT NULL DEFAULT 0
  );
  ${slotTable(0)}; ${slotTable(1)};`);
  const { version, generation, slot, position } = firstState;
  db.prepare('INSERT INTO search_state (id, layout, epoch, version, generation, slot, position) VALUES (1, ?, ?, ?, ?, ?, ?)').run(LAYOUT, epoch, version, generation, slot, position);
}

/** Makes a place as it was at first. In a transaction. */
export function emptySlot(db: Database.Database, slot: Slot): void {
  db.prepare(`INSERT INTO ${slotName(slot)} (${slotName(slot)}) VALUES ('delete-all')`).run();
}

export function createStateRow(db: Database.Database): { read(): KeptState; write(kept: KeptState): void } {
  const get = db.prepare<[], StateColumns>('SELECT version, generation, slot, position, building, stale_ms, swept FROM search_state');
  const put = db.prepare('UPDATE search_state SET version = ?, generation = ?, slot = ?, position = ?, building = ?, stale_ms = ?, swept = ?');
  return {
    read() {
      const { version, generation, slot, position, building, stale_ms: staleMs, swept } = get.get()!;
      return { state: { version, generation, slot, position, building, staleMs }, swept };
    },
    write: ({ state, swept }) => void put.run(state.version, state.generation, state.slot, state.position, state.building, state.staleMs, swept),
  };
}
