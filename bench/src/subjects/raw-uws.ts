/** The limit: uWebSockets.js topics, without storage, acks or identity. A message names its room and is published as it came. */
import { createRequire } from 'node:module';
import type { Home, Stage } from '../subject.js';
import { followsOf, serve, type Served } from './serve.js';

interface Ws {
  subscribe(topic: string): void;
  send(bytes: ArrayBuffer | Uint8Array, binary: boolean): void;
}
interface App {
  ws(pattern: string, behaviour: Record<string, unknown>): App;
  publish(topic: string, bytes: ArrayBuffer | Uint8Array, binary: boolean): void;
  listen(host: string, port: number, done: (socket: unknown) => void): App;
}
interface Uws {
  App(): App;
  us_listen_socket_close(socket: unknown): void;
}

const ROOM_DIGITS = 6;
const { App, us_listen_socket_close: closeListen } =
  createRequire(import.meta.url)(`@uwsjs/linux-x64-${process.versions.node.split('.')[0]}`) as Uws;

async function start(stage: Stage, { port }: Home): Promise<Served> {
  const app = App();
  app.ws('/*', {
    maxBackpressure: 64 * 1_048_576,
    message(ws: Ws, message: ArrayBuffer) {
      const bytes = Buffer.from(message);
      const room = bytes.toString('latin1', 1, 1 + ROOM_DIGITS);
      if (bytes[0] === 0x6a) ws.subscribe(room);
      else {
        app.publish(room, message, true);
        // The number that the load program waits for.
        ws.send(bytes.subarray(1 + ROOM_DIGITS, 1 + ROOM_DIGITS + 8), true);
      }
    },
  });
  const socket = await new Promise<unknown>((resolve) => void app.listen('127.0.0.1', port, resolve));
  return {
    target: {
      subject: 'raw-uws', ports: [port], tokens: [], users: [], app: '', follows: followsOf(stage),
      rooms: stage.rooms.map((_, at) => String(at).padStart(ROOM_DIGITS, '0')),
    },
    stop: () => Promise.resolve(closeListen(socket)),
  };
}

serve({ start });
