import type { Socket } from '../gateway/transport-port.js';
import { fitCloseReason } from './close-reason.js';
import type { UwsWebSocket } from './uws-binding.js';
import type { Overflow } from './uws-overflow.js';

/** How long a client may take to read what waits before a close frame. */
const CLOSE_TIMEOUT_MS = 4000;

type State =
  | { readonly at: 'open'; readonly ws: UwsWebSocket<unknown> }
  | { readonly at: 'closing'; readonly ws: UwsWebSocket<unknown>; readonly timer: NodeJS.Timeout; sendCloseFrame(): void }
  | { readonly at: 'ended' };

/**
 * A socket of uWebSockets.js throws when it is touched after its end; this one does nothing then.
 *
 * It is open until it is closed by either side. When the gateway closes it while bytes wait, it is over for the gateway,
 * but first the client may read: it is closing, leaves its topics, and takes nothing more. The close frame follows when
 * nothing waits any more. The library could do that alone, but would then wait for a client that stops half-way.
 */
export class UwsSocket<Connection> implements Socket {
  #state: State = { at: 'ended' };
  readonly #overflow: Overflow;
  readonly #closed: (connection: Connection, code: number) => void;

  /** @param closed the same function for all sockets: one of its own would keep what its handshake left behind */
  constructor(overflow: Overflow, readonly connection: Connection, closed: (connection: Connection, code: number) => void) {
    this.#overflow = overflow;
    this.#closed = closed;
  }

  get isOpen(): boolean {
    return this.#state.at === 'open';
  }

  /** The library has opened it. */
  opened(ws: UwsWebSocket<unknown>): void {
    this.#state = { at: 'open', ws };
  }

  /** The library has ended it, and `ws` may not be touched any more. */
  ended(code: number): void {
    const state = this.#state;
    this.#state = { at: 'ended' };
    if (state.at === 'open') this.#closed(this.connection, code);
    else if (state.at === 'closing') clearTimeout(state.timer);
  }

  /** Its buffer has become smaller. */
  drained(): void {
    const state = this.#state;
    if (state.at === 'closing' && state.ws.getBufferedAmount() === 0) state.sendCloseFrame();
  }

  buffered(): number {
    return this.#state.at === 'open' ? this.#state.ws.getBufferedAmount() : 0;
  }

  send(bytes: Uint8Array, binary: boolean): void {
    if (this.#state.at !== 'open') return;
    this.#state.ws.send(bytes, binary, false);
    this.#overflow.end();
  }

  join(topic: string): void {
    if (this.#state.at === 'open') this.#state.ws.subscribe(topic);
  }

  leave(topic: string): void {
    if (this.#state.at === 'open') this.#state.ws.unsubscribe(topic);
  }

  close(code: number, reason: string): void {
    if (this.#state.at !== 'open') return;
    const { ws } = this.#state;
    const sendCloseFrame = (): void => ws.end(code, fitCloseReason(reason));
    if (ws.getBufferedAmount() === 0) {
      sendCloseFrame();
      return;
    }
    for (const topic of ws.getTopics()) ws.unsubscribe(topic);
    this.#state = { at: 'closing', ws, timer: setTimeout(() => this.terminate(), CLOSE_TIMEOUT_MS), sendCloseFrame };
    this.#closed(this.connection, code);
  }

  /** Ends the connection at once, without a close frame. */
  terminate(): void {
    if (this.#state.at !== 'ended') this.#state.ws.close();
  }

  batch(calls: () => void): void {
    if (this.#state.at === 'open') this.#state.ws.cork(calls);
    else calls();
  }
}
