import { closeSync, fstatSync, ftruncateSync, mkdirSync, openSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Entry } from './entries.js';
import { entryProblem, LINE_BYTES_MAX } from './schema.js';

/** Appends to one file of a history. */
export interface HistoryWriter {
  readonly file: string;
  /** True when the file already held lines: the client began anew, and writes `restart` and `client` first. */
  readonly resumed: boolean;
  /**
   * Appends one line before it returns, so that it is kept when the process is killed right after. Throws when
   * the entry is not what its type says, or longer than a line may be: that is a slip of the caller.
   */
  write(entry: Entry): void;
  close(): void;
}

/** Options of `openHistory`. */
export interface HistoryWriterOptions {
  /** The clock of `at`; all clients of a run must share it. Default: `machineNow`. */
  readonly now?: () => number;
}

/**
 * Milliseconds, with a fraction, since the machine started. One clock for all processes of a machine, which
 * no clock adjustment moves back: wall time would make H6 accuse a server of a step of the clock.
 */
export function machineNow(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** Opens (and makes, if needed) `dir/<client>.ndjson` for appending. The server's log is the client `log`. */
export function openHistory(dir: string, client: string, options: HistoryWriterOptions = {}): HistoryWriter {
  if (!/^[\w.-]{1,200}$/.test(client)) throw new Error(`not a name for a history file: ${JSON.stringify(client)}`);
  mkdirSync(dir, { recursive: true });
  const file = join(dir, `${client}.ndjson`);
  const now = options.now ?? machineNow;
  const fd = openSync(file, 'a+');
  const resumed = cutTornLine(fd) > 0;
  return {
    file,
    resumed,
    write: (entry) => append(fd, { ...entry, at: now() }),
    close: () => closeSync(fd),
  };
}

function append(fd: number, entry: Entry & { at: number }): void {
  const problem = entryProblem(entry);
  if (problem !== undefined) throw new Error(`not a line of a history: ${problem}`);
  const line = Buffer.from(`${JSON.stringify(entry)}\n`);
  if (line.length > LINE_BYTES_MAX) throw new Error(`not a line of a history: ${entry.k} is longer than ${LINE_BYTES_MAX} bytes`);
  for (let done = 0; done < line.length; ) done += writeSync(fd, line, done);
}

/** Removes what a killed process left after the last newline, and returns the bytes that remain. */
function cutTornLine(fd: number): number {
  const size = fstatSync(fd).size;
  const tail = Buffer.alloc(Math.min(size, LINE_BYTES_MAX + 1));
  readSync(fd, tail, 0, tail.length, size - tail.length);
  const kept = size - tail.length + tail.lastIndexOf('\n') + 1;
  if (kept < size) ftruncateSync(fd, kept);
  return kept;
}
