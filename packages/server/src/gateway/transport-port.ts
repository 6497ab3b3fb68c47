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
export interface Socket {
  /** Bytes that the kernel has not taken yet. */
  buffered(): number;
  send(bytes: Uint8Array, binary: boolean): void;
  join(topic: string): void;
  leave(topic: string): void;
  /** Ends the connection with a close frame. Sending to a closed socket does nothing. */
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
  readonly traceparent: string | undefined;
}

export type UpgradeAnswer<Connection> =
  | { readonly accept: true; readonly subprotocol: string; readonly connection: Connection }
  | { readonly accept: false; readonly status: number; readonly body: string; readonly contentType: string };

export interface HttpRequest {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  /** Lower-case names. A header that came twice is joined with `, `. */
  readonly headers: ReadonlyMap<string, string>;
  readonly address: string;
  /** The body, at most `body_bytes_max` long. */
  readonly body: Uint8Array;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string | Uint8Array;
}

/** What the server does with what a transport brings. `Connection` is the gateway's own object for one socket. */
export interface TransportHandlers<Connection> {
  upgrade(request: UpgradeRequest): Promise<UpgradeAnswer<Connection>>;
  open(connection: Connection, socket: Socket): void;
  /** The bytes are valid during the call only. */
  message(connection: Connection, bytes: Uint8Array, binary: boolean): void;
  /** The socket's buffer has become smaller. */
  drained(connection: Connection): void;
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
  /** No new connections or requests; existing sockets stay. */
  stopListening(): void;
  /** Ends what is left. */
  close(): Promise<void>;
}

export interface ListenOptions {
  readonly host: string;
  /** 0 chooses a free port. */
  readonly port: number;
  readonly bounds: TransportBounds;
}

export type StartTransport = <Connection>(options: ListenOptions, handlers: TransportHandlers<Connection>) => Promise<Transport>;
