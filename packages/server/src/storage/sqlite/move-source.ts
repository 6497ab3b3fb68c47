/** A database file that is moved away while a server is at work on it. */
import type { Database, Statement } from 'better-sqlite3';
import { randomUUID } from 'node:crypto';
import type { Changed, Removed } from '../transfer/delta.js';
import { TransferRefusedError } from '../transfer/errors.js';
import type { MoveSource } from '../transfer/move.js';
import { placesOf, TABLES, type Row, type Table } from '../transfer/tables.js';
import { createIdCodec } from './ids.js';
import { movedTo } from './moved.js';
import { sqliteCode } from './refusal.js';
import { shapeOf, valueOf, type RowShape, type Value } from './transfer-rows.js';
import { readTable, stateOf } from './transfer-snapshot.js';

/** A server's commit takes milliseconds; whoever holds the file for so long will not let it go. */
const WRITE_ATTEMPTS = 15;

/** Columns that tell rows apart here, and by which a table is walked: the log is walked in its own order. */
const keyOf = (of: Table): readonly string[] => (of.name === 'events' ? ['position'] : of.key);

// Columns without a type take values as they are.
const NOTE = `CREATE TABLE transfer_changes (id INTEGER PRIMARY KEY AUTOINCREMENT, part TEXT NOT NULL, a, b, c, d, e);
  INSERT INTO transfer_changes (id, part, a) VALUES (0, 'begin', $id)`;
const LETTERS = ['a', 'b', 'c', 'd', 'e'];

/** New facts are not noted: they are found behind those that are known. */
const noted = ({ name }: Table): readonly ('INSERT' | 'UPDATE' | 'DELETE')[] => (name === 'events' ? ['UPDATE', 'DELETE'] : ['INSERT', 'UPDATE', 'DELETE']);
const triggerName = (of: Table, what: string): string => `transfer_${of.name}_${what.toLowerCase()}`;

function triggerOf(of: Table, what: 'INSERT' | 'UPDATE' | 'DELETE'): string {
  const side = what === 'DELETE' ? 'OLD' : 'NEW';
  const key = keyOf(of);
  return `CREATE TRIGGER ${triggerName(of, what)} AFTER ${what} ON ${of.name} BEGIN
    INSERT INTO transfer_changes (part, ${LETTERS.slice(0, key.length).join(', ')}) VALUES ('${of.name}', ${key.map((name) => `${side}.${name}`).join(', ')}); END`;
}

function isTracked(db: Database): boolean {
  return db.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'transfer_changes'").get() !== undefined;
}

/** Takes back what tracking has made. In a transaction that writes. */
function untrack(db: Database): void {
  for (const of of TABLES) for (const what of noted(of)) db.exec(`DROP TRIGGER IF EXISTS ${triggerName(of, what)}`);
  db.exec('DROP TABLE IF EXISTS transfer_changes');
}

/** Ends a move that is not wanted any more. @returns whether there was one */
export function forgetMove(db: Database): boolean {
  return writing(db, () => {
    const tracked = isTracked(db);
    untrack(db);
    return tracked;
  });
}

