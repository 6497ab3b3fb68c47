/** Large tables as several: chosen once, kept, and each lookup in one of them. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import postgres from 'postgres';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { migrateDatabase, migrationsOfDatabase, moveDatabase, partitionsOfDatabase, restoreDatabase, backupDatabase, verifyDatabase, type SharedDatabase } from '../../src/databases.js';
import type { Storage } from '../../src/storage/port.js';
import { openPostgres } from '../../src/storage/postgres/driver.js';
import { createIdCodec } from '../../src/storage/postgres/ids.js';
import { PLAN_SETTINGS } from '../../src/storage/postgres/line.js';
import { QUESTIONS } from '../../src/storage/postgres/questions.js';
import { openSqlite } from '../../src/storage/sqlite/driver.js';
import { usePostgres } from '../support/postgres.js';
import { stagedOptions } from './postgres-harness.js';
import { MIGRATIONS as SQLITE_MIGRATIONS, STAGED_WORKER, temporaryFolder } from './sqlite-harness.js';
import { contentsOf, createScene } from './transfer-scene.js';
import { createWorld } from './world.js';

const server = usePostgres();
const folder = temporaryFolder();
const opened: Storage[] = [];
afterEach(() => Promise.all(opened.splice(0).map((storage) => storage.stop())));
afterAll(() => folder.remove());
const quiet = (): void => undefined;

async function open(url: string, partitions?: number): Promise<Storage> {
  const storage = await openPostgres(stagedOptions(url, partitions === undefined ? {} : { partitions }));
  opened.push(storage);
  return storage;
}

async function withClient<T>(url: string, use: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const sql = postgres(url, { max: 1, onnotice: () => undefined, connection: PLAN_SETTINGS });
  try {
    return await use(sql);
  } finally {
    await sql.end();
  }
}

/** Columns, indexes and constraints of every table that is not a partition, as text. */
const schemaOf = (url: string): Promise<readonly string[]> => withClient(url, async (sql) => {
  const rows = await sql<{ line: string }[]>`
    SELECT line FROM (
      SELECT a.attrelid AS relation, format('%s %s %s %s %s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, coalesce(pg_get_expr(d.adbin, d.adrelid), '') || ' ' || a.attcollation) AS line
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum WHERE a.attnum > 0 AND c.relkind IN ('r', 'p')
      UNION ALL
      SELECT indrelid, replace(pg_get_indexdef(indexrelid), ' ON ONLY ', ' ON ') FROM pg_index
    ) AS lines JOIN pg_class t ON t.oid = relation JOIN pg_namespace n ON n.oid = t.relnamespace WHERE n.nspname = 'public' AND NOT t.relispartition ORDER BY 1`;
  return rows.map(({ line }) => line);
});

