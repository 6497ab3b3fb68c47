import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { HttpResponse, ListenOptions, StartTransport, Transport, TransportBounds, TransportHandlers } from '../gateway/transport-port.js';
import { encodeFrame } from './frame.js';
import { endWithAnswer, serveHttp } from './node-http.js';
import type { NodeSocket } from './node-socket.js';
import { NodeUpgrades } from './node-upgrade.js';
import { Topics } from './topics.js';

/** What uWebSockets.js is told to take too. */
const HEADERS_BYTES_MAX = 16 * 1024;

/**
 * The transport for machines without the native one, on node:http and `ws`. Topics are sets of sockets, and a published
 * frame is encoded once.
 *
 * What it does with bad input:
 * - A bad frame gets a close frame, with 1002, 1007 or 1009, or with 1008 for a message in too many fragments. The
 *   gateway is told 1006 at once; the connection ends when the client has answered, or after 4 s.
 * - Headers or a body that take longer than `request_timeout_ms` get 408, a quarter of that time later at most. So does
 *   a connection on which nothing comes.
 * - A request that cannot be parsed gets `bad_request`.
 */
export function createNodeTransport(): StartTransport {
  return async <Connection>(options: ListenOptions, handlers: TransportHandlers<Connection>): Promise<Transport> => {
    const topics = new Topics<NodeSocket>();
    const server = createServer(serverOptions(options.bounds));
    const http = { bounds: options.bounds, handlers, isListening: () => server.listening };
    const upgrades = new NodeUpgrades({ ...http, handlers, topics });
    const { host, port: wanted, ownPort, shared = false } = options;
    const own = ownPort === undefined ? undefined : createServer(serverOptions(options.bounds));
    const servers = own ? [server, own] : [server];
    for (const one of servers) {
      one.on('request', (request, response) => serveHttp(request, response, http));
      one.on('upgrade', (request, stream, head) => upgrades.serve(request, stream, head));
      answerBrokenRequests(one, handlers);
    }
    const stopListening = (): void => servers.forEach((one) => void one.close());
    await listen(server, host, wanted, !shared);
    try {
      if (own) await listen(own, host, ownPort!, true);
    } catch (error) {
      stopListening();
      throw error;
    }
    // The port was there, or `listen` would have failed.
    const { port } = server.address() as AddressInfo;
    return {
      name: 'ws',
      port,
      publish(topic, bytes, binary) {
        const followers = topics.followers(topic);
        if (followers) publish(followers, encodeFrame(bytes, binary));
      },
      stopListening,
      async close() {
        const ended = servers.map((one) => new Promise<void>((resolve) => void one.close(() => resolve())));
        upgrades.terminateAll();
        for (const one of servers) one.closeAllConnections();
        await Promise.all(ended);
      },
    };
  };
}

/** Sockets that are over the bound are ended afterwards: the gateway may join and leave when it hears of their end. */
function publish(followers: Iterable<NodeSocket>, frame: Buffer): void {
  const over: NodeSocket[] = [];
  for (const socket of followers) {
    if (!socket.write(frame)) over.push(socket);
  }
  for (const socket of over) socket.terminate();
}

function serverOptions({ request_timeout_ms }: TransportBounds): Parameters<typeof createServer>[0] & object {
  return {
    maxHeaderSize: HEADERS_BYTES_MAX,
    headersTimeout: request_timeout_ms,
    requestTimeout: request_timeout_ms,
    connectionsCheckingInterval: Math.max(1, Math.floor(request_timeout_ms / 4)),
  };
}

/** Requests that node:http gives up on: they cannot be parsed, or they take too long. */
function answerBrokenRequests(server: Server, { refuseHttp }: { refuseHttp(reason: 'request_timeout' | 'bad_request'): HttpResponse }): void {
  const responses = new WeakMap<Duplex, ServerResponse>();
  server.on('request', (request: IncomingMessage, response: ServerResponse) => void responses.set(request.socket, response));
  server.on('clientError', (error: NodeJS.ErrnoException, stream) => {
    const response = responses.get(stream);
    // Half an answer is out already: another one would be read as part of it.
    const answering = response !== undefined && response.headersSent && !response.writableFinished;
    if (!stream.writable || answering) {
      stream.destroy();
      return;
    }
    endWithAnswer(stream, refuseHttp(error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 'request_timeout' : 'bad_request'));
  });
}

/**
 * @param exclusive false in a process that node:cluster has forked: its parent listens, and hands connections round
 * @returns when the port is open; rejects with node's own error, such as `EADDRINUSE`
 */
function listen(server: Server, host: string, port: number, exclusive: boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, exclusive }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
