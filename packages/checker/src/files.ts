import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Recorded } from './entries.js';
import { HistoryError, lineError } from './history-error.js';
import { readLines } from './lines.js';
import { parseEntry } from './schema.js';

/** The name of the file that holds the server's log. */
export const LOG_FILE = 'log.ndjson';

/** One file of a history, by its name in the directory. */
export interface HistoryFile {
  readonly name: string;
  readonly entries: readonly Recorded[];
}

/** All files `*.ndjson` of a directory, in the order of their names. Throws a HistoryError. */
export function readFiles(dir: string): HistoryFile[] {
  const names = list(dir).filter((name) => name.endsWith('.ndjson')).toSorted();
  if (!names.includes(LOG_FILE)) throw new HistoryError(`${dir}: has no ${LOG_FILE}, the server's log, so there is nothing to judge by`);
  return names.map((name) => ({ name, entries: readEntries(dir, name) }));
}

function list(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch (error) {
    throw new HistoryError(`cannot read the history ${dir}: ${reason(error)}`);
  }
}

function readEntries(dir: string, name: string): Recorded[] {
  const entries: Recorded[] = [];
  try {
    for (const line of readLines(join(dir, name), name)) {
      const entry = readEntry(name, line.text, line.number, line.complete);
      if (entry !== undefined) entries.push(entry);
    }
  } catch (error) {
    throw error instanceof HistoryError ? error : new HistoryError(`cannot read ${join(dir, name)}: ${reason(error)}`);
  }
  return entries;
}

function readEntry(name: string, text: string, line: number, complete: boolean): Recorded | undefined {
  try {
    return Object.assign(parseEntry(text), { line });
  } catch (error) {
    // A client that is killed while it writes leaves half a line at the end, which says nothing. The log is
    // written by a process that lived on, so half a line there is a log that is not whole.
    if (!complete && name !== LOG_FILE) return undefined;
    throw lineError(name, line, (error as Error).message);
  }
}

function reason(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT') return 'no such file or directory';
  if (code === 'ENOTDIR') return 'not a directory';
  return error instanceof Error ? error.message : String(error);
}
