import { closeSync, openSync, readSync } from 'node:fs';
import { lineError } from './history-error.js';
import { LINE_BYTES_MAX } from './schema.js';

const CHUNK_BYTES = 1024 * 1024;
const NEWLINE = 10;

/** One line of a file. `complete` is false for a last line without its newline. */
export interface Line {
  readonly text: string;
  readonly number: number;
  readonly complete: boolean;
}

/** The lines of a file, one at a time, never holding more than a chunk and a line of it. Errors call it `name`. */
export function* readLines(file: string, name: string): Generator<Line> {
  const fd = openSync(file, 'r');
  try {
    yield* linesOf(fd, name);
  } finally {
    closeSync(fd);
  }
}

function* linesOf(fd: number, name: string): Generator<Line> {
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  let rest: Buffer = Buffer.alloc(0);
  let number = 0;
  for (let size = readSync(fd, chunk); size > 0; size = readSync(fd, chunk)) {
    const data = Buffer.concat([rest, chunk.subarray(0, size)]);
    let start = 0;
    for (let end = data.indexOf(NEWLINE); end !== -1; end = data.indexOf(NEWLINE, start)) {
      number += 1;
      bound(end - start, name, number);
      yield { text: data.toString('utf8', start, end), number, complete: true };
      start = end + 1;
    }
    rest = data.subarray(start);
    bound(rest.length, name, number + 1);
  }
  if (rest.length > 0) yield { text: rest.toString('utf8'), number: number + 1, complete: false };
}

function bound(bytes: number, name: string, line: number): void {
  if (bytes > LINE_BYTES_MAX) throw lineError(name, line, `is longer than ${LINE_BYTES_MAX} bytes`);
}
