import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type ServerOptions, type WebSocket } from 'ws';
import type { TransportHandlers, UpgradeAnswer, UpgradeRequest } from '../gateway/transport-port.js';
import { isHandshake, splitList } from './http-head.js';
import { endWithAnswer, serveWithoutUpgrade, splitUrl, type NodeHttpOptions } from './node-http.js';
import { NodeSocket } from './node-socket.js';
import { canonicalAddress } from './remote-address.js';
import type { Topics } from './topics.js';

/** A client may split a message, but a list of pieces must cost less than the message. */
const FRAGMENTS_MAX = 1024;
/** The same for a frame that trickles in. */
const CHUNKS_MAX = 4096;
/** The library of the other driver waits as long for the answer to a close frame. */
const CLOSE_TIMEOUT_MS = 4000;

export interface NodeUpgradeOptions<Connection> extends NodeHttpOptions {
  readonly handlers: TransportHandlers<Connection>;
  readonly topics: Topics<NodeSocket>;
}

/** Turns requests into sockets, and knows all of them until they end. */
export class NodeUpgrades<Connection> {
  readonly #options: NodeUpgradeOptions<Connection>;
  readonly #server: WebSocketServer;
  /** What was chosen for a request, for the moment in which `ws` asks. */
  readonly #subprotocols = new WeakMap<IncomingMessage, string>();
  /** Streams that node:http has handed over, which it will not close for us. */
  readonly #streams = new Set<Duplex>();
  readonly #sockets = new Set<NodeSocket>();

  constructor(options: NodeUpgradeOptions<Connection>) {
    this.#options = options;
    // The types do not know of `closeTimeout` yet.
    const serverOptions: ServerOptions & { readonly closeTimeout: number } = {
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: options.bounds.frame_bytes_max,
      maxFragments: FRAGMENTS_MAX,
      maxBufferedChunks: CHUNKS_MAX,
      closeTimeout: CLOSE_TIMEOUT_MS,
      handleProtocols: (_offered, request) => this.#subprotocols.get(request) || false,
    };
    this.#server = new WebSocketServer(serverOptions);
  }

  /** Asks the gateway, and opens the socket or refuses it. */
  serve(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    const { handlers, isListening } = this.#options;
    this.#track(stream);
    if (!isListening()) {
      stream.destroy();
      return;
    }
    const header = (name: string): string | undefined => request.headersDistinct[name]?.join(', ');
    if (request.method !== 'GET' || header('upgrade')?.toLowerCase() !== 'websocket') {
      serveWithoutUpgrade(request, stream, this.#options);
      return;
    }
    if (!isHandshake(header)) {
      endWithAnswer(stream, handlers.refuseHttp('bad_request'));
      return;
    }
    const answer = handlers.upgrade(upgradeRequest(request, header));
    if (answer instanceof Promise) void answer.then((later) => this.#finish(later, request, stream, head));
    else this.#finish(answer, request, stream, head);
  }

  /** Ends every socket, and every connection that is about to become one. */
  terminateAll(): void {
    for (const socket of this.#sockets) socket.terminate();
    for (const stream of this.#streams) stream.destroy();
  }

  #track(stream: Duplex): void {
    this.#streams.add(stream);
    // Without a listener the end of a connection would be the end of the process.
    stream.on('error', () => stream.destroy());
    stream.on('close', () => this.#streams.delete(stream));
  }

  #finish(answer: UpgradeAnswer<Connection>, request: IncomingMessage, stream: Duplex, head: Buffer): void {
    if (stream.destroyed) return;
    if (!answer.accept) {
      endWithAnswer(stream, answer.response);
      return;
    }
    this.#subprotocols.set(request, answer.subprotocol);
    this.#server.handleUpgrade(request, stream, head, (ws) => this.#open(answer.connection, ws, stream));
  }

  #open(connection: Connection, ws: WebSocket, stream: Duplex): void {
    const { handlers, topics, bounds } = this.#options;
    const socket = new NodeSocket({
      ws, stream, topics, buffered_bytes_max: bounds.buffered_bytes_max,
      events: {
        message: (bytes, binary) => handlers.message(connection, bytes, binary),
        drained: () => handlers.drained(connection),
        closed: (code) => {
          this.#sockets.delete(socket);
          handlers.closed(connection, code);
        },
      },
    });
    this.#sockets.add(socket);
    handlers.open(connection, socket);
  }
}

function upgradeRequest(request: IncomingMessage, header: (name: string) => string | undefined): UpgradeRequest {
  return {
    ...splitUrl(request), origin: header('origin'), subprotocols: splitList(header('sec-websocket-protocol')),
    address: canonicalAddress(request.socket.remoteAddress ?? ''), forwardedFor: header('x-forwarded-for'), traceparent: header('traceparent'),
  };
}
