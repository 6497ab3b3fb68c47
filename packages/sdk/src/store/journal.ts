/**
 * The text of a store's file: one line per commit, `<checksum> <JSON>\n`, behind a header line. A commit is one line, so that
 * whatever a crash leaves of it is the end of the file, and nothing but the end can be torn.
 */
import { crc32 } from 'node:zlib';
import type { StoreChange, StoreTable } from './port.js';

export type Tables = ReadonlyMap<StoreTable, Map<string, string>>;

/** What a file was found to hold. `bytes` is the length of what is whole; behind it stands at most a torn line. */
export type JournalText =
  | { readonly kind: 'whole'; readonly tables: Tables; readonly bytes: number }
  | { readonly kind: 'foreign' }
  | { readonly kind: 'newer'; readonly version: number }
  | { readonly kind: 'damaged'; readonly line: number };

type Row = readonly [table: StoreTable, key: string, value: string | null];

const NEWLINE = 10;
const CHECKSUM_CHARS = 8;
const FORMAT = 'talaria-store';
const VERSION = 1;

const checksum = (json: Uint8Array | string): string => crc32(json).toString(16).padStart(CHECKSUM_CHARS, '0');

function line(content: unknown): Buffer {
  const json = JSON.stringify(content);
  return Buffer.from(`${checksum(json)} ${json}\n`);
}

export const headerLine = (): Buffer => line({ format: FORMAT, version: VERSION });

export const commitLine = (changes: readonly StoreChange[]): Buffer => line(changes.map(({ table, key, value }): Row => [table, key, value]));

export const emptyTables = (): Tables => new Map<StoreTable, Map<string, string>>([['outbox', new Map()], ['cursors', new Map()], ['meta', new Map()]]);

/** Bytes that a row takes in a journal, more or less: what a compacted journal is compared with. */
const ROW_OVERHEAD = 24;

/** @returns by how much the content has grown */
export function applyChanges(tables: Tables, changes: readonly StoreChange[]): number {
  let grown = 0;
  for (const { table, key, value } of changes) {
    const rows = tables.get(table);
    if (!rows) continue;
    const before = rows.get(key);
    if (before !== undefined) grown -= rowSize(key, before);
    if (value === null) rows.delete(key);
    else {
      rows.set(key, value);
      grown += rowSize(key, value);
    }
  }
  return grown;
}

const rowSize = (key: string, value: string): number => key.length + value.length + ROW_OVERHEAD;

export function contentSize(tables: Tables): number {
  let size = 0;
  for (const rows of tables.values()) for (const [key, value] of rows) size += rowSize(key, value);
  return size;
}

/** All content as commits of about `commit_bytes` each. */
export function* commitsOf(tables: Tables, commit_bytes: number): Generator<Buffer> {
  let changes: StoreChange[] = [];
  let size = 0;
  for (const [table, rows] of tables) {
    for (const [key, value] of rows) {
      changes.push({ table, key, value });
      size += rowSize(key, value);
      if (size < commit_bytes) continue;
      yield commitLine(changes);
      changes = [];
      size = 0;
    }
  }
  if (changes.length > 0) yield commitLine(changes);
}

/** Reads a whole file. An empty one is a new store. */
export function readJournal(bytes: Buffer): JournalText {
  const tables = emptyTables();
  if (bytes.length === 0) return { kind: 'whole', tables, bytes: 0 };
  let start = 0;
  for (let number = 1; start < bytes.length; number += 1) {
    const end = bytes.indexOf(NEWLINE, start);
    const content = end < 0 ? undefined : readLine(bytes.subarray(start, end));
    if (number === 1) {
      const header = readHeader(content);
      if (header !== VERSION) return header === undefined ? { kind: 'foreign' } : { kind: 'newer', version: header };
    } else if (Array.isArray(content)) {
      applyChanges(tables, (content as Row[]).map(([table, key, value]) => ({ table, key, value })));
    } else {
      // Only the last commit can be torn: it is the only one whose fsync nobody has seen the end of.
      return end < 0 || end === bytes.length - 1 ? { kind: 'whole', tables, bytes: start } : { kind: 'damaged', line: number };
    }
    start = end + 1;
  }
  return { kind: 'whole', tables, bytes: start };
}

/** @returns what the line holds, or undefined when it is not as it was written */
function readLine(text: Buffer): unknown {
  const json = text.subarray(CHECKSUM_CHARS + 1);
  if (text.toString('latin1', 0, CHECKSUM_CHARS + 1) !== `${checksum(json)} `) return undefined;
  return JSON.parse(json.toString('utf8'));
}

/** @returns the version, or undefined when this is not the first line of a store */
function readHeader(content: unknown): number | undefined {
  const header = content as { readonly format?: unknown; readonly version?: unknown } | undefined;
  return header?.format === FORMAT && typeof header.version === 'number' ? header.version : undefined;
}
