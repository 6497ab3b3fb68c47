import type { ListenOptions, StartTransport, Transport, TransportHandlers } from '../gateway/transport-port.js';
import type { UwsApp, UwsModule } from './uws-binding.js';
import { freePort } from './free-port.js';
import { serveHttp } from './uws-http.js';
import { Overflow } from './uws-overflow.js';
import { serveSockets } from './uws-upgrade.js';

/** The library's default, which has no name in its module: SO_REUSEPORT. */
const LISTEN_SHARED = 0;

/**
 * The fast transport. Topics are native: a publish copies bytes in C++ and allocates nothing per follower.
 *
 * What the library decides, and the driver does not:
 * - A bad frame ends the connection without a close frame: a reserved bit or opcode, a control frame that is too long,
 *   a continuation of nothing, a text between fragments, a frame above the limit, a text that is not UTF-8. So does
 *   what a client sends before its handshake is answered.
 * - It overlooks three things. A frame without a mask is read as if it had one, so it gets to `message` as noise. A
 *   binary frame between the fragments of a binary message becomes part of it. A close frame with half a code is
 *   answered with one that has none.
 * - Headers that take longer than 10 s end the connection without an answer. A body that takes longer than
 *   `request_timeout_ms` gets 408; one slower than 16 KiB/s for 10 s ends the connection.
 * - A request that cannot be parsed gets the library's own 400, 431 or 505, and a second request on a connection, before
 *   the first one is answered, ends it.
 * - A client that does not read what waits before a close frame is cut off after 4 s, and one that does not answer the
 *   frame after 16 s. One that closes, and then does not read what waits, is cut off 16 min after it last did.
 */
export function createUwsTransport(uws: UwsModule): StartTransport {
  return async <Connection>(options: ListenOptions, handlers: TransportHandlers<Connection>): Promise<Transport> => {
    const app = uws.App();
    const overflow = new Overflow();
    const tokens: unknown[] = [];
    let closed = false;
    const isListening = (): boolean => tokens.length > 0;
    serveSockets(app, { bounds: options.bounds, handlers, overflow, isListening });
    app.any('/*', (response, request) => serveHttp(response, request, { bounds: options.bounds, handlers, isListening }));
    const stopListening = (): void => {
      for (const token of tokens.splice(0)) uws.us_listen_socket_close(token);
    };
    const { host, port, ownPort, shared = false } = options;
    const token = await listen(app, uws, host, port, shared);
    tokens.push(token);
    try {
      if (ownPort !== undefined) tokens.push(await listen(app, uws, host, ownPort, false));
    } catch (error) {
      stopListening();
      throw error;
    }
    return {
      name: 'uws',
      port: uws.us_socket_local_port(token),
      publish(topic, bytes, binary) {
        if (closed) return;
        overflow.end();
        app.publish(topic, bytes, binary, false);
        overflow.end();
      },
      stopListening,
      close() {
        if (!closed) {
          closed = true;
          stopListening();
          app.close();
        }
        return Promise.resolve();
      },
    };
  };
}

/** @returns the library's token; rejects with the code that node would give */
async function listen(app: UwsApp, uws: UwsModule, host: string, port: number, shared: boolean): Promise<unknown> {
  // On a port that the library chooses, nothing could listen again for a minute after its connections have ended.
  const chosen = shared ? port : await freePort(host, port);
  // Without the option the kernel shares the port between processes of one user, and spreads connections over them.
  const token = await new Promise<unknown>((resolve) => app.listen(host, chosen, shared ? LISTEN_SHARED : uws.LIBUS_LISTEN_EXCLUSIVE_PORT, resolve));
  if (!token) throw Object.assign(new Error(`port ${chosen} on ${host} was taken a moment ago`), { code: 'EADDRINUSE' });
  return token;
}
