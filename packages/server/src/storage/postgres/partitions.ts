/** Events and command keys as several tables each, by a hash of their stream and of their actor. Chosen once, when the database is made. */
import type { Line } from './line.js';

export const PARTITIONS_MIN = 2;
export const PARTITIONS_MAX = 256;

/** Which tables, and by which column. Whatever is looked up in them for a stream or an actor names it, so that one partition is read. */
const HASHED = { events: 'stream_id', command_keys: 'actor_id' } as const;

/** A statement locks every partition that its plan knows, with an index each; one transaction reads both tables. */
const LOCKS_EACH = 4;

interface IndexColumns { readonly name: string; readonly definition: string; readonly key: string | null }

const INDEXES = `SELECT i.relname AS name, pg_get_indexdef(x.indexrelid) AS definition, pg_get_constraintdef(c.oid) AS key
  FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid LEFT JOIN pg_constraint c ON c.conindid = x.indexrelid AND c.contype = 'p'
 WHERE x.indrelid = $1::regclass ORDER BY i.relname`;

const COUNT = `SELECT count(*) AS partitions FROM pg_inherits p JOIN pg_class t ON t.oid = p.inhparent JOIN pg_namespace n ON n.oid = t.relnamespace
 WHERE n.nspname = current_schema() AND t.relname = 'events'`;

/** How many partitions the tables of this database have; 0 when they have none, or are not there. Postgres itself remembers it. */
export async function partitionsOf(line: Line): Promise<number> {
  const { rows: [row] } = await line.query<{ partitions: number }>(COUNT);
  return row?.partitions ?? 0;
}

/**
 * Makes tables that have just been made, and are empty, into partitioned ones: names, columns and indexes stay. Runs in the transaction
 * that made them, so that there is never half of it.
 *
 * @param count from 2 to 256
 * @throws Error with one sentence when there cannot be so many
 */
export async function partition(line: Line, count: number): Promise<void> {
  if (!Number.isInteger(count) || count < PARTITIONS_MIN || count > PARTITIONS_MAX) throw new Error(`partitions must be ${PARTITIONS_MIN} to ${PARTITIONS_MAX}, or 0 for none`);
  const { rows: [locks] } = await line.query<{ most: number }>("SELECT current_setting('max_locks_per_transaction')::integer AS most");
  const needed = count * LOCKS_EACH;
  if (locks && locks.most < needed) throw new Error(`${count} partitions need max_locks_per_transaction = ${needed} in postgresql.conf, and it is ${locks.most}`);
  for (const [table, by] of Object.entries(HASHED)) {
    const { rows: indexes } = await line.query<IndexColumns>(INDEXES, [table]);
    await line.script(scriptFor(table, by, count, indexes));
  }
}

function scriptFor(table: string, by: string, count: number, indexes: readonly IndexColumns[]): string {
  const each = Array.from({ length: count }, (_, at) => `CREATE TABLE ${table}_p${at} PARTITION OF ${table} FOR VALUES WITH (MODULUS ${count}, REMAINDER ${at})`);
  return [
    `ALTER TABLE ${table} RENAME TO ${table}_whole`,
    `CREATE TABLE ${table} (LIKE ${table}_whole INCLUDING ALL EXCLUDING INDEXES) PARTITION BY HASH (${by})`,
    `DROP TABLE ${table}_whole`,
    ...indexes.map(({ name, definition, key }) => (key === null ? definition : `ALTER TABLE ${table} ADD CONSTRAINT ${name} ${key}`)),
    ...each,
  ].join(';\n');
}

/**
 * The number belongs to the database. Who asks for another one would believe that they have it, so they are told.
 *
 * @param wanted 0: whatever it has
 * @throws Error with one sentence
 */
export async function refuseOtherPartitions(line: Line, wanted: number): Promise<void> {
  if (wanted === 0) return;
  const there = await partitionsOf(line);
  if (there === wanted) return;
  throw new Error(`its tables have ${there === 0 ? 'no' : there} partitions, not ${wanted}, and keep them: ${there === 0 ? 'leave database_partitions out' : `set database_partitions to ${there} or leave it out`}, or restore a backup into an empty database`);
}
