import type { TransportBounds, TransportHandlers, UpgradeAnswer } from '../gateway/transport-port.js';
import type { UwsApp, UwsRequest, UwsResponse } from './uws-binding.js';
import { isHandshake, splitList } from './http-head.js';
import { remoteAddress, writeAnswer } from './uws-http.js';
import type { Overflow } from './uws-overflow.js';
import { UwsSocket } from './uws-socket.js';

/**
 * The most that the library can wait. Heartbeats are the gateway's, and much faster: they carry heads (ORD3). This is
 * for what they do not reach, a socket that the client has closed while it does not read what waits.
 */
const IDLE_TIMEOUT_S = 960;

interface SocketData<Connection> {
  readonly connection: Connection;
  readonly socket: UwsSocket;
}

export interface UwsSocketOptions<Connection> {
  readonly bounds: TransportBounds;
  readonly handlers: TransportHandlers<Connection>;
  readonly overflow: Overflow;
  isListening(): boolean;
}

/** Serves WebSockets on every path; what is no handshake goes on to the HTTP handler. */
export function serveSockets<Connection>(app: UwsApp, options: UwsSocketOptions<Connection>): void {
  const { bounds, handlers, overflow } = options;
  app.ws<SocketData<Connection>>('/*', {
    compression: 0,
    maxPayloadLength: bounds.frame_bytes_max,
    maxBackpressure: bounds.buffered_bytes_max,
    // The library would stop reading and wait for that to be noticed; until then later frames could still get through.
    closeOnBackpressureLimit: false,
    idleTimeout: IDLE_TIMEOUT_S,
    sendPingsAutomatically: false,
    upgrade: (response, request, context) => upgrade(response, request, context, options),
    open(ws) {
      const { connection, socket } = ws.getUserData();
      socket.opened(ws);
      handlers.open(connection, socket);
    },
    message(ws, message, binary) {
      const { connection, socket } = ws.getUserData();
      overflow.end();
      if (socket.isOpen) handlers.message(connection, new Uint8Array(message), binary);
    },
    dropped: (ws) => overflow.add(ws.getUserData().socket),
    drain(ws) {
      const { connection, socket } = ws.getUserData();
      overflow.end();
      if (socket.isOpen) handlers.drained(connection);
      else socket.drained();
    },
    close: (ws, code) => ws.getUserData().socket.ended(code),
  });
}

function upgrade<Connection>(
  response: UwsResponse, request: UwsRequest, context: unknown, { handlers, overflow, isListening }: UwsSocketOptions<Connection>,
): void {
  let aborted = false;
  response.onAborted(() => {
    aborted = true;
  });
  if (!isListening()) {
    response.close();
    return;
  }
  // The request is gone when this call returns; what the answer needs is read now.
  const header = (name: string): string | undefined => request.getHeader(name) || undefined;
  if (!isHandshake(header)) {
    // Later, for the same reason as a refused request.
    setImmediate(() => {
      if (!aborted) response.cork(() => writeAnswer(response, handlers.refuseHttp('bad_request'), { close: true, head: false }));
    });
    return;
  }
  const key = header('sec-websocket-key') ?? '';
  const extensions = header('sec-websocket-extensions') ?? '';
  const finish = (answer: UpgradeAnswer<Connection>): void => {
    if (aborted) return;
    response.cork(() => {
      if (answer.accept) {
        const { connection, subprotocol } = answer;
        const socket = new UwsSocket(overflow, (code) => handlers.closed(connection, code));
        response.upgrade({ connection, socket }, key, subprotocol, extensions, context);
      } else {
        const { status, body, contentType } = answer;
        writeAnswer(response, { status, headers: [['content-type', contentType]], body }, { close: true, head: false });
      }
    });
  };
  void handlers.upgrade({
    path: request.getUrl(), query: request.getQuery() ?? '', origin: header('origin'),
    subprotocols: splitList(header('sec-websocket-protocol')), address: remoteAddress(response), traceparent: header('traceparent'),
    // Never inside the library's call: it would drop what else has come, where now it refuses that.
  }).then((answer) => setImmediate(finish, answer));
}
