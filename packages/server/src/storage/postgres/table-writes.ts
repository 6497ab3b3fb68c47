/** Statements that write many rows of a table, a list for each column. */
import { plainArray, textArray } from './array-text.js';
import type { Line, Parameter } from './line.js';

type ColumnType = 'uuid' | 'bigint' | 'integer' | 'boolean' | 'text';
type Column<Row> = readonly [name: string, type: ColumnType, value: (row: Row) => Parameter];

/** What is sent to write rows. */
export interface RowWriter<Row> {
  /** @param rows none: nothing is sent */
  (line: Line, rows: readonly Row[]): Promise<unknown>;
}

const lists = (columns: readonly Column<never>[]): string => columns.map(([, type], at) => `$${at + 1}::${type}[]`).join(', ');
const names = (columns: readonly Column<never>[]): string => columns.map(([name]) => name).join(', ');

function send<Row>(line: Line, sql: string, columns: readonly Column<Row>[], rows: readonly Row[]): Promise<unknown> {
  return line.query(sql, columns.map(([, type, value]) => (type === 'text' ? textArray : plainArray)(rows.map(value))));
}

/** @param end what follows the rows, as `ON CONFLICT …` */
export function insertInto<Row>(table: string, columns: readonly Column<Row>[], end = ''): RowWriter<Row> {
  const sql = `INSERT INTO ${table} (${names(columns)}) SELECT * FROM unnest(${lists(columns)}) ${end}`;
  return (line, rows) => (rows.length === 0 ? Promise.resolve() : send(line, sql, columns, rows));
}

/** @param keys say which row it is; @param set what it becomes */
export function updateEach<Row>(table: string, keys: readonly Column<Row>[], set: readonly Column<Row>[]): RowWriter<Row> {
  const columns = [...keys, ...set];
  const sql = `UPDATE ${table} t SET ${set.map(([name]) => `${name} = given.${name}`).join(', ')}
    FROM unnest(${lists(columns)}) AS given (${names(columns)}) WHERE ${keys.map(([name]) => `t.${name} = given.${name}`).join(' AND ')}`;
  return (line, rows) => (rows.length === 0 ? Promise.resolve() : send(line, sql, columns, rows));
}

/** Any statement over such rows, which it names `given`. */
export function forEach<Row>(columns: readonly Column<Row>[], statement: (given: string) => string): RowWriter<Row> {
  const sql = statement(`unnest(${lists(columns)}) AS given (${names(columns)})`);
  return (line, rows) => (rows.length === 0 ? Promise.resolve() : send(line, sql, columns, rows));
}
