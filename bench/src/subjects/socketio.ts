/** Socket.IO as its documentation starts it, with a room for each conversation. `--csr`, `--sqlite`: as its guide and its tutorial add them; `--postgres`: the same on Postgres. */
import { createServer } from 'node:http';
import { Server } from 'socket.io';
import type { Home, Stage, SubjectName, Target } from '../subject.js';
import { openPostgresLog, openSqliteLog, type Log } from './message-log.js';
import { followsOf, serve, type Served } from './serve.js';

const has = (word: string): boolean => process.argv.includes(`--${word}`);
const kind = (['csr', 'sqlite', 'postgres'] as const).find(has);
const subject: SubjectName = kind ? `socketio-${kind}` : 'socketio';

function openLog({ directory, services }: Home): Promise<Log> | Log | undefined {
  if (kind === 'sqlite') return openSqliteLog(directory);
  return kind === 'postgres' ? openPostgresLog(services.postgres!) : undefined;
}

async function open(home: Home): Promise<() => Promise<void>> {
  const http = createServer();
  const io = new Server(http, {
    transports: ['websocket'], maxHttpBufferSize: 65_536, ...(kind ? { connectionStateRecovery: { maxDisconnectionDuration: 120_000 } } : {}),
  });
  const log = await openLog(home);
  io.on('connection', (socket) => {
    socket.on('join', (room: string, from?: number) => {
      void socket.join(room);
      // What its tutorial does for a client whose state was not recovered.
      if (from !== undefined) for (const { id, content } of log?.after?.(room, from) ?? []) socket.emit('message', content, id);
    });
    socket.on('message', (room: string, text: string, ack: (seq: number) => void) => {
      const stored = (seq: number): void => {
        io.to(room).emit('message', text, seq);
        ack(seq);
      };
      const seq = log?.append(room, text) ?? 0;
      if (typeof seq === 'number') stored(seq);
      else void seq.then(stored);
    });
    socket.on('history', (room: string, before: number, ack: (rows: unknown) => void) => ack(log?.page?.(room, before) ?? []));
  });
  await new Promise<void>((resolve) => void http.listen(home.port, '127.0.0.1', resolve));
  return async () => {
    await io.close();
    await log?.close();
  };
}

async function start(stage: Stage, home: Home): Promise<Served> {
  const stop = await open(home);
  return { target: { subject, ports: [home.port], tokens: [], users: [], app: '', follows: followsOf(stage), rooms: stage.rooms.map((_, at) => `room-${at}`) }, stop };
}

const startAgain = async (target: Target, home: Home): Promise<Served> => ({ target, stop: await open(home) });

serve({ start, startAgain });
