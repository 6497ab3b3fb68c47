import type { Socket } from '../gateway/transport-port.js';
import type { UwsWebSocket } from './uws-binding.js';
import { fitCloseReason } from './close-reason.js';

/**
 * Sockets whose buffer is over the bound, and which therefore have lost a frame. They must not get a later one, but the
 * library says so while it walks through its own lists, where closing a socket would free what it holds. So they are
 * remembered, and ended before and after everything that could give them another frame.
 */
export class Overflow {
  #sockets: UwsSocket[] = [];

  add(socket: UwsSocket): void {
    this.#sockets.push(socket);
    // The library may have met the bound by itself, at the end of a turn, with no call of ours to follow.
    if (this.#sockets.length === 1) setImmediate(() => this.end());
  }

  end(): void {
    if (this.#sockets.length === 0) return;
    const sockets = this.#sockets;
    this.#sockets = [];
    for (const socket of sockets) socket.terminate();
  }
}

/** A socket of uWebSockets.js throws when it is touched after its end; this one does nothing then. */
export class UwsSocket implements Socket {
  #ws: UwsWebSocket<unknown> | undefined;
  readonly #overflow: Overflow;

  constructor(overflow: Overflow) {
    this.#overflow = overflow;
  }

  opened(ws: UwsWebSocket<unknown>): void {
    this.#ws = ws;
  }

  ended(): void {
    this.#ws = undefined;
  }

  isOpen(): boolean {
    return this.#ws !== undefined;
  }

  /** Without what was published in this turn of the event loop: the library adds that at the turn's end. */
  buffered(): number {
    return this.#ws?.getBufferedAmount() ?? 0;
  }

  send(bytes: Uint8Array, binary: boolean): void {
    this.#ws?.send(bytes, binary, false);
    this.#overflow.end();
  }

  join(topic: string): void {
    this.#ws?.subscribe(topic);
  }

  leave(topic: string): void {
    this.#ws?.unsubscribe(topic);
  }

  close(code: number, reason: string): void {
    const ws = this.#ws;
    this.#ws = undefined;
    ws?.end(code, fitCloseReason(reason));
  }

  /** Ends the connection at once, without a close frame. */
  terminate(): void {
    const ws = this.#ws;
    this.#ws = undefined;
    ws?.close();
  }

  batch(calls: () => void): void {
    if (this.#ws) this.#ws.cork(calls);
    else calls();
  }
}
