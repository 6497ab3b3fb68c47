import type { Database } from 'better-sqlite3';
import { rmSync } from 'node:fs';
import type { Sink } from '../transfer/snapshot.js';
import { placesOf, type Row, type Table } from '../transfer/tables.js';
import { streamKind } from '../ids.js';
import { createIdCodec } from './ids.js';
import { createStreamNumbers } from './stream-numbers.js';
import { valueOf, type Value } from './transfer-rows.js';

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
    const [appAt, streamAt] = placesOf(of, ['app_id', of.name === 'members' ? 'conversation_id' : 'stream_id']) as [number, number];
    const numbered = of.name === 'events' || of.name === 'command_keys' || of.name === 'members';
    // Facts, command keys and members have their stream's number here. Facts and keys have no id of it, and facts no app.
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
