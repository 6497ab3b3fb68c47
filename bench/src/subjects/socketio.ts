/** Socket.IO as its documentation starts it, with a room for each conversation. `--csr`, `--sqlite`: as its guide and its tutorial add them. */
import Database from 'better-sqlite3';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { Server } from 'socket.io';
import { PAGE_ITEMS, type Home, type Stage, type SubjectName, type Target } from '../subject.js';
import { followsOf, serve, type Served } from './serve.js';

const sqlite = process.argv.includes('--sqlite');
const recovery = process.argv.includes('--csr');
const subject: SubjectName = sqlite ? 'socketio-sqlite' : recovery ? 'socketio-csr' : 'socketio';

async function open({ directory, port }: Home): Promise<() => Promise<void>> {
  const http = createServer();
  const io = new Server(http, {
    transports: ['websocket'], maxHttpBufferSize: 65_536, ...(recovery || sqlite ? { connectionStateRecovery: { maxDisconnectionDuration: 120_000 } } : {}),
  });
  const log = sqlite ? openLog(directory) : undefined;
  io.on('connection', (socket) => {
    socket.on('join', (room: string, from?: number) => {
      void socket.join(room);
      // What its tutorial does for a client whose state was not recovered.
      if (from !== undefined) for (const { id, content } of log?.after(room, from) ?? []) socket.emit('message', content, id);
    });
    socket.on('message', (room: string, text: string, ack: (seq: number) => void) => {
      const seq = log?.append(room, text) ?? 0;
      io.to(room).emit('message', text, seq);
      ack(seq);
    });
    socket.on('history', (room: string, before: number, ack: (rows: unknown) => void) => ack(log?.page(room, before) ?? []));
  });
  await new Promise<void>((resolve) => void http.listen(port, '127.0.0.1', resolve));
  return async () => {
    await io.close();
    log?.close();
  };
}

async function start(stage: Stage, home: Home): Promise<Served> {
  const stop = await open(home);
  return { target: { subject, port: home.port, tokens: [], app: '', follows: followsOf(stage), rooms: stage.rooms.map((_, at) => `room-${at}`) }, stop };
}

const startAgain = async (target: Target, home: Home): Promise<Served> => ({ target, stop: await open(home) });

/** One insert a message, each its own transaction, as safe as Talaria's default. */
function openLog(directory: string) {
  const db = new Database(join(directory, 'chat.db'));
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.exec('CREATE TABLE IF NOT EXISTS messages (id INTEGER PRIMARY KEY AUTOINCREMENT, room TEXT, content TEXT)');
  db.exec('CREATE INDEX IF NOT EXISTS messages_room ON messages (room, id)');
  const insert = db.prepare('INSERT INTO messages (room, content) VALUES (?, ?)');
  const after = db.prepare<[string, number], { id: number; content: string }>('SELECT id, content FROM messages WHERE room = ? AND id > ? ORDER BY id');
  const page = db.prepare(`SELECT id, content FROM messages WHERE room = ? AND id < ? ORDER BY id DESC LIMIT ${PAGE_ITEMS}`);
  return {
    append: (room: string, text: string) => Number(insert.run(room, text).lastInsertRowid),
    after: (room: string, id: number) => after.all(room, id),
    page: (room: string, before: number) => page.all(room, before),
    close: () => void db.close(),
  };
}

serve({ start, startAgain });
