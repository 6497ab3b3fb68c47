/** Where a chat server as in Socket.IO's tutorial keeps its messages: one insert a message, each its own transaction. */
import Database from 'better-sqlite3';
import { join } from 'node:path';
import postgres from 'postgres';
import { PAGE_ITEMS } from '../subject.js';

export interface Log {
  /** @returns the message's number, once it is safe */
  append(room: string, text: string): number | Promise<number>;
  readonly after?: (room: string, id: number) => readonly { readonly id: number; readonly content: string }[];
  readonly page?: (room: string, before: number) => unknown;
  close(): void | Promise<void>;
}

/** As safe as Talaria's default. */
export function openSqliteLog(directory: string): Log {
  const db = new Database(join(directory, 'chat.db'));
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.exec('CREATE TABLE IF NOT EXISTS messages (id INTEGER PRIMARY KEY AUTOINCREMENT, room TEXT, content TEXT)');
  db.exec('CREATE INDEX IF NOT EXISTS messages_room ON messages (room, id)');
  const insert = db.prepare('INSERT INTO messages (room, content) VALUES (?, ?)');
  const after = db.prepare<[string, number], { id: number; content: string }>('SELECT id, content FROM messages WHERE room = ? AND id > ? ORDER BY id');
  const page = db.prepare(`SELECT id, content FROM messages WHERE room = ? AND id < ? ORDER BY id DESC LIMIT ${PAGE_ITEMS}`);
  return {
    append: (room, text) => Number(insert.run(room, text).lastInsertRowid),
    after: (room, id) => after.all(room, id),
    page: (room, before) => page.all(room, before),
    close: () => void db.close(),
  };
}

/** What the library opens by default. */
const POOL = 10;

export async function openPostgresLog(url: string): Promise<Log> {
  const sql = postgres(url, { max: POOL, onnotice: () => undefined });
  await sql`CREATE TABLE IF NOT EXISTS messages (id BIGSERIAL PRIMARY KEY, room TEXT NOT NULL, content TEXT NOT NULL)`;
  await sql`CREATE INDEX IF NOT EXISTS messages_room ON messages (room, id)`;
  return {
    async append(room, text) {
      const [row] = await sql<{ id: string }[]>`INSERT INTO messages (room, content) VALUES (${room}, ${text}) RETURNING id`;
      return Number(row!.id);
    },
    close: () => sql.end({ timeout: 1 }),
  };
}
