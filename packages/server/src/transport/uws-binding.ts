/** The part of uWebSockets.js that the driver uses, and where its binary may come from. */
import { createRequire } from 'node:module';

export interface UwsWebSocket<Data> {
  getUserData(): Data;
  /** @returns 0 when the bytes wait in memory, 1 when the kernel has them, 2 when they were dropped */
  send(message: Uint8Array, isBinary: boolean, compress: boolean): number;
  getBufferedAmount(): number;
  subscribe(topic: string): boolean;
  unsubscribe(topic: string): boolean;
  getTopics(): string[];
  end(code: number, reason: string): void;
  close(): void;
  cork(calls: () => void): void;
}

export interface UwsRequest {
  getMethod(): string;
  getUrl(): string;
  /** Undefined where there is no question mark. */
  getQuery(): string | undefined;
  getHeader(name: string): string;
  forEach(visit: (name: string, value: string) => void): void;
}

export interface UwsResponse {
  writeStatus(status: string): void;
  writeHeader(name: string, value: string): void;
  end(body: string | Uint8Array, closeConnection: boolean): void;
  /** It has parameters too, which do not work. */
  endWithoutBody(): void;
  close(): void;
  cork(calls: () => void): void;
  onAborted(handler: () => void): void;
  onData(handler: (chunk: ArrayBuffer, isLast: boolean) => void): void;
  getRemoteAddressAsText(): ArrayBuffer;
  upgrade<Data>(data: Data, key: string, protocol: string, extensions: string, context: unknown): void;
}

export interface UwsBehavior<Data> {
  compression: number;
  maxPayloadLength: number;
  maxBackpressure: number;
  closeOnBackpressureLimit: boolean;
  idleTimeout: number;
  sendPingsAutomatically: boolean;
  upgrade(response: UwsResponse, request: UwsRequest, context: unknown): void;
  open(socket: UwsWebSocket<Data>): void;
  message(socket: UwsWebSocket<Data>, message: ArrayBuffer, isBinary: boolean): void;
  dropped(socket: UwsWebSocket<Data>, message: ArrayBuffer, isBinary: boolean): void;
  drain(socket: UwsWebSocket<Data>): void;
  close(socket: UwsWebSocket<Data>, code: number, reason: ArrayBuffer): void;
}

export interface UwsApp {
  ws<Data>(pattern: string, behavior: UwsBehavior<Data>): UwsApp;
  any(pattern: string, handler: (response: UwsResponse, request: UwsRequest) => void): UwsApp;
  listen(host: string, port: number, options: number, listening: (token: unknown) => void): UwsApp;
  publish(topic: string, message: Uint8Array, isBinary: boolean, compress: boolean): boolean;
  close(): void;
}

export interface UwsModule {
  App(): UwsApp;
  us_listen_socket_close(token: unknown): void;
  us_socket_local_port(token: unknown): number;
  LIBUS_LISTEN_EXCLUSIVE_PORT: number;
}

/** Official package first; it is not in the registry, so a republication of its binaries is an optional dependency. */
const SOURCES = ['uWebSockets.js', '@uwsjs/core', `@uwsjs/${process.platform}-${process.arch}-${process.versions.node.split('.')[0] ?? ''}`];

/** What node:http takes. The library's own bound is 4 KiB, which a token and a few cookies pass. */
const HEADERS_BYTES_MAX = 16 * 1024;

/** @returns the binding, or why there is none on this machine */
export function loadUws(): { readonly ok: true; readonly uws: UwsModule } | { readonly ok: false; readonly reason: string } {
  const require = createRequire(import.meta.url);
  // The library reads this once, while it is loaded, and from nowhere else.
  process.env['UWS_HTTP_MAX_HEADERS_SIZE'] ??= String(HEADERS_BYTES_MAX);
  let reason = '';
  for (const source of SOURCES) {
    try {
      return { ok: true, uws: require(source) as UwsModule };
    } catch (error) {
      reason = error instanceof Error ? error.message.split('\n')[0]! : String(error);
    }
  }
  return { ok: false, reason };
}
