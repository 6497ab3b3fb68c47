/** How rows of these tables become rows that every driver knows, and the other way round. */
import { streamIdKind, streamKind } from '../ids.js';
import type { IdCodec } from './ids.js';
import type { Parameter } from './line.js';
import { forEach, insertInto, type RowWriter } from './table-writes.js';
import { placesOf, type Cell, type CellKind, type Row, type Table, type TableName } from '../transfer/tables.js';

export type Fields = Readonly<Record<string, Cell>>;

/** Where the kind of a row's stream stands. */
const KIND: Partial<Record<TableName, string>> = { streams: 't.kind', events: 's.kind', command_keys: 't.kind', dead_letters: 't.kind', entries: 't.kind' };
const FROM: Partial<Record<TableName, string>> = { events: 'events t LEFT JOIN streams s ON s.app_id = t.app_id AND s.stream_id = t.stream_id' };

const selected = (of: Table): string => [...of.columns.map(({ name }) => `t.${name}`), ...(KIND[of.name] === undefined ? [] : [`${KIND[of.name]} AS stream_kind`])].join(', ');
const fromOf = (of: Table): string => FROM[of.name] ?? `${of.name} t`;

/** Bytes in their order, as the other databases have it. */
function orderOf(of: Table): string {
  return of.key.map((name) => `t.${name}${of.columns.find((column) => column.name === name)?.kind === 'text' ? ' COLLATE "C"' : ''}`).join(', ');
}

/** All rows in the order of the key. */
export const selectAll = (of: Table): string => `SELECT ${selected(of)} FROM ${fromOf(of)} ORDER BY ${orderOf(of)}`;

export function rowOf(ids: IdCodec, of: Table, fields: Fields): Row {
  return of.columns.map(({ name, kind }) => cellOf(ids, kind, fields[name]!, fields));
}

function cellOf(ids: IdCodec, kind: CellKind, value: Cell, fields: Fields): Cell {
  if (value === null || typeof value !== 'string' || kind === 'text') return value;
  if (kind === 'stream') return ids.text(streamIdKind(String(fields['stream_kind'])), value);
  if (kind === 'actor') return ids.text(value === fields['app_id'] ? 'app' : 'user', value);
  return kind === 'whole' || kind === 'flag' ? value : ids.text(kind, value);
}

type ColumnType = 'uuid' | 'bigint' | 'boolean' | 'text';
type WrittenColumn = readonly [name: string, type: ColumnType, value: (row: Row) => Parameter];

const TYPES: Partial<Record<CellKind, ColumnType>> = { text: 'text', whole: 'bigint', flag: 'boolean' };

/** @param names which columns, and from which cell of the rows that are given */
function columnsOf(ids: IdCodec, of: Table, names: readonly string[], at: readonly number[]): WrittenColumn[] {
  return names.map((name, place) => {
    const type = TYPES[of.columns.find((column) => column.name === name)!.kind] ?? 'uuid';
    const from = at[place]!;
    return [name, type, (row: Row): Parameter => (type === 'uuid' && row[from] !== null ? ids.uuid(row[from] as string) : row[from]!)] as const;
  });
}

/** @param replace rows that are there already become as they are given; else they are an error */
export function createInsert(ids: IdCodec, of: Table, replace: boolean): RowWriter<Row> {
  const names = of.columns.map(({ name }) => name);
  const columns = columnsOf(ids, of, names, names.map((_name, at) => at));
  const [streamAt] = placesOf(of, ['stream_id']) as [number];
  // A fact's kind of stream stands with its stream.
  if (streamAt !== -1 && of.name !== 'events') columns.push(['kind', 'text', (row) => streamKind(row[streamAt] as string)]);
  const others = columns.map(([name]) => name).filter((name) => !of.key.includes(name));
  const conflict = `ON CONFLICT (${of.key.join(', ')}) DO UPDATE SET ${others.map((name) => `${name} = excluded.${name}`).join(', ')}`;
  return insertInto<Row>(of.name, columns, replace ? conflict : '');
}

/** @param by columns that tell which rows go; the cells of the rows that are given */
export function createDelete(ids: IdCodec, of: Table, by: readonly string[]): RowWriter<Row> {
  const columns = columnsOf(ids, of, by, by.map((_name, at) => at));
  return forEach<Row>(columns, (given) => `DELETE FROM ${of.name} t USING ${given} WHERE ${by.map((name) => `t.${name} = given.${name}`).join(' AND ')}`);
}

/** @param by columns that tell which rows are wanted; the cells of the rows that are given */
export function createFind(ids: IdCodec, of: Table, by: readonly string[]): RowWriter<Row> {
  const columns = columnsOf(ids, of, by, by.map((_name, at) => at));
  return forEach<Row>(columns, (given) => `SELECT ${selected(of)} FROM ${fromOf(of)} JOIN ${given} ON ${by.map((name) => `t.${name} = given.${name}`).join(' AND ')} ORDER BY ${orderOf(of)}`);
}
