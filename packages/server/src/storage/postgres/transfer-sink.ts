import { TransferRefusedError } from '../transfer/errors.js';
import type { Sink, StoreState } from '../transfer/snapshot.js';
import { TABLES, type Row } from '../transfer/tables.js';
import { createIdCodec } from './ids.js';
import type { Line, Parameter } from './line.js';
import { PLACES } from './positions.js';
import type { RowWriter } from './table-writes.js';
import { commit } from './transaction.js';
import { createInsert } from './transfer-rows.js';

/** Statements that are under way at once: enough to keep the server busy, and little enough to wait in memory. */
const AHEAD_MAX = 4;

/** @throws TransferRefusedError when there is anything in it */
export async function refuseUsed(line: Line, shown: string): Promise<void> {
  for (const table of ['store', ...TABLES.map(({ name }) => name)]) {
    const { count } = await line.query(`SELECT 1 FROM ${table} LIMIT 1`);
    if (count > 0) throw new TransferRefusedError(`${shown} is not empty: its table ${table} has rows; name an empty database`);
  }
}

/**
 * All in one transaction.
 *
 * @param line with the newest schema @param leave closes the connection; told whether anything was made last
 * @throws TransferRefusedError when the database is not empty
 */
export async function createPostgresSink(line: Line, shown: string, leave: (committed: boolean) => Promise<void>): Promise<Sink> {
  await line.query('BEGIN');
  await refuseUsed(line, shown);
  const ids = createIdCodec();
  const inserts = new Map<string, RowWriter<Row>>();
  const waiting: Promise<unknown>[] = [];
  return {
    async write(of, rows) {
      let insert = inserts.get(of.name);
      if (!insert) {
        insert = createInsert(ids, of, false);
        inserts.set(of.name, insert);
      }
      const answer = insert(line, rows);
      answer.catch(() => undefined);
      waiting.push(answer);
      if (waiting.length > AHEAD_MAX) await waiting.shift();
    },
    async commit(state) {
      await Promise.all(waiting.splice(0));
      // A lease is of a server that is not this one.
      await line.query('UPDATE consumers SET until_ms = 0');
      await writeStore(line, state);
      await commit(line);
      await leave(true);
    },
    async abandon() {
      await line.query('ROLLBACK').catch(() => undefined);
      await leave(false);
    },
  };
}

/**
 * Writes the store's own row. Positions are transaction numbers here, so they go on above those that were brought along: the horizon,
 * which is no higher than any transaction that is still to come, is put behind them (CLU3).
 */
export async function writeStore(line: Line, state: StoreState): Promise<void> {
  const values: readonly Parameter[] = [state.epoch, state.position, state.keysFloorMs, state.secretCheck, state.createdMs, PLACES];
  await line.query(
    `INSERT INTO store (id, epoch, position, keys_floor_ms, secret_check, created_ms, xid_offset)
     VALUES (1, $1, $2::bigint, $3, $4, $5, greatest(0, $2::bigint / $6::bigint + 1 - pg_snapshot_xmin(pg_current_snapshot())::text::bigint))`, values,
  );
}
