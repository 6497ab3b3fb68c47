import type { TransportBounds, TransportHandlers, UpgradeAnswer } from '../gateway/transport-port.js';
import type { UwsApp, UwsRequest, UwsResponse } from './uws-binding.js';
import { isHandshake, splitList } from './http-head.js';
import { remoteAddress, writeAnswer } from './uws-http.js';
import { Overflow, UwsSocket } from './uws-socket.js';

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
    // Heartbeats are the gateway's: they carry heads (ORD3).
    idleTimeout: 0,
    sendPingsAutomatically: false,
    upgrade: (response, request, context) => upgrade(response, request, context, options),
    open(ws) {
      const { connection, socket } = ws.getUserData();
      socket.opened(ws);
      handlers.open(connection, socket);
    },
    message(ws, message, binary) {
      overflow.end();
      handlers.message(ws.getUserData().connection, new Uint8Array(message), binary);
    },
    dropped: (ws) => overflow.add(ws.getUserData().socket),
    drain(ws) {
      const { connection, socket } = ws.getUserData();
      overflow.end();
      if (socket.isOpen()) handlers.drained(connection);
    },
    close(ws, code) {
      const { connection, socket } = ws.getUserData();
      socket.ended();
      handlers.closed(connection, code);
    },
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
        response.upgrade({ connection: answer.connection, socket: new UwsSocket(overflow) }, key, answer.subprotocol, extensions, context);
      } else {
        const { status, body, contentType } = answer;
        writeAnswer(response, { status, headers: [['content-type', contentType]], body }, { close: true, head: false });
      }
    });
  };
  void handlers.upgrade({
    path: request.getUrl(), query: request.getQuery() ?? '', origin: header('origin'),
    subprotocols: splitList(header('sec-websocket-protocol')), address: remoteAddress(response), traceparent: header('traceparent'),
  }).then(finish);
}
