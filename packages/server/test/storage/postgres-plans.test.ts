/** What Postgres plans for a statement that it has prepared while the tables were empty, and keeps when they are full. */
import postgres from 'postgres';
import { expect, it } from 'vitest';
import { openPostgres } from '../../src/storage/postgres/driver.js';
import { PLAN_SETTINGS } from '../../src/storage/postgres/line.js';
import { QUESTIONS } from '../../src/storage/postgres/questions.js';
import { usePostgres } from '../support/postgres.js';
import { stagedOptions } from './postgres-harness.js';

const server = usePostgres();

it('[SND2] nothing that the rules look up is planned as a walk over a table', async () => {
  const url = await server().createDatabase();
  await (await openPostgres(stagedOptions(url))).stop();
  const sql = postgres(url, { max: 1, connection: PLAN_SETTINGS });
  const planOf = async (text: string): Promise<string> => (await sql.unsafe(`EXPLAIN (GENERIC_PLAN) ${text}`)).map((row) => String(row['QUERY PLAN'])).join('\n');
  try {
    for (const [name, { sql: text }] of Object.entries(QUESTIONS)) {
      const plan = await planOf(text);
      // The store has one row.
      expect(plan.replaceAll('Seq Scan on store', ''), `${name}\n${plan}`).not.toMatch(/Seq Scan|Hash Join|Merge Join/);
      expect(plan, name).toMatch(/Index (Only )?Scan|lastPosition/);
    }
  } finally {
    await sql.end();
  }
});
