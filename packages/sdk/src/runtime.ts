/** What the SDK needs of its surroundings: passed in, so that a simulation can replace it. */
export interface SocketLike {
  binaryType: string;
  readonly bufferedAmount: number;
  send(data: Uint8Array | string): void;
  close(code?: number, reason?: string): void;
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number; reason: string }) => void) | null;
  onerror: ((event: unknown) => void) | null;
}

/** What the SDK takes from its surroundings: time, randomness, timers and sockets. */
export interface Runtime {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls back after `ms`; the result cancels it. */
  after(ms: number, callback: () => void): () => void;
  fill(bytes: Uint8Array): void;
  /** From 0 up to but without 1. */
  fraction(): number;
  openSocket(url: string, protocols: string[]): SocketLike;
  /** Calls back when the network or the page may have come back; the result stops it. */
  onWake(callback: () => void): () => void;
}

type OpenSocket = Runtime['openSocket'];

/** The surroundings of this browser or Node process. */
export function defaultRuntime(openSocket: OpenSocket): Runtime {
  return {
    now: Date.now,
    after(ms, callback) {
      const timer = setTimeout(callback, ms);
      return () => clearTimeout(timer);
    },
    fill: (bytes) => void crypto.getRandomValues(bytes as Uint8Array<ArrayBuffer>),
    fraction: Math.random,
    openSocket,
    onWake,
  };
}

/** ORD3: a page that was asleep checks its deadlines when it wakes. */
function onWake(callback: () => void): () => void {
  const target = globalThis as { addEventListener?: typeof addEventListener; removeEventListener?: typeof removeEventListener; document?: EventTarget };
  if (!target.addEventListener) return () => undefined;
  const page = target.document;
  target.addEventListener('online', callback);
  target.addEventListener('pageshow', callback);
  page?.addEventListener('visibilitychange', callback);
  return () => {
    target.removeEventListener?.('online', callback);
    target.removeEventListener?.('pageshow', callback);
    page?.removeEventListener('visibilitychange', callback);
  };
}

/** The global WebSocket: browsers, Node from 22 on, Deno, Bun. */
export const globalSocket: OpenSocket = (url, protocols) => new WebSocket(url, protocols) as unknown as SocketLike;