describe('partitions', () => {
  it('have the same columns, indexes and constraints as whole tables', async () => {
    const [whole, split] = [await server().createDatabase(), await server().createDatabase()];
    await open(whole);
    await open(split, 3);
    expect(await schemaOf(split)).toEqual(await schemaOf(whole));
    expect([await partitionsOfDatabase({ database: { url: whole } }), await partitionsOfDatabase({ database: { url: split } })]).toEqual([0, 3]);
    expect(await partitionsOfDatabase({})).toBe(0);
  });

  it('[CLU1] are made once, by whichever of ten nodes is first', async () => {
    const url = await server().createDatabase();
    await Promise.all(Array.from({ length: 10 }, () => open(url, 5)));
    expect(await partitionsOfDatabase({ database: { url } })).toBe(5);
    const unlike = await server().createDatabase();
    const starts = await Promise.allSettled(Array.from({ length: 10 }, (_, at) => open(unlike, at % 2 === 0 ? 5 : 7)));
    const made = await partitionsOfDatabase({ database: { url: unlike } });
    expect(starts.map(({ status }) => status)).toEqual(starts.map((_, at) => ((at % 2 === 0 ? 5 : 7) === made ? 'fulfilled' : 'rejected')));
  });

  it('stay as they were made: another number is refused, and nothing is changed', async () => {
    const [split, whole] = [await server().createDatabase(), await server().createDatabase()];
    await open(split, 4);
    await open(whole);
    const before = [await schemaOf(split), await schemaOf(whole)];
    await expect(open(split, 8)).rejects.toThrow(/^its tables have 4 partitions, not 8, and keep them: set database_partitions to 4 or leave it out, or restore a backup into an empty database$/);
    await expect(open(whole, 8)).rejects.toThrow('its tables have no partitions, not 8, and keep them: leave database_partitions out, or restore');
    await expect(migrateDatabase({ data: '', database: { url: whole, partitions: 8 } })).rejects.toThrow('no partitions, not 8');
    expect([await schemaOf(split), await schemaOf(whole)]).toEqual(before);
    await open(split);
    await open(split, 4);
  });

  it('are refused when there would be too many of them, and nothing is made', async () => {
    const url = await server().createDatabase();
    for (const count of [1, 257, 2.5]) await expect(open(url, count)).rejects.toThrow('partitions must be 2 to 256, or 0 for none');
    const [row] = await withClient(url, (sql) => sql<{ most: number }[]>`SELECT current_setting('max_locks_per_transaction')::integer AS most`);
    const count = Math.floor(row!.most / 4) + 1;
    await expect(open(url, count)).rejects.toThrow(`${count} partitions need max_locks_per_transaction = ${count * 4} in postgresql.conf, and it is ${row!.most}`);
    expect((await migrationsOfDatabase({ data: '', database: { url } })).every(({ applied_ms }) => applied_ms === null)).toBe(true);
    expect(await schemaOf(url)).toEqual([]);
  });

  it('go with the migration that made them, and come back in another number', async () => {
    const url = await server().createDatabase();
    const database = (partitions?: number): { data: string; database: SharedDatabase } => ({ data: '', database: { url, ...(partitions === undefined ? {} : { partitions }) } });
    await migrateDatabase(database(4));
    await migrateDatabase(database(), 0);
    expect(await schemaOf(url)).toEqual([]);
    await migrateDatabase(database(6));
    expect(await partitionsOfDatabase(database())).toBe(6);
  });

  it('[SND2] hold what they should, and each lookup of a stream or an actor reads one of them', async () => {
    const url = await server().createDatabase();
    const storage = await open(url, 8);
    const world = createWorld(storage, 5_000);
    const ids = createIdCodec();
    const users = await world.users(12);
    const groups = await Promise.all(users.map((user) => world.group(user, [])));
    for (const [at, group] of groups.entries()) await world.say(group, users[at]!, 'hello');
    await withClient(url, async (sql) => {
      const [app, stream, user] = [world.app, groups[0]!, users[0]!].map((id) => ids.uuid(id)) as [string, string, string];
      for (const table of ['events', 'command_keys']) {
        const filled = await sql.unsafe(`SELECT DISTINCT tableoid::regclass AS part FROM ${table}`);
        expect(filled.length, table).toBeGreaterThan(3);
      }
      const values: Record<string, string> = { app, stream, id: stream, actor: user, member: user, uuid: stream, text: 'none' };
      const asked: string[] = [];
      for (const [name, question] of Object.entries(QUESTIONS)) {
        // The order of the whole store goes through all.
        if (name === 'lastPosition' || name === 'eventIdAtPosition') continue;
        const parameters = Object.entries(question.columns).map(([column, type]) => `{${values[column] ?? values[type] ?? '1'}}`);
        const parts = await partsRead(sql, question.sql, parameters);
        if (parts.known === 0) continue;
        asked.push(name);
        expect(parts.read, name).toBe(1);
        expect(parts.known, name).toBe(8);
      }
      expect(asked).toEqual(expect.arrayContaining(['commandKey', 'eventsBetween', 'eventIdAt', 'message', 'messagesDescending', 'payload', 'deletedOfOthers']));
      const edit = 'UPDATE events t SET body_seq = given.body FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::bigint[]) AS given (app_id, stream_id, seq, body) WHERE t.app_id = given.app_id AND t.stream_id = given.stream_id AND t.seq = given.seq';
      expect((await partsRead(sql, edit, [`{${app}}`, `{${stream}}`, '{2}', '{2}'])).read).toBe(1);
    });
  });

  it('[RES5] take in what moves, and what is restored; a backup of them fills whole tables', async () => {
    const data = join(folder.path, 'moving');
    mkdirSync(data);
    const source = await openSqlite({ path: join(data, 'talaria.db'), durability: 'relaxed', workerUrl: STAGED_WORKER, migrationsUrl: SQLITE_MIGRATIONS });
    opened.push(source);
    const scene = await createScene(source, 5_100);
    const was = await contentsOf(source, scene);
    const [moved, whole] = [await server().createDatabase(), await server().createDatabase()];
    await moveDatabase({ from: data, to: { url: moved, partitions: 3 } }, quiet);
    expect(await partitionsOfDatabase({ database: { url: moved } })).toBe(3);
    expect(await contentsOf(await open(moved), scene)).toEqual(was);
    await verifyDatabase({ data: '', database: { url: moved } }, quiet);
    const file = join(folder.path, 'moved.backup');
    await backupDatabase({ data: '', database: { url: moved } }, file, quiet);
    const choice = (url: string, partitions: number) => ({ data: join(folder.path, 'none'), database: { url, partitions } });
    await restoreDatabase(choice(whole, 0), file, undefined, quiet);
    expect(await partitionsOfDatabase({ database: { url: whole } })).toBe(0);
    expect(await contentsOf(await open(whole), scene)).toEqual(was);
    // What is there already keeps its number.
    const made = await server().createDatabase();
    await migrateDatabase({ data: '', database: { url: made, partitions: 2 } });
    await expect(restoreDatabase(choice(made, 4), file, undefined, quiet)).rejects.toThrow('its tables have 2 partitions, not 4');
    await restoreDatabase(choice(made, 2), file, undefined, quiet);
    expect(await contentsOf(await open(made), scene)).toEqual(was);
  });
});

interface Plan { readonly 'Relation Name'?: string; readonly 'Actual Loops'?: number; readonly Plans?: readonly Plan[] }

/** Which partitions a prepared statement's kept plan knows, and which it has read. */
async function partsRead(sql: postgres.Sql, text: string, parameters: readonly string[]): Promise<{ readonly known: number; readonly read: number }> {
  await sql.unsafe("SET plan_cache_mode = 'force_generic_plan'");
  await sql.unsafe(`PREPARE asked AS ${text}`);
  const [row] = await sql.unsafe<{ 'QUERY PLAN': readonly { readonly Plan: Plan }[] }[]>(`EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE asked (${parameters.map((value) => `'${value}'`).join(', ')})`);
  await sql.unsafe('DEALLOCATE asked');
  const known = new Set<string>();
  const read = new Set<string>();
  const walk = (plan: Plan): void => {
    const name = plan['Relation Name'];
    if (name !== undefined && /_p\d+$/.test(name)) {
      known.add(name);
      if ((plan['Actual Loops'] ?? 0) > 0) read.add(name);
    }
    for (const below of plan.Plans ?? []) walk(below);
  };
  walk(row!['QUERY PLAN'][0]!.Plan);
  return { known: known.size, read: read.size };
}
