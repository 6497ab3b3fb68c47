/** No statement reads more than it needs: each finds its rows by an index, however large the tables are. */
import Database from 'better-sqlite3';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { createIdCodec, type IdCodec } from '../../src/storage/sqlite/ids.js';
import { loadMigrations } from '../../src/storage/migrations.js';
import { migrate } from '../../src/storage/sqlite/migrate.js';
import { createStreamNumbers, type StreamNumbers } from '../../src/storage/sqlite/stream-numbers.js';
import { MIGRATIONS } from './sqlite-harness.js';

type Create = (db: Database.Database, ids: IdCodec, numbers: StreamNumbers) => unknown;

/** Whatever of the driver makes reads, writes or tables, as its files export them: a new one is looked at without a word here. */
async function creators(): Promise<readonly (readonly [name: string, create: Create])[]> {
  const folder = new URL('../../src/storage/sqlite/', import.meta.url);
  const modules = await Promise.all(readdirSync(fileURLToPath(folder)).filter((name) => name.endsWith('.ts')).map(async (name) => await import(new URL(name, folder).href) as Record<string, unknown>));
  return modules.flatMap((module) => Object.entries(module)).filter(([name]) => /^create\w+(?:Reads|Writes|Tables|Lookups)$/.test(name)).map(([name, create]) => [name, create as Create] as const);
}

const found = await creators();

/** Every statement of the driver, and how SQLite means to run it. */
function plans(): [sql: string, plan: readonly string[]][] {
  const db = new Database(':memory:');
  migrate(db, loadMigrations(fileURLToPath(MIGRATIONS)), 0);
  const statements = new Set<string>();
  const recording = new Proxy(db, {
    get(target, name) {
      if (name !== 'prepare') return Reflect.get(target, name) as unknown;
      return (sql: string) => {
        statements.add(sql);
        return target.prepare(sql);
      };
    },
  });
  const ids = createIdCodec();
  const numbers = createStreamNumbers(recording, ids);
  for (const [, create] of found) create(recording, ids, numbers);
  return [...statements].filter((sql) => !/^(?:BEGIN|COMMIT|ROLLBACK)/.test(sql)).map((sql) => {
    const values = Array.from(sql.matchAll(/\?/g), () => null);
    return [sql.replaceAll(/\s+/g, ' '), db.prepare<null[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`).all(...values).map(({ detail }) => detail)];
  });
}

/** Of one row, or of the few consumers that there are, or of a page that has been read; and what an app is deleted from, whole. */
const MAY_SCAN = /^SCAN (?:store|consumers|page|\(subquery-\d+\))$/;
const WHOLE_APP = /^DELETE FROM \w+ WHERE (?:app_id|stream_no IN|client_id IN)|^SELECT no, stream_id, kind, floor_seq FROM streams|^SELECT .* FROM (?:users|apps|api_keys) /;

/** Columns that tell apart the few rows that the others find. */
const FILTERS = new Set(['fence', 'head_position']);
/** What finds one row by its own key, and looks at whose it is. */
const OF_ONE_ROW = /^(?:DELETE FROM operator_sessions WHERE operator_id = \? AND id = \?|UPDATE sessions SET ended_ms = \? WHERE app_id = \? AND id = \? AND user_id = \?.*)$/;

/** Columns of a statement's conditions that are compared with a value. */
function compared(sql: string): string[] {
  const conditions = /\bWHERE (.*)$/.exec(sql)?.[1] ?? '';
  return [...conditions.matchAll(/(\w+) (?:=|BETWEEN) \?/g)].map((match) => match[1]!).filter((name) => !FILTERS.has(name));
}

it.each(plans().filter(([sql]) => !WHOLE_APP.test(sql)))('%s', (sql, plan) => {
  const owners = OF_ONE_ROW.test(sql) ? /^(?:operator|user)_id$/ : /^$/;
  for (const name of compared(sql).filter((one) => !owners.test(one))) expect(plan.join(' '), name).toMatch(new RegExp(`\\b(?:${name}|rowid)[=<>]`));
  for (const step of plan) {
    if (step.startsWith('SCAN')) expect(step).toMatch(MAY_SCAN);
    // The beginning of a key that all rows of an app share finds nothing.
    expect(step).not.toMatch(/\(app_id=\?\)$/);
  }
});

it('an app is deleted without a walk over the command keys of all apps', () => {
  const [, plan] = plans().find(([sql]) => sql.startsWith('DELETE FROM command_keys WHERE client_id IN'))!;
  expect(plan).toContain('SEARCH command_keys USING PRIMARY KEY (client_id=?)');
});

it('finds the page of an inbox in the index of a member alone, whose rows are long', () => {
  const inboxes = plans().filter(([sql]) => sql.startsWith('WITH page AS MATERIALIZED'));
  expect(inboxes).toHaveLength(2);
  for (const [, plan] of inboxes) expect(plan).toContain('SEARCH m USING COVERING INDEX members_user (app_id=? AND user_id=?)');
});

it('sorts what changed a few messages, the conversations of one user, what usage adds up, and nothing else', () => {
  const sorting = plans().filter(([, plan]) => plan.some((step) => step.startsWith('USE TEMP B-TREE')));
  expect(sorting.map(([sql]) => /FROM (\w+)/.exec(sql)?.[1] ?? '').toSorted()).toEqual(['events', 'events', 'members', 'members']);
});

it('looks at all that the driver asks', () => {
  // Those that the product's store is made of: nothing of it is called otherwise than its factories here.
  const used = [...readFileSync(fileURLToPath(new URL('../../src/storage/sqlite/store.ts', import.meta.url)), 'utf8').matchAll(/\b(create(?!Uuid7|IdCodec|StreamNumbers|MovedCheck|RuleReads|MessageReads|CallReads)\w+)\(/g)].map((match) => match[1]!);
  expect(used.length).toBeGreaterThan(10);
  expect([...new Set(used)].filter((name) => !found.some(([known]) => known === name))).toEqual([]);
});

it('is planned once: a bare parameter of LIMIT, or beside the condition of a partial index, would be planned for each time it is bound', () => {
  for (const [sql] of plans()) expect(sql).not.toMatch(/(?:LIMIT|marks_version >|target_seq >) \?(?! \+ 0)/);
});
