import type { Database } from 'better-sqlite3';
import { rmSync } from 'node:fs';
import type { Sink } from '../transfer/snapshot.js';
import { placesOf, type Row, type Table, type TableName } from '../transfer/tables.js';
import { streamKind } from '../ids.js';
import { createIdCodec } from './ids.js';
import { createStreamNumbers } from './stream-numbers.js';
import { valueOf, type Value } from './transfer-rows.js';

/** Of tables whose rows have their stream's number in this file: the column that says which stream. */
const NUMBERED_BY: Partial<Record<TableName, string>> = { events: 'stream_id', command_keys: 'stream_id', members: 'conversation_id' };

export interface SqliteSinkOptions {
  /** A new file with the newest schema and nothing in it. */
  readonly db: Database;
  readonly path: string;
  /** Puts the file where it is found, when all of it is on the disk. */
  readonly place: () => void;
}

/** All in one transaction of a file that nobody knows of until it is whole. */
export function createSqliteSink({ db, path, place }: SqliteSinkOptions): Sink {
  const ids = createIdCodec();
  const numbers = createStreamNumbers(db, ids);
  const writers = new Map<string, (row: Row) => void>();

  function createWriter(of: Table): (row: Row) => void {
    const numberedBy = NUMBERED_BY[of.name];
    const numbered = numberedBy !== undefined;
    const [appAt, streamAt] = placesOf(of, ['app_id', numberedBy ?? 'stream_id']) as [number, number];
    // Facts and command keys have no id of their stream here, and facts no app.
    const left = of.columns.filter(({ name }) => !(numbered && name === 'stream_id') && !(of.name === 'events' && name === 'app_id'));
    const places = placesOf(of, left.map(({ name }) => name));
    const extra = numbered ? ['stream_no'] : of.columns.some(({ kind }) => kind === 'stream') ? ['kind'] : [];
    const names = [...left.map(({ name }) => name), ...extra];
    const insert = db.prepare(`INSERT INTO ${of.name} (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`);
    return (row) => {
      const values: Value[] = places.map((place, at) => valueOf(ids, left[at]!, row[place]!));
      if (numbered) values.push(numbers.of(row[appAt] as string, row[streamAt] as string));
      else if (extra.length > 0) values.push(streamKind(row[streamAt] as string));
      insert.run(values);
    };
  }

  db.exec('BEGIN IMMEDIATE');
  return {
    write(of, rows) {
      let write = writers.get(of.name);
      if (!write) {
        write = createWriter(of);
        writers.set(of.name, write);
      }
      rows.forEach(write);
      return Promise.resolve();
    },
    commit(state) {
      // A lease is of a server that is not this one.
      db.exec('UPDATE consumers SET until_ms = 0');
      db.prepare('INSERT INTO store (id, epoch, position, keys_floor_ms, created_ms) VALUES (1, ?, ?, ?, ?)').run(state.epoch, state.position, state.keysFloorMs, state.createdMs);
      db.exec('COMMIT');
      db.pragma('journal_mode = WAL');
      db.close();
      place();
      return Promise.resolve();
    },
    abandon() {
      if (db.open) db.close();
      for (const end of ['', '-wal', '-shm']) rmSync(path + end, { force: true });
      return Promise.resolve();
    },
  };
}
