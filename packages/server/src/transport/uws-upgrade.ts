import type { TransportBounds, TransportHandlers, UpgradeAnswer } from '../gateway/transport-port.js';
import type { UwsApp, UwsRequest, UwsResponse, UwsWebSocket } from './uws-binding.js';
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
  readonly socket: UwsSocket<Connection>;
}

export interface UwsSocketOptions<Connection> {
  readonly bounds: TransportBounds;
  readonly handlers: TransportHandlers<Connection>;
  readonly overflow: Overflow;
  isListening(): boolean;
}

/** Sockets that are open, for `corkedElsewhere`. */
type OpenSockets = Set<UwsWebSocket<unknown>>;

/** Serves WebSockets on every path; what is no handshake goes on to the HTTP handler. */
export function serveSockets<Connection>(app: UwsApp, options: UwsSocketOptions<Connection>): void {
  const { bounds, handlers, overflow } = options;
  const openSockets: OpenSockets = new Set();
  const closed = (connection: Connection, code: number): void => handlers.closed(connection, code);
  app.ws<SocketData<Connection>>('/*', {
    compression: 0,
    maxPayloadLength: bounds.frame_bytes_max,
    maxBackpressure: bounds.buffered_bytes_max,
    // The library would stop reading and wait for that to be noticed; until then later frames could still get through.
    closeOnBackpressureLimit: false,
    idleTimeout: IDLE_TIMEOUT_S,
    sendPingsAutomatically: false,
    upgrade: (response, request, context) => upgrade(response, request, context, options, openSockets, closed),
    open(ws) {
      const { socket } = ws.getUserData();
      openSockets.add(ws);
      socket.opened(ws);
      handlers.open(socket.connection, socket);
    },
    message(ws, message, binary) {
      const { socket } = ws.getUserData();
      overflow.end();
      if (socket.isOpen) handlers.message(socket.connection, new Uint8Array(message), binary);
    },
    dropped: (ws) => overflow.add(ws.getUserData().socket),
    drain(ws) {
      const { socket } = ws.getUserData();
      overflow.end();
      if (socket.isOpen) handlers.drained(socket.connection);
      else socket.drained();
    },
    close(ws, code) {
      openSockets.delete(ws);
      ws.getUserData().socket.ended(code);
    },
  });
}

function upgrade<Connection>(
  response: UwsResponse, request: UwsRequest, context: unknown, { handlers, overflow, isListening }: UwsSocketOptions<Connection>,
  openSockets: OpenSockets, closed: (connection: Connection, code: number) => void,
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
  const accept = (answer: UpgradeAnswer<Connection> & { readonly accept: true }): void => {
    const socket = new UwsSocket(overflow, answer.connection, closed);
    response.upgrade({ socket }, key, answer.subprotocol, extensions, context);
  };
  // Never inside the library's call: it would drop what else has come, where now it refuses that request too.
  const refuse = (answer: UpgradeAnswer<Connection> & { readonly accept: false }): void => void setImmediate(() => {
    if (!aborted) response.cork(() => writeAnswer(response, answer.response, { close: true, head: false }));
  });
  const answer = handlers.upgrade({
    path: request.getUrl(), query: request.getQuery() ?? '', origin: header('origin'),
    subprotocols: splitList(header('sec-websocket-protocol')), address: remoteAddress(response),
    forwardedFor: joinedHeader(request, 'x-forwarded-for'), traceparent: header('traceparent'),
  });
  if (answer instanceof Promise) {
    void answer.then((later) => setImmediate(() => {
      if (!later.accept) refuse(later);
      else if (!aborted) corkedElsewhere(openSockets, response, () => accept(later));
    }));
  } else if (answer.accept) accept(answer);
  else refuse(answer);
}

/**
 * After a cork of a response the library looks at it once more. It is a socket by then, and at times that look closes it
 * (uWebSockets pull request 1929). In its own call there is no such look, and none while another socket holds the only
 * cork. Without any other socket it is written in pieces, and the library complains about that once.
 */
function corkedElsewhere(openSockets: OpenSockets, response: UwsResponse, calls: () => void): void {
  const [other] = openSockets;
  if (other) other.cork(() => response.cork(calls));
  else calls();
}

/** The library's own look-up gives only the first of several; each proxy may add a header of its own. */
function joinedHeader(request: UwsRequest, wanted: string): string | undefined {
  const values: string[] = [];
  request.forEach((name, value) => {
    if (name === wanted) values.push(value);
  });
  return values.length === 0 ? undefined : values.join(', ');
}
