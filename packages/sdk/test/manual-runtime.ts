import type { Runtime, SocketLike } from '../src/runtime.js';

export interface ManualRuntime extends Runtime {
  /** Moves the clock and calls what is due, in order. */
  advance(ms: number): void;
  /** The wall clock alone jumps, forward or back. */
  jump(ms: number): void;
  /** When the next timer is due, in ms from now; undefined when there is none. */
  nextMs(): number | undefined;
  readonly sockets: SocketLike[];
  wake(): void;
}

/** A runtime that the test moves. `fraction` is a fixed series, so that runs repeat. */
export function manualRuntime(fractions: () => number = () => 0.5): ManualRuntime {
  let nowMs = 1_700_000_000_000;
  let jumpedMs = 0;
  let next = 1;
  let counter = 0;
  const timers = new Map<number, { atMs: number; callback: () => void }>();
  const wakers = new Set<() => void>();
  const sockets: SocketLike[] = [];
  return {
    sockets,
    now: () => nowMs + jumpedMs,
    after(ms, callback) {
      const id = next++;
      timers.set(id, { atMs: nowMs + ms, callback });
      return () => void timers.delete(id);
    },
    fill(bytes) {
      for (let at = 0; at < bytes.length; at += 1) bytes[at] = (counter = (counter * 1_103_515_245 + 12_345) & 0x7fffffff) >> 16;
    },
    fraction: fractions,
    openSocket() {
      const socket: SocketLike = { binaryType: '', bufferedAmount: 0, send: () => undefined, close: () => undefined, onopen: null, onmessage: null, onclose: null, onerror: null };
      sockets.push(socket);
      return socket;
    },
    onWake(callback) {
      wakers.add(callback);
      return () => void wakers.delete(callback);
    },
    wake() {
      for (const waker of wakers) waker();
    },
    nextMs() {
      const times = [...timers.values()].map((timer) => timer.atMs - nowMs);
      return times.length === 0 ? undefined : Math.max(0, Math.min(...times));
    },
    jump(ms) {
      jumpedMs += ms;
    },
    advance(ms) {
      const untilMs = nowMs + ms;
      for (;;) {
        const due = [...timers].filter(([, timer]) => timer.atMs <= untilMs).sort(([, a], [, b]) => a.atMs - b.atMs)[0];
        if (!due) break;
        timers.delete(due[0]);
        nowMs = Math.max(nowMs, due[1].atMs);
        due[1].callback();
      }
      nowMs = untilMs;
    },
  };
}
