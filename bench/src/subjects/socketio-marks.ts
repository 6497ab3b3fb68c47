/** Read receipts as a chat server on Socket.IO keeps them: a row a member, one UPDATE a mark, and an event to the room. */
import Database from 'better-sqlite3';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { Server } from 'socket.io';
import type { Home, Stage } from '../subject.js';
import { followsOf, serve, type Served } from './serve.js';

interface MarkRow {
  readonly id: number;
  readonly user_id: string;
  readonly read_seq: number;
}

async function start(stage: Stage, { directory, port }: Home): Promise<Served> {
  const users = Array.from({ length: stage.clients }, (_, at) => `client-${at}`);
  const rooms = stage.rooms.map((_, at) => `room-${at}`);
  const db = new Database(join(directory, 'marks.db'));
  // As safe as Talaria's default.
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.exec('CREATE TABLE marks (id INTEGER PRIMARY KEY, room TEXT NOT NULL, user_id TEXT NOT NULL, read_seq INTEGER NOT NULL DEFAULT 0, UNIQUE (room, user_id))');
  db.exec('CREATE INDEX marks_room ON marks (room, id)');
  const enter = db.prepare('INSERT OR IGNORE INTO marks (room, user_id) VALUES (?, ?)');
  db.transaction(() => {
    for (const [at, members] of stage.rooms.entries()) {
      for (let sender = 0; sender < stage.senders; sender += 1) enter.run(rooms[at], users[sender]);
      for (const member of members) enter.run(rooms[at], users[member]);
    }
  })();
  const move = db.prepare('UPDATE marks SET read_seq = ? WHERE room = ? AND user_id = ? AND read_seq < ?');
  const list = db.prepare<[string, number, number], MarkRow>('SELECT id, user_id, read_seq FROM marks WHERE room = ? AND id > ? ORDER BY id LIMIT ?');

  const http = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    const limit = Number(searchParams.get('limit'));
    const items = list.all(pathname.split('/').at(-2) ?? '', Number(searchParams.get('after_version')), limit);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ items, version: items.at(-1)?.id ?? 0, more: items.length === limit }));
  });
  const io = new Server(http, { transports: ['websocket'] });
  io.on('connection', (socket) => {
    const user = (socket.handshake.auth as { readonly token: string }).token;
    socket.on('join', (room: string) => void socket.join(room));
    socket.on('mark', (room: string, seq: number) => {
      if (move.run(seq, room, user, seq).changes > 0) io.to(room).emit('mark', room, user, seq);
    });
  });
  await new Promise<void>((resolve) => void http.listen(port, '127.0.0.1', resolve));
  return {
    target: { subject: 'socketio-marks', ports: [port], tokens: users, users, app: '', follows: followsOf(stage), rooms },
    async stop() {
      await io.close();
      db.close();
    },
  };
}

serve({ start });
