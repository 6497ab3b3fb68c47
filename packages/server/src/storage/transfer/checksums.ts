/** What tells that facts are the same here and there: sha256 over the lines of a stream's facts, in the order of their seqs. */
import { createHash, type Hash } from 'node:crypto';
import { lineOf, placesOf, tableOf, type Row } from './tables.js';

export interface StreamSum {
  readonly app: string;
  readonly stream: string;
  readonly facts: number;
  readonly sha256: string;
}

export interface StreamSums {
  /**
   * Takes the next fact; facts of one stream follow each other.
   *
   * @param line of the row, where it is known already
   * @returns the sum of the stream before, when this fact is of another one
   */
  add(row: Row, line?: string): StreamSum | undefined;
  /** @returns the sum of the last stream; undefined when there was no fact since */
  end(): StreamSum | undefined;
}

const [APP, STREAM] = placesOf(tableOf('events'), ['app_id', 'stream_id']) as [number, number];

export function createStreamSums(): StreamSums {
  let open: { readonly app: string; readonly stream: string; readonly hash: Hash; facts: number } | undefined;
  const end = (): StreamSum | undefined => {
    const ended = open && { app: open.app, stream: open.stream, facts: open.facts, sha256: open.hash.digest('hex') };
    open = undefined;
    return ended;
  };
  return {
    end,
    add(row, line = lineOf(row)) {
      const [app, stream] = [row[APP] as string, row[STREAM] as string];
      const ended = open && (open.stream !== stream || open.app !== app) ? end() : undefined;
      open ??= { app, stream, hash: createHash('sha256'), facts: 0 };
      open.hash.update(line).update('\n');
      open.facts += 1;
      return ended;
    },
  };
}
