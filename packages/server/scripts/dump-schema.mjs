// Writes sql/sqlite/schema.sql: the schema that the numbered files add up to, so that a change to it shows in a diff.
// Usage: node packages/server/scripts/dump-schema.mjs [--check]. Needs a build.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { loadMigrations } from '../dist/storage/migrations.js';
import { migrate } from '../dist/storage/sqlite/migrate.js';

export const SCHEMA_FILE = new URL('../sql/sqlite/schema.sql', import.meta.url);
const MIGRATIONS = fileURLToPath(new URL('../sql/sqlite/', import.meta.url));
const HEADING = '-- Written by scripts/dump-schema.mjs from the numbered files. Change those, then run it again.';

/** The schema as SQLite tells it after all migrations: tables first, each with its indexes behind it. */
export function dumpSchema() {
  const db = new Database(':memory:');
  try {
    migrate(db, loadMigrations(MIGRATIONS), 0);
    const rows = db.prepare("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY tbl_name, type = 'index', name").all();
    return [HEADING, ...rows.map(({ sql }) => `${sql};`)].join('\n\n').concat('\n');
  } finally {
    db.close();
  }
}

function main() {
  const schema = dumpSchema();
  if (!process.argv.includes('--check')) {
    writeFileSync(SCHEMA_FILE, schema);
    return;
  }
  if (readFileSync(SCHEMA_FILE, 'utf8') === schema) return;
  process.stderr.write('sql/sqlite/schema.sql is stale: run node packages/server/scripts/dump-schema.mjs\n');
  process.exitCode = 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
