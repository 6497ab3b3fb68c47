/** Reads a backup file, and believes nothing of it: whatever is cut off, damaged or foreign is named. */
import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { createStreamSums, type StreamSum } from './checksums.js';
import { BackupUnusableError } from './errors.js';
import { readEnd, readHeader, readObject, readRow, readTable, type Counts, type End, type Header, type WrittenTable } from './format.js';
import { TABLES, type Row, type Table } from './tables.js';

/** Longer than any row: the largest fact has 56 KiB of text and data, escaped at worst to six times as much. */
const LINE_BYTES_MAX = 4_194_304;
const CHUNK_BYTES = 262_144;

export type BackupPart =
  | { readonly kind: 'header'; readonly header: Header }
  | { readonly kind: 'rows'; readonly table: Table; readonly rows: readonly Row[] };

/**
 * The parts of a backup in their order. All checksums and counts are compared on the way: only when the last part has been given is it
 * known that the file is whole.
 *
 * @throws BackupUnusableError that names what is wrong first
 */
export async function* readBackup(path: string): AsyncGenerator<BackupPart, Counts> {
  const reader = new LineReader();
  try {
    for await (const lines of linesOf(path)) yield* reader.take(lines);
    return reader.end();
  } catch (error) {
    throw asUnusable(path, error);
  }
}

function asUnusable(path: string, error: unknown): BackupUnusableError {
  if (error instanceof BackupUnusableError) return error;
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
  const reason = error instanceof Error ? error.message : String(error);
  if (code === 'ENOENT') return new BackupUnusableError(path, 'is not there', error);
  if (code === 'Z_BUF_ERROR') return new BackupUnusableError(path, 'is cut off', error);
  if (code.startsWith('Z_')) return new BackupUnusableError(path, `is damaged: ${reason}`, error);
  if (code !== '') return new BackupUnusableError(path, `cannot be read: ${reason}`, error);
  return new BackupUnusableError(path, reason, error);
}

const NOT_OURS = 'is not a backup of Talaria';
const CUT_OFF = 'is cut off';
/** What unpacking says of a file that no packer has written. */
const NEVER_PACKED: ReadonlySet<string> = new Set(['incorrect header check', 'unknown compression method']);

class LineReader {
  private readonly hash: Hash = createHash('sha256');
  private readonly counts: Record<string, number> = {};
  private header: Header | undefined;
  private written: WrittenTable | undefined;
  private readonly sums = createStreamSums();
  private ended: End | undefined;
  private line = 0;

  *take(lines: readonly Buffer[]): Generator<BackupPart> {
    let rows: Row[] = [];
    for (const bytes of lines) {
      this.line += 1;
      if (this.ended) throw new Error(`is damaged: something stands behind its end, in line ${this.line}`);
      const text = bytes.toString();
      const row = this.written && text.startsWith('[') ? this.row(this.written, text) : undefined;
      if (row) {
        rows.push(row);
      } else {
        if (this.written && rows.length > 0) yield { kind: 'rows', table: this.written.table, rows };
        rows = [];
        const header = this.other(text);
        if (header) yield { kind: 'header', header };
      }
      if (!this.ended) this.hash.update(bytes).update('\n');
    }
    if (this.written && rows.length > 0) yield { kind: 'rows', table: this.written.table, rows };
  }

  /** @returns how many rows each table has */
  end(): Counts {
    if (!this.header) throw new Error(this.line === 0 ? `${NOT_OURS}: it is empty` : NOT_OURS);
    if (!this.ended) throw new Error(CUT_OFF);
    return this.counts;
  }

  private row(written: WrittenTable, text: string): Row {
    const { table } = written;
    const row = readRow(written, text);
    if (!row) throw new Error(`is damaged: line ${this.line} is no row of ${table.name}`);
    this.counts[table.name]! += 1;
    // The sum of a stream stands before the next stream's facts, and was taken there.
    if (table.name === 'events' && this.sums.add(row, text)) throw new Error(`is damaged: a stream's checksum is missing before line ${this.line}`);
    return row;
  }

  /** A line that is no row. @returns the header, when it is that */
  private other(text: string): Header | undefined {
    if (!this.header) {
      this.header = readHeader(text);
      if (!this.header) throw new Error(NOT_OURS);
      return this.header;
    }
    const fields = readObject(text);
    if (!fields) throw new Error(`is damaged: line ${this.line} cannot be read`);
    if ('sha256' in fields && fields['end'] !== true) {
      this.compare(this.sums.end(), fields);
      return undefined;
    }
    this.endTable();
    const end = readEnd(fields);
    if (end) this.finish(end);
    else this.begin(readTable(fields));
    return undefined;
  }

  private begin(written: WrittenTable | undefined): void {
    const table = written?.table;
    const expected = TABLES[Object.keys(this.counts).length];
    if (!written || !table || table !== expected) throw new Error(`is damaged: line ${this.line} should begin ${expected?.name ?? 'its end'}`);
    this.written = written;
    this.counts[table.name] = 0;
  }

  private endTable(): void {
    if (this.sums.end()) throw new Error(`is damaged: a stream's checksum is missing before line ${this.line}`);
  }

  private compare(due: StreamSum | undefined, given: Readonly<Record<string, unknown>>): void {
    if (!due) throw new Error(`is damaged: line ${this.line} is a checksum of no facts`);
    const same = given['app'] === due.app && given['stream'] === due.stream && given['facts'] === due.facts && given['sha256'] === due.sha256;
    if (!same) throw new Error(`is damaged: the checksum of stream ${due.stream} is wrong`);
  }

  private finish(end: End): void {
    const missing = TABLES[Object.keys(this.counts).length];
    if (missing && !missing.later) throw new Error(`is damaged: it ends without ${missing.name}`);
    const wrong = TABLES.find(({ name }) => end.counts[name] !== this.counts[name]);
    if (wrong) throw new Error(`is damaged: it has ${this.counts[wrong.name]} rows of ${wrong.name} and should have ${String(end.counts[wrong.name])}`);
    if (end.sha256 !== this.hash.digest('hex')) throw new Error('is damaged: its checksum is wrong');
    this.ended = end;
  }
}

/** Lines as they come out of the file, some at a time. */
async function* linesOf(path: string): AsyncGenerator<readonly Buffer[]> {
  const file = createReadStream(path, { highWaterMark: CHUNK_BYTES });
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
  file.on('error', (error) => gunzip.destroy(error));
  file.pipe(gunzip);
  let rest: Buffer = Buffer.alloc(0);
  let any = false;
  try {
    for await (const chunk of gunzip as AsyncIterable<Buffer>) {
      any = true;
      const lines: Buffer[] = [];
      const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      let from = 0;
      for (let to = bytes.indexOf(10, rest.length); to !== -1; to = bytes.indexOf(10, from)) {
        lines.push(bytes.subarray(from, to));
        from = to + 1;
      }
      rest = bytes.subarray(from);
      if (rest.length > LINE_BYTES_MAX) throw new Error(NOT_OURS);
      yield lines;
    }
  } catch (error) {
    // What does not even begin like a packed file was never a backup.
    if (!any && error instanceof Error && NEVER_PACKED.has(error.message)) throw new Error(NOT_OURS, { cause: error });
    throw error;
  } finally {
    file.destroy();
    gunzip.destroy();
  }
  if (rest.length > 0) throw new Error(CUT_OFF);
}
