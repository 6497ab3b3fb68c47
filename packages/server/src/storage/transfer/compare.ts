/** Whether two databases hold the same: for each stream by the checksum of its facts, for every other table by that of its rows. */
import { createHash } from 'node:crypto';
import { createStreamSums, type StreamSum } from './checksums.js';
import { UnsoundError } from './errors.js';
import type { OnProgress } from './snapshot.js';
import { lineOf, TABLES, tableOf, type Row, type Table } from './tables.js';

/** Rows of a table in the order of its key. */
export type ReadRows = (of: Table) => AsyncIterable<readonly Row[]>;

/** @returns how many streams were compared @throws UnsoundError that names the first stream or table that is not the same */
export async function compareAll(here: ReadRows, there: ReadRows, onProgress: OnProgress): Promise<number> {
  let rows = 0;
  const counting = (read: ReadRows): ReadRows => async function* counted(of) {
    for await (const some of read(of)) {
      rows += some.length;
      onProgress({ doing: `comparing ${of.name}`, rows });
      yield some;
    }
  };
  for (const of of TABLES) {
    if (of.name === 'events') continue;
    if (await sumOf(counting(here), of) !== await sumOf(there, of)) throw new UnsoundError(`the table ${of.name} is not the same here and there`);
  }
  return compareStreams(sumsOf(counting(here)), sumsOf(there));
}

async function compareStreams(here: AsyncIterator<StreamSum>, there: AsyncIterator<StreamSum>): Promise<number> {
  for (let streams = 0; ; streams += 1) {
    const [left, right] = await Promise.all([here.next(), there.next()]);
    if (left.done && right.done) return streams;
    const [one, other] = [left, right].map((next) => (next.done ? undefined : next.value));
    const same = one?.stream === other?.stream && one?.app === other?.app && one?.facts === other?.facts && one?.sha256 === other?.sha256;
    if (!same) throw new UnsoundError(`stream ${(one ?? other)!.stream} is not the same here and there`);
  }
}

async function sumOf(read: ReadRows, of: Table): Promise<string> {
  const hash = createHash('sha256');
  for await (const rows of read(of)) for (const row of rows) hash.update(lineOf(row)).update('\n');
  return hash.digest('hex');
}

async function* sumsOf(read: ReadRows): AsyncGenerator<StreamSum> {
  const sums = createStreamSums();
  for await (const rows of read(tableOf('events'))) {
    for (const row of rows) {
      const sum = sums.add(row);
      if (sum) yield sum;
    }
  }
  const last = sums.end();
  if (last) yield last;
}
