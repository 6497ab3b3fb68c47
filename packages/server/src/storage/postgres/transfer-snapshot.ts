import type { Snapshot, SnapshotState } from '../transfer/snapshot.js';
import type { Row, Table } from '../transfer/tables.js';
import { createIdCodec, type IdCodec } from './ids.js';
import type { Line } from './line.js';
import { rowOf, selectAll, type Fields } from './transfer-rows.js';

const PAGE_ROWS = 500;

interface StoreFields { readonly epoch: string; readonly position: number; readonly keys_floor_ms: number; readonly created_ms: number; readonly secret_check: string | null; readonly version: number }

// Everything that the snapshot sees has been committed, also what lies above the horizon.
const STATE = `SELECT epoch, greatest(position, coalesce((SELECT max(position) FROM events), 0)) AS position, keys_floor_ms, created_ms, secret_check,
  (SELECT max(version) FROM migrations) AS version FROM store`;

/** @param line a connection of its own, with a transaction that sees one moment */
export async function openSnapshot(line: Line, close: () => Promise<void>): Promise<Snapshot> {
  await line.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  const state = await stateOf(line);
  const ids = createIdCodec();
  return { state, rows: (of) => readTable(line, ids, of), close };
}

async function stateOf(line: Line): Promise<SnapshotState> {
  const { rows: [row] } = await line.query<StoreFields>(STATE);
  if (!row) throw new Error('there is nothing in it: no server has been started on it');
  return {
    driver: 'postgres', epoch: row.epoch, position: row.position, keysFloorMs: row.keys_floor_ms, createdMs: row.created_ms, secretCheck: row.secret_check, schemaVersion: row.version,
  };
}

/** Rows of a table in the order of its key, some at a time, in the transaction that is open. The next ones are on their way meanwhile. */
export async function* readTable(line: Line, ids: IdCodec, of: Table): AsyncGenerator<readonly Row[]> {
  // A name of its own for each table: the library remembers what a statement gives.
  const cursor = `transfer_${of.name}`;
  await line.query(`DECLARE ${cursor} NO SCROLL CURSOR FOR ${selectAll(of)}`);
  const fetch = (): Promise<readonly Fields[]> => {
    const answer = line.query<Fields>(`FETCH FORWARD ${PAGE_ROWS} FROM ${cursor}`).then(({ rows }) => rows);
    // It is awaited later, or never.
    answer.catch(() => undefined);
    return answer;
  };
  for (let rows = await fetch(), next = fetch(); rows.length > 0; rows = await next, next = fetch()) yield rows.map((fields) => rowOf(ids, of, fields));
  await line.query(`CLOSE ${cursor}`);
}