function writing<T>(db: Database, write: () => T): T {
  beginWrite(db);
  try {
    const result = write();
    db.exec('COMMIT');
    return result;
  } catch (error) {
    if (db.inTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

function beginWrite(db: Database): void {
  for (let attempt = 1; ; attempt += 1) {
    try {
      db.exec('BEGIN IMMEDIATE');
      return;
    } catch (error) {
      if (!sqliteCode(error).startsWith('SQLITE_BUSY')) throw error;
      if (attempt === WRITE_ATTEMPTS) throw new TransferRefusedError(`${db.name} is held by another process; find out which one, and try again`);
    }
  }
}

interface Change { readonly id: number; readonly part: string; readonly key: readonly Value[] }

/** @param db a connection of its own that may write @param secretCheck goes to where the log goes */
export function createMoveSource(db: Database, secretCheck: string | null): MoveSource {
  const ids = createIdCodec();
  const shapes = new Map(TABLES.map((of) => [of.name, shapeOf(ids, of)]));
  const shape = (of: Table): RowShape => shapes.get(of.name)!;
  const columnOf = (of: Table, name: string): Table['columns'][number] => of.columns.find((column) => column.name === name)!;
  const nameList = (of: Table): string => keyOf(of).map((name) => shape(of).column(name)).join(', ');
  const marks = (of: Table): string => keyOf(of).map(() => '?').join(', ');
  // Facts are walked in the order of the log, so the log comes first.
  const from = (of: Table): string => (of.name === 'events' ? shape(of).select.replace('streams s CROSS JOIN events t ON', 'events t CROSS JOIN streams s ON') : shape(of).select);

  const finds = new Map<Table, Statement<Value[], Value[]>>();
  function find(of: Table, key: readonly Value[]): Row | undefined {
    const statement = finds.get(of) ?? db.prepare<Value[], Value[]>(`${from(of)} WHERE (${nameList(of)}) = (${marks(of)})`).raw();
    finds.set(of, statement);
    const values = statement.get(...key);
    return values && shape(of).row(values);
  }

  /** The cells of a key that a row is not there for any more. */
  function cellsOf(of: Table, key: readonly Value[]): Row {
    return keyOf(of).map((name, at) => {
      const value = key[at]!;
      if (!Buffer.isBuffer(value)) return value;
      const { kind } = columnOf(of, name);
      // Only the bytes are looked for: any kind of id has them.
      return ids.text(kind === 'text' || kind === 'whole' || kind === 'flag' ? 'user' : kind === 'stream' ? 'conversation' : kind === 'actor' ? 'user' : kind, value);
    });
  }

  return {
    shown: db.name,
    movedTo: () => movedTo(db),
    state: () => stateOf(db, secretCheck),
    rows: (of) => readTable(db, ids, of),
    begin(mode) {
      if (mode === 'read') db.exec('BEGIN');
      else beginWrite(db);
    },
    end(how) {
      // A commit that failed may have ended it.
      if (db.inTransaction) db.exec(how);
    },
    track: () => writing(db, () => {
      if (!isTracked(db)) {
        db.exec(NOTE.replace('$id', `'${randomUUID()}'`));
        for (const of of TABLES) for (const what of noted(of)) db.exec(triggerOf(of, what));
      }
      return db.prepare<[], { id: string }>("SELECT a AS id FROM transfer_changes WHERE id = 0 AND part = 'begin'").get()!.id;
    }),
    walk(of, at, limit) {
      const key = keyOf(of);
      const where = at === null ? '' : `WHERE (${nameList(of)}) > (${marks(of)})`;
      const values = at === null ? [] : at.map((cell, place) => valueOf(ids, columnOf(of, key[place]!), cell));
      const rows = db.prepare<Value[], Value[]>(`${from(of)} ${where} ORDER BY ${nameList(of)} LIMIT ?`).raw().all(...values, limit).map((row) => shape(of).row(row));
      const places = placesOf(of, key);
      const last = rows.at(-1);
      return { rows, walk: { at: last ? places.map((place) => last[place]!) : at, done: rows.length < limit } };
    },
    changes(after, limit) {
      const found = db.prepare<[number, number], readonly [number, string, ...Value[]]>(
        `SELECT id, part, a, b, c, d, e FROM transfer_changes WHERE id > ? ORDER BY id LIMIT ?`,
      ).raw().all(after, limit).map(([id, part, ...key]): Change => ({ id, part, key }));
      const changed: Changed[] = [];
      const removed: Removed[] = [];
      for (const of of TABLES) {
        const count = keyOf(of).length;
        const keys = new Map(found.filter(({ part }) => part === of.name).map(({ key }) => [JSON.stringify(key), key.slice(0, count)]));
        const rows: Row[] = [];
        const gone: Row[] = [];
        for (const key of keys.values()) {
          const row = find(of, key);
          if (row) rows.push(row);
          else gone.push(cellsOf(of, key));
        }
        if (rows.length > 0) changed.push({ of, rows });
        // What others point to goes last.
        if (gone.length > 0) removed.unshift({ of, by: keyOf(of), keys: gone });
      }
      return { changed, removed, upTo: found.at(-1)?.id ?? after, more: found.length === limit };
    },
    trim: (upTo) => void writing(db, () => db.prepare('DELETE FROM transfer_changes WHERE id > 0 AND id <= ?').run(upTo)),
    markMoved(to) {
      untrack(db);
      db.prepare('UPDATE store SET moved_to = ? WHERE id = 1').run(to);
    },
  };
}
