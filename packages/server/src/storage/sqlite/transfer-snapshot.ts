import type { Database } from 'better-sqlite3';
import { UnsoundError } from '../transfer/errors.js';
import type { Snapshot, SnapshotState } from '../transfer/snapshot.js';
import type { Row, Table } from '../transfer/tables.js';
import { createIdCodec, type IdCodec } from './ids.js';
import { LAST_POSITION } from './lookups.js';
import { shapeOf, type Value } from './transfer-rows.js';

const PAGE_ROWS = 500;

export function stateOf(db: Database, secretCheck: string | null): SnapshotState {
  const row = db.prepare<[], { epoch: string; position: number; keys_floor_ms: number; created_ms: number; version: number }>(
    `SELECT epoch, ${LAST_POSITION} AS position, keys_floor_ms, created_ms, (SELECT max(version) FROM migrations) AS version FROM store`,
  ).get();
  if (!row) throw new Error('there is nothing in it: no server has been started on it');
  return { driver: 'sqlite', epoch: row.epoch, position: row.position, keysFloorMs: row.keys_floor_ms, createdMs: row.created_ms, schemaVersion: row.version, secretCheck };
}

/** @param db a connection of its own: one transaction reads, however long it takes, and nobody waits for it */
export function openSnapshot(db: Database, secretCheck: string | null): Snapshot {
  const ids = createIdCodec();
  db.exec('BEGIN');
  try {
    // The snapshot is that of the first read.
    const state = stateOf(db, secretCheck);
    return {
      state,
      rows: (of) => readTable(db, ids, of),
      close() {
        db.close();
        return Promise.resolve();
      },
    };
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Rows of a table in the order of its key, in the transaction that is open. */
export async function* readTable(db: Database, ids: IdCodec, of: Table): AsyncGenerator<readonly Row[]> {
  const shape = shapeOf(ids, of);
  const order = of.key.map((name) => shape.column(name)).join(', ');
  let rows: Row[] = [];
  let count = 0;
  for (const values of db.prepare<[], Value[]>(`${shape.select} ORDER BY ${order}`).raw().iterate()) {
    rows.push(shape.row(values));
    count += 1;
    if (rows.length < PAGE_ROWS) continue;
    yield rows;
    rows = [];
  }
  if (rows.length > 0) yield rows;
  // Facts are found by their streams.
  if (of.name === 'events' && db.prepare<[], { all: number }>('SELECT count(*) AS "all" FROM events').get()?.all !== count) throw new UnsoundError('there are facts of no stream');
}
