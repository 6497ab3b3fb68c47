/** What has changed in a database since it was last looked at: rows as they are now, and keys of rows that are gone. */
import { UnsoundError } from './errors.js';
import { lineOf, placesOf, TABLES, type Row, type Table } from './tables.js';

export interface Changed {
  readonly of: Table;
  readonly rows: readonly Row[];
}

/** Rows that are gone, told by these columns. */
export interface Removed {
  readonly of: Table;
  readonly by: readonly string[];
  readonly keys: readonly Row[];
}

export interface Delta {
  readonly changed: readonly Changed[];
  readonly removed: readonly Removed[];
}

/** How many rows it is about. */
export function sizeOf({ changed, removed }: Delta): number {
  return [...changed.map(({ rows }) => rows), ...removed.map(({ keys }) => keys)].reduce((sum, some) => sum + some.length, 0);
}

/** Each row once, in the order of tables in which they may be written. A later one of the same key takes the place of an earlier one. */
export function mergeChanged(parts: readonly Changed[]): readonly Changed[] {
  return TABLES.flatMap((of) => {
    const places = placesOf(of, of.key);
    const rows = parts.filter((part) => part.of === of).flatMap((part) => part.rows);
    if (rows.length === 0) return [];
    return [{ of, rows: [...new Map(rows.map((row) => [nameOf(row, places), row])).values()] }];
  });
}

const nameOf = (row: Row, places: readonly number[]): string => JSON.stringify(places.map((place) => row[place]!));

/** Reads rows of a table by these columns. */
export type FindRows = (of: Table, by: readonly string[], keys: readonly Row[]) => Promise<readonly Row[]>;

/** Whether a delta has arrived as it was sent. @throws UnsoundError that names what has not */
export async function compareDelta({ changed, removed }: Delta, find: FindRows): Promise<void> {
  await Promise.all([
    ...changed.map(async ({ of, rows }) => {
      const places = placesOf(of, of.key);
      const found = new Map((await find(of, of.key, rows.map((row) => places.map((place) => row[place]!)))).map((row) => [nameOf(row, places), lineOf(row)]));
      const other = rows.find((row) => found.get(nameOf(row, places)) !== lineOf(row));
      if (other) throw new UnsoundError(`${whatOf(of, other)} has not arrived as it was sent`);
    }),
    ...removed.map(async ({ of, by, keys }) => {
      const [left] = await find(of, by, keys);
      if (left) throw new UnsoundError(`${whatOf(of, left)} should be gone`);
    }),
  ]);
}

function whatOf(of: Table, row: Row): string {
  const stream = row[placesOf(of, ['stream_id'])[0]!];
  return stream === undefined ? `a row of ${of.name}` : `a row of ${of.name} of stream ${String(stream)}`;
}
