/**
 * The transport port: bytes in, bytes out. Drivers keep these duties; one contract suite proves them for each.
 *
 * - A frame above `frame_bytes_max` ends the connection before it is allocated; a text frame on a binary subprotocol
 *   reaches `message` with `binary` false, and the gateway closes with 1003.
 * - `send` and `publish` copy what they are given or are done with it before they return.
 * - What is sent to one socket, by `send` and by `publish` together, arrives in the order of the calls.
 * - A socket that left a topic gets nothing published afterwards; one that joined gets everything published afterwards.
 * - Nothing is dropped in silence: a socket that cannot take more is closed, or says so in `drained`/`buffered`.
 */
import type { HttpRequest, HttpResponse } from '../runtime/http-message.js';

export type { HttpRequest, HttpResponse } from '../runtime/http-message.js';

export interface Socket {
  /** Bytes that the kernel has not taken yet. What was published in this turn of the event loop may be missing. */
  buffered(): number;
  send(bytes: Uint8Array, binary: boolean): void;
  join(topic: string): void;
  leave(topic: string): void;
  /**
   * Ends the connection with a close frame, behind what was sent before. `closed` is called before this returns. On a
   * closed socket every call does nothing.
   */
  close(code: number, reason: string): void;
  /** Does the calls inside as few writes as possible. */
  batch(calls: () => void): void;
}

export interface UpgradeRequest {
  readonly path: string;
  readonly query: string;
  readonly origin: string | undefined;
  readonly subprotocols: readonly string[];
  readonly address: string;
  /** X-Forwarded-For, as it was sent: a claim. */
  readonly forwardedFor: string | undefined;
  readonly traceparent: string | undefined;
}

export type UpgradeAnswer<Connection> =
  | { readonly accept: true; readonly subprotocol: string; readonly connection: Connection }
  | { readonly accept: false; readonly response: HttpResponse };

/** What the server does with what a transport brings. `Connection` is the gateway's own object for one socket. */
export interface TransportHandlers<Connection> {
  /**
   * Never throws or rejects. At once where nothing has to be looked up. When the client has gone before a later answer, an
   * accepted connection is neither opened nor closed.
   */
  upgrade(request: UpgradeRequest): UpgradeAnswer<Connection> | Promise<UpgradeAnswer<Connection>>;
  open(connection: Connection, socket: Socket): void;
  /** The bytes are valid during the call only. */
  message(connection: Connection, bytes: Uint8Array, binary: boolean): void;
  /** The socket's buffer has become smaller. */
  drained(connection: Connection): void;
  /**
   * Once for every socket that was opened, and the last call for it. The code is the one of the first close frame, 1005
   * when that had none, and 1006 when there was none, also when a bad frame or a full buffer ended the connection.
   */
  closed(connection: Connection, code: number): void;
  /** Never rejects. */
  http(request: HttpRequest): Promise<HttpResponse>;
  /** The answer to a request whose body is over the limit, or that did not arrive in time. */
  refuseHttp(reason: 'too_large' | 'request_timeout' | 'bad_request'): HttpResponse;
}

export interface TransportBounds {
  readonly frame_bytes_max: number;
  readonly body_bytes_max: number;
  /** Above this many unsent bytes a socket is closed: the last resort behind flow control (FLW1). */
  readonly buffered_bytes_max: number;
  /** A request, headers and body, must arrive within this time. */
  readonly request_timeout_ms: number;
}

export interface Transport {
  readonly name: 'uws' | 'ws';
  /** The port that is really listened on. */
  readonly port: number;
  /** Sends to every socket that joined the topic. */
  publish(topic: string, bytes: Uint8Array, binary: boolean): void;
  /** No new connections; existing sockets stay. Requests on open connections are answered, and end them. */
  stopListening(): void;
  /** Ends what is left. */
  close(): Promise<void>;
}

export interface ListenOptions {
  readonly host: string;
  /** 0 chooses a free port. */
  readonly port: number;
  /** Other processes listen on the port too, which is then not 0. Default: the port is taken for this process alone. */
  readonly shared?: boolean;
  /** A second port, for this process alone. Default: none. */
  readonly ownPort?: number;
  readonly bounds: TransportBounds;
}

export type StartTransport = <Connection>(options: ListenOptions, handlers: TransportHandlers<Connection>) => Promise<Transport>;
