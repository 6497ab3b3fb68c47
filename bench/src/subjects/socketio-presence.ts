/** Presence as a chat server on Socket.IO keeps it: a Map of users, and an event to whoever watches. It is asked over HTTP. */
import { createServer, type IncomingMessage } from 'node:http';
import { Server } from 'socket.io';
import type { Home, Stage } from '../subject.js';
import { serve, type Served } from './serve.js';

const WATCHERS = 'watchers';

async function start(stage: Stage, { port }: Home): Promise<Served> {
  const users = Array.from({ length: stage.clients }, (_, at) => `client-${at}`);
  /** How many sockets each has. */
  const online = new Map<string, number>();
  const http = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const { user_ids: asked } = JSON.parse(body) as { readonly user_ids: readonly string[] };
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ items: asked.map((user) => ({ user_id: user, online: online.has(user), devices: online.get(user) ?? 0 })) }));
    });
  });
  const io = new Server(http, { transports: ['websocket'] });
  io.on('connection', (socket) => {
    const user = (socket.handshake.auth as { readonly token: string }).token;
    const before = online.get(user) ?? 0;
    online.set(user, before + 1);
    if (before === 0) io.to(WATCHERS).emit('presence', user, true);
    socket.on('join', (room: string) => void socket.join(room));
    socket.on('disconnect', () => {
      const left = (online.get(user) ?? 1) - 1;
      if (left > 0) {
        online.set(user, left);
        return;
      }
      online.delete(user);
      io.to(WATCHERS).emit('presence', user, false);
    });
  });
  await new Promise<void>((resolve) => void http.listen(port, '127.0.0.1', resolve));
  return {
    // The first client watches, and nobody else gets anything.
    target: { subject: 'socketio-presence', ports: [port], tokens: users, users, app: '', follows: users.map((_, at) => (at === 0 ? [0] : [])), rooms: [WATCHERS] },
    stop: () => io.close(),
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

serve({ start });
