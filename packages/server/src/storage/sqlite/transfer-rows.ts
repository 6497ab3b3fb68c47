/** How rows of this file become rows that every driver knows, and the other way round. */
import type { IdCodec } from './ids.js';
import { streamIdKind } from '../ids.js';
import type { Cell, CellKind, Column, Row, Table, TableName } from '../transfer/tables.js';

/** What SQLite gives and takes. */
export type Value = Buffer | string | number | null;

/** Where a table's columns stand, when that is not the table itself, named `t`. */
interface Place {
  readonly from: string;
  readonly columns: Readonly<Record<string, string>>;
}

const OF_STREAM = { app_id: 's.app_id', stream_id: 's.stream_id' };
// CROSS JOIN is SQLite's way to say which comes first, so that the order of the keys is that of the rows.
const PLACES: Partial<Record<TableName, Place>> = {
  events: { from: 'streams s CROSS JOIN events t ON t.stream_no = s.no', columns: OF_STREAM },
  // A key whose stream was deleted with its app is found by nobody any more.
  command_keys: { from: 'command_keys t CROSS JOIN streams s ON s.no = t.stream_no', columns: { stream_id: 's.stream_id' } },
};
const KIND: Partial<Record<TableName, string>> = { streams: 't.kind', events: 's.kind', command_keys: 's.kind', dead_letters: 't.kind', entries: 't.kind' };

export interface RowShape {
  /** `SELECT … FROM …`, to which conditions and an order are added. */
  readonly select: string;
  /** What a column is called there. */
  column(name: string): string;
  row(values: readonly Value[]): Row;
}

export function shapeOf(ids: IdCodec, of: Table): RowShape {
  const place = PLACES[of.name];
  const column = (name: string): string => place?.columns[name] ?? `t.${name}`;
  const kind = KIND[of.name];
  const kindAt = of.columns.length;
  const appAt = of.columns.findIndex(({ name }) => name === 'app_id');
  const selected = [...of.columns.map(({ name }) => column(name)), ...(kind === undefined ? [] : [kind])].join(', ');
  return {
    column,
    select: `SELECT ${selected} FROM ${place?.from ?? `${of.name} t`}`,
    row: (values) => of.columns.map((one, at) => cellOf(ids, one.kind, values[at]!, values[kindAt], values[appAt])),
  };
}

/** @param kind of the stream, where there is one @param app of the row, where there is one */
function cellOf(ids: IdCodec, cell: CellKind, value: Value, kind: Value | undefined, app: Value | undefined): Cell {
  if (value === null) return null;
  if (cell === 'flag') return value === 1;
  if (typeof value !== 'object') return value;
  if (cell === 'stream') return ids.text(streamIdKind(String(kind)), value);
  if (cell === 'actor') return ids.text(Buffer.isBuffer(app) && app.equals(value) ? 'app' : 'user', value);
  return cell === 'text' || cell === 'whole' ? value.toString('utf8') : ids.text(cell, value);
}

export function valueOf(ids: IdCodec, { kind }: Column, cell: Cell): Value {
  if (typeof cell === 'boolean') return cell ? 1 : 0;
  return typeof cell !== 'string' || kind === 'text' ? cell : ids.bytes(cell);
}
