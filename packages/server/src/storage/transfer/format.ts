/** The lines of a backup file: a header, tables with their rows, sums of streams between the facts, and an end. See docs/backup.md. */
import type { SnapshotState } from './snapshot.js';
import type { StreamSum } from './checksums.js';
import { TABLES, type Cell, type CellKind, type Column, type Row, type Table } from './tables.js';

/** Counted up when an older program could not read it any more. Since 2 there are databases of tenants, since 3 entries, and how users show who they are. */
export const FORMAT = 3;
const FIRST_FORMAT = 1;

export type Counts = Readonly<Record<string, number>>;

export interface Header extends SnapshotState {
  readonly createdByMs: number;
}

export interface End {
  readonly counts: Counts;
  /** Of all that stands before the line of the end. */
  readonly sha256: string;
}

export function headerLine(state: SnapshotState, nowMs: number): string {
  return JSON.stringify({
    talaria_backup: FORMAT, created_ms: nowMs, driver: state.driver, schema_version: state.schemaVersion, epoch: state.epoch, position: state.position,
    keys_floor_ms: state.keysFloorMs, store_created_ms: state.createdMs, secret_check: state.secretCheck,
  });
}

export const tableLine = ({ name, columns }: Table): string => JSON.stringify({ table: name, columns: columns.map((column) => column.name) });
export const sumLine = ({ app, stream, facts, sha256 }: StreamSum): string => JSON.stringify({ app, stream, facts, sha256 });
export const endLine = ({ counts, sha256 }: End): string => JSON.stringify({ end: true, counts, sha256 });

type Fields = Readonly<Record<string, unknown>>;

/** @returns undefined when the line is no object */
export function readObject(line: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
  } catch {
    return undefined;
  }
}

/** @returns undefined when the line is not the first one of a backup @throws Error when it is one of another format */
export function readHeader(line: string): Header | undefined {
  const fields = readObject(line);
  if (!fields || typeof fields['talaria_backup'] !== 'number') return undefined;
  if (fields['talaria_backup'] < FIRST_FORMAT || fields['talaria_backup'] > FORMAT) throw new Error(`is of format ${fields['talaria_backup']}, which this program does not know; use a newer Talaria`);
  const { driver, epoch, secret_check: secretCheck } = fields;
  const [createdByMs, schemaVersion, position, keysFloorMs, createdMs] = ['created_ms', 'schema_version', 'position', 'keys_floor_ms', 'store_created_ms'].map((name) => whole(fields[name]));
  if (typeof driver !== 'string' || typeof epoch !== 'string' || (secretCheck !== null && typeof secretCheck !== 'string')) return undefined;
  if (createdByMs === undefined || schemaVersion === undefined || position === undefined || keysFloorMs === undefined || createdMs === undefined) return undefined;
  return { driver, epoch, secretCheck, createdByMs, schemaVersion, position, keysFloorMs, createdMs };
}

/** A table as a backup has it: columns that are later than the backup are not in it. */
export interface WrittenTable {
  readonly table: Table;
  readonly columns: readonly Column[];
}

/** @returns the table whose rows follow; undefined when the line says nothing of the kind, or the table has other columns */
export function readTable({ table, columns }: Fields): WrittenTable | undefined {
  const found = TABLES.find(({ name }) => name === table);
  if (!found || !Array.isArray(columns)) return undefined;
  const written = found.columns.filter(({ name }) => columns.includes(name) || !Object.hasOwn(found.laterColumns, name));
  return JSON.stringify(columns) === JSON.stringify(written.map(({ name }) => name)) ? { table: found, columns: written } : undefined;
}

/** @returns undefined when it is no end */
export function readEnd({ end, counts, sha256 }: Fields): End | undefined {
  if (end !== true || typeof sha256 !== 'string' || typeof counts !== 'object' || counts === null) return undefined;
  return { sha256, counts: counts as Counts };
}

const ID = /^[a-z]_[0-9a-hjkmnp-tv-z]{26}$/;

function fits(kind: CellKind, cell: unknown): cell is Cell {
  if (cell === null) return true;
  if (kind === 'whole') return Number.isSafeInteger(cell);
  if (kind === 'flag') return typeof cell === 'boolean';
  return typeof cell === 'string' && (kind === 'text' || ID.test(cell));
}

/** @returns undefined when the line is no row of the table */
export function readRow({ table, columns }: WrittenTable, line: string): Row | undefined {
  let cells: unknown;
  try {
    cells = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (!Array.isArray(cells) || cells.length !== columns.length || !columns.every(({ kind }, at) => fits(kind, cells[at]))) return undefined;
  return columns.length === table.columns.length ? (cells as Row) : completed(table, columns, cells as Row);
}

/** A row with what stands in columns that it was written without. */
function completed(table: Table, columns: readonly Column[], cells: Row): Row {
  const given = new Map(columns.map(({ name }, at) => [name, cells[at]!]));
  return table.columns.map(({ name }) => {
    if (given.has(name)) return given.get(name)!;
    const later = table.laterColumns[name] ?? null;
    return typeof later === 'object' && later !== null ? given.get(later.as) ?? null : later;
  });
}

const whole = (value: unknown): number | undefined => (Number.isSafeInteger(value) ? (value as number) : undefined);
