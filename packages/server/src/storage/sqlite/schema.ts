/** The schema in the file, as SQLite tells it. */
import Database from 'better-sqlite3';
import type { Migration } from '../migrations.js';
import { migrate } from './migrate.js';

interface Part {
  readonly type: string;
  readonly name: string;
  readonly sql: string;
}

const parts = (db: Database.Database): readonly Part[] => db.prepare<[], Part>('SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL').all();

/**
 * A schema that a broken disk has changed may still be one, with a column or a default of another name: queries would then find
 * something else, or nothing. What somebody has added beside it is theirs.
 *
 * @param db whose schema is of the newest migration @throws Error naming the first part that is not as the migrations make it
 */
export function refuseOtherSchema(db: Database.Database, migrations: readonly Migration[]): void {
  const found = new Map(parts(db).map((part) => [`${part.type} ${part.name}`, part.sql]));
  const model = new Database(':memory:');
  try {
    migrate(model, migrations, 0);
    for (const { type, name, sql } of parts(model)) {
      if (found.get(`${type} ${name}`) !== sql) throw new Error(`the database is damaged: its ${type} ${name} is not as this program makes it; restore it from a backup`);
    }
  } finally {
    model.close();
  }
}
