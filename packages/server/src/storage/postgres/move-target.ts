/** A Postgres that a log moves into. No server works on it before the end of the move. */
import type { FindRows } from '../transfer/delta.js';
import { TransferRefusedError } from '../transfer/errors.js';
import type { MoveProgress, MoveTarget, Walk } from '../transfer/move.js';
import type { Row, Table } from '../transfer/tables.js';
import { migratePostgres, type PostgresPlace } from './driver.js';
import { createIdCodec } from './ids.js';
import type { Answer, Line } from './line.js';
import type { RowWriter } from './table-writes.js';
import { inSnapshot, inTransaction } from './transaction.js';
import { openTransferLine } from './transfer.js';
import { createDelete, createFind, createInsert, rowOf, type Fields } from './transfer-rows.js';
import { readTable } from './transfer-snapshot.js';
import { refuseUsed, writeStore } from './transfer-sink.js';
import { isBeingFilled } from './unfinished.js';

/** Of the advisory lock that is held while moving: any number that nobody else uses. */
const LOCK = 7_400_190_002;

/** How far the move has come. While the table is there, no server starts on the database. */
const MAKE = 'CREATE TABLE transfer_progress (part text PRIMARY KEY, note text NOT NULL)';
const KEEP = 'INSERT INTO transfer_progress (part, note) VALUES ($1, $2) ON CONFLICT (part) DO UPDATE SET note = excluded.note';

/**
 * @param shown names the database without its password
 * @throws TransferRefusedError when it is not empty and no move into it was begun, or another move is at work; Error when it cannot be used
 */
export async function openMoveTarget(place: PostgresPlace, shown: string): Promise<MoveTarget & { close(): Promise<void> }> {
  await migratePostgres(place, Date.now());
  const line = openTransferLine(place);
  try {
    const { rows: [lock] } = await line.query<{ taken: boolean }>('SELECT pg_try_advisory_lock($1) AS taken', [LOCK]);
    if (!lock?.taken) throw new TransferRefusedError(`another move into ${shown} is at work; wait for its end`);
    if (!await isBeingFilled(line)) await refuseUsed(line, shown);
    return { ...createTarget(line, shown), close: () => line.close() };
  } catch (error) {
    await line.close();
    throw error;
  }
}

/** From here on no server starts on it, and none has. */
async function claim(line: Line, shown: string): Promise<void> {
  await line.query('LOCK TABLE store IN ACCESS EXCLUSIVE MODE');
  await refuseUsed(line, shown);
  await line.query(MAKE);
}

function createTarget(line: Line, shown: string): MoveTarget {
  const ids = createIdCodec();
  const statements = new Map<string, RowWriter<Row>>();
  const statement = (name: string, make: () => RowWriter<Row>): RowWriter<Row> => {
    const made = statements.get(name) ?? make();
    statements.set(name, made);
    return made;
  };
  const put = (of: Table): RowWriter<Row> => statement(`put ${of.name}`, () => createInsert(ids, of, true));
  const remove = (of: Table, by: readonly string[]): RowWriter<Row> => statement(`remove ${of.name}`, () => createDelete(ids, of, by));
  const find: FindRows = async (of, by, keys) => {
    const answer = await statement(`find ${of.name} ${by.join()}`, () => createFind(ids, of, by))(line, keys) as Answer<Fields> | undefined;
    return (answer?.rows ?? []).map((fields) => rowOf(ids, of, fields));
  };
  const keep = (part: string, note: unknown): Promise<unknown> => line.query(KEEP, [part, JSON.stringify(note)]);
  let begun = false;

  return {
    shown, find,
    async progress(): Promise<MoveProgress | null> {
      begun = await isBeingFilled(line);
      if (!begun) return null;
      const { rows } = await line.query<{ part: string; note: string }>('SELECT part, note FROM transfer_progress');
      const notes = new Map(rows.map(({ part, note }) => [part, JSON.parse(note) as unknown]));
      const walks = Object.fromEntries([...notes].filter(([part]) => part.startsWith('walk ')).map(([part, note]) => [part.slice('walk '.length), note as Walk]));
      return { id: notes.get('id') as string, change: notes.get('change') as number, walks };
    },
    async apply({ changed, removed }, progress) {
      await inTransaction(line, async () => {
        if (!begun) await claim(line, shown);
        await Promise.all([
          ...removed.map(({ of, by, keys }) => remove(of, by)(line, keys)), ...changed.map(({ of, rows }) => put(of)(line, rows)),
          keep('id', progress.id), keep('change', progress.change), ...Object.entries(progress.walks).map(([name, walk]) => keep(`walk ${name}`, walk)),
        ]);
      });
      begun = true;
    },
    compared: (read) => inSnapshot(line, () => read((of) => readTable(line, ids, of))),
    finish: (state) => inTransaction(line, async () => {
      // An earlier run may have been killed behind this, and before the source knew.
      await line.query('DELETE FROM store');
      await writeStore(line, state);
    }),
    async open() {
      await line.query('DROP TABLE transfer_progress');
    },
  };
}
