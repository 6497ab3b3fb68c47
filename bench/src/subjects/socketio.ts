/** Socket.IO as its documentation starts it, with a room for each conversation. `--csr`, `--sqlite`: as its guide and its tutorial add them. */
import Database from 'better-sqlite3';
import { createServer } from 'node:http';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Server } from 'socket.io';
import type { SubjectName } from '../subject.js';
import { followsOf, serve, type Served } from './serve.js';

const sqlite = process.argv.includes('--sqlite');
const recovery = process.argv.includes('--csr');
const subject: SubjectName = sqlite ? 'socketio-sqlite' : recovery ? 'socketio-csr' : 'socketio';

serve(async (stage): Promise<Served> => {
  const http = createServer();
  const io = new Server(http, {
    transports: ['websocket'], maxHttpBufferSize: 65_536, ...(recovery || sqlite ? { connectionStateRecovery: { maxDisconnectionDuration: 120_000 } } : {}),
  });
  const log = sqlite ? openLog() : undefined;
  io.on('connection', (socket) => {
    socket.on('join', (room: string) => void socket.join(room));
    socket.on('message', (room: string, text: string, ack: (seq: number) => void) => {
      const seq = log?.append(room, text) ?? 0;
      io.to(room).emit('message', text, seq);
      ack(seq);
    });
  });
  await new Promise<void>((resolve) => void http.listen(0, '127.0.0.1', resolve));
  const address = http.address();
  return {
    target: {
      subject, port: typeof address === 'object' && address ? address.port : 0, tokens: [], app: '', follows: followsOf(stage), rooms: stage.rooms.map((_, at) => `room-${at}`),
    },
    async stop() {
      await io.close();
      log?.close();
    },
  };
});

/** One insert a message, each its own transaction, as safe as Talaria's default. */
function openLog() {
  const directory = mkdtempSync(join(process.env['TALARIA_BENCH_DIRECTORY'] ?? tmpdir(), 'socketio-bench-'));
  const db = new Database(join(directory, 'chat.db'));
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.exec('CREATE TABLE messages (id INTEGER PRIMARY KEY AUTOINCREMENT, room TEXT, content TEXT)');
  const insert = db.prepare('INSERT INTO messages (room, content) VALUES (?, ?)');
  return {
    append: (room: string, text: string) => Number(insert.run(room, text).lastInsertRowid),
    close() {
      db.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
