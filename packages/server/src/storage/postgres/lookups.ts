import type { Line, Parameter } from './line.js';
import { plainArray, textArray } from './array-text.js';

type ColumnType = 'uuid' | 'bigint' | 'text';

/** One question that can be asked many times at once. */
export interface Question<Row extends object> {
  readonly name: string;
  /** Names what each time is asked with, as columns of `asked`. */
  readonly columns: Readonly<Record<string, ColumnType>>;
  /** Selects from `asked`, and gives its `at` with each row. Rows of one `at` come in order. */
  readonly sql: string;
  /** Never there: it tells the compiler what a row is. */
  readonly row?: Row;
}

export function question<Row extends object>(name: string, columns: Readonly<Record<string, ColumnType>>, sql: string): Question<Row> {
  const names = Object.keys(columns);
  const lists = Object.values(columns).map((type, at) => `$${at + 1}::${type}[]`);
  return { name, columns, sql: `WITH asked AS (SELECT * FROM unnest(${lists.join(', ')}) WITH ORDINALITY AS a (${names.join(', ')}, at)) ${sql}` };
}

interface Wanted {
  readonly key: string;
  readonly parameters: readonly Parameter[];
  readonly found: (rows: readonly object[]) => unknown;
}

/** A rule has asked for what is not read yet. It is run again when it is. */
class NotReadError extends Error {
  override readonly name = 'NotReadError';
}

const NOT_READ = new NotReadError('this has not been read from the database yet');

/**
 * What the rules look up, while the database answers later. The rules are functions of what they look up, and know nothing of
 * waiting: what is not there yet is noted and ends their run, all that was noted is read in one round trip, and they run again,
 * as often as it takes. What can be known before is wanted before, so that most runs are the first.
 */
export class Lookups {
  private readonly known = new Map<string, unknown>();
  private wanted = new Map<Question<object>, Map<string, Wanted>>();

  /** Whether something is wanted that has not been read. */
  get incomplete(): boolean {
    return this.wanted.size > 0;
  }

  /**
   * @param found makes the answer from the rows
   * @throws NotReadError
   */
  ask<Row extends object, Found>(asked: Question<Row>, parameters: readonly Parameter[], found: (rows: readonly Row[]) => Found): Found {
    const key = this.want(asked, parameters, found);
    if (!this.known.has(key)) throw NOT_READ;
    return this.known.get(key) as Found;
  }

  /** Says before that something will be asked. */
  want<Row extends object>(asked: Question<Row>, parameters: readonly Parameter[], found: (rows: readonly Row[]) => unknown): string {
    const key = `${asked.name}|${parameters.join('|')}`;
    if (this.known.has(key)) return key;
    let list = this.wanted.get(asked);
    if (!list) {
      list = new Map();
      this.wanted.set(asked, list);
    }
    if (!list.has(key)) list.set(key, { key, parameters, found: found as Wanted['found'] });
    return key;
  }

  /** Reads all that is wanted. @throws as `Line.query` */
  async read(line: Line): Promise<void> {
    const lists = [...this.wanted].map(([asked, list]) => [asked, [...list.values()]] as const);
    this.wanted = new Map();
    const answers = await Promise.all(line.together(() => lists.map(([asked, list]) => line.query<{ at: number }>(asked.sql, parametersOf(asked, list)))));
    lists.forEach(([, list], which) => this.note(list, answers[which]!.rows));
  }

  private note(list: readonly Wanted[], rows: readonly { at: number }[]): void {
    const byPlace = new Map<number, object[]>();
    for (const row of rows) {
      const found = byPlace.get(row.at);
      if (found) found.push(row);
      else byPlace.set(row.at, [row]);
    }
    list.forEach(({ key, found }, at) => this.known.set(key, found(byPlace.get(at + 1) ?? [])));
  }
}

/** @returns undefined when something has not been read yet @throws what `run` throws else */
export function whenRead<T>(run: () => T): { readonly value: T } | undefined {
  try {
    return { value: run() };
  } catch (error) {
    if (error instanceof NotReadError) return undefined;
    throw error;
  }
}

/** More runs than any rule needs. */
const RUNS_MAX = 32;

/** Runs something as often as it takes to have read all that it asks for. @returns what `run` gives when it is content: something */
export async function untilRead<T>(lookups: Lookups, line: Line, run: () => T | undefined): Promise<T> {
  for (let runs = 0; runs < RUNS_MAX; runs += 1) {
    if (lookups.incomplete) await lookups.read(line);
    const done = whenRead(run);
    if (done?.value !== undefined) return done.value;
  }
  throw new Error('the rules ask for ever more');
}

/** Does all, so that what each of them asks for is read together. @throws NotReadError */
export function inTurn<T, R>(items: readonly T[], read: (item: T) => R): R[] {
  const done: R[] = [];
  let unread: NotReadError | undefined;
  for (const item of items) {
    try {
      done.push(read(item));
    } catch (error) {
      if (!(error instanceof NotReadError)) throw error;
      unread = error;
    }
  }
  if (unread) throw unread;
  return done;
}

function parametersOf(asked: Question<object>, list: readonly Wanted[]): readonly string[] {
  return Object.values(asked.columns).map((type, column) => (type === 'text' ? textArray : plainArray)(list.map(({ parameters }) => parameters[column]!)));
}
