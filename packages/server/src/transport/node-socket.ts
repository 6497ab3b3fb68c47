import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Socket } from '../gateway/transport-port.js';
import { fitCloseReason } from './close-reason.js';
import { encodeFrame } from './frame.js';
import type { Topics } from './topics.js';

/** How much of a batch is held back for one write. */
const BATCH_BYTES_MAX = 64 * 1024;
/** What `closed` gets when there was no close frame. */
const CLOSED_ABNORMALLY = 1006;

export interface NodeSocketEvents {
  message(bytes: Uint8Array, binary: boolean): void;
  drained(): void;
  closed(code: number): void;
}

export interface NodeSocketOptions {
  readonly ws: WebSocket;
  /** The stream under `ws`. Data frames are written to it directly, so that a published one is encoded once. */
  readonly stream: Duplex;
  readonly topics: Topics<NodeSocket>;
  readonly buffered_bytes_max: number;
  readonly events: NodeSocketEvents;
}

/**
 * A socket of `ws`. It is open until its end is known to the gateway, and then does nothing.
 *
 * `ws` reads, answers pings and shakes hands at the end; each of its frames is written to the stream in one piece, so
 * that the data frames written here stand between them. After a close frame nothing is written: `readyState` says so.
 */
export class NodeSocket implements Socket {
  readonly #options: NodeSocketOptions;
  #open = true;
  #batching = false;
  /** The most that has waited since the last `drained`. */
  #waiting_bytes = 0;

  constructor(options: NodeSocketOptions) {
    this.#options = options;
    const { ws, events } = options;
    ws.on('message', (data, binary) => {
      // With the default `binaryType` it is always a Buffer.
      if (this.#open) events.message(data as Buffer, binary);
    });
    // `ws` sends the close frame by itself and shakes hands for a while; for the gateway it is over.
    ws.on('error', () => this.#end(CLOSED_ABNORMALLY));
    ws.on('close', (code) => this.#end(code));
  }

  buffered(): number {
    return this.#open ? this.#options.stream.writableLength : 0;
  }

  send(bytes: Uint8Array, binary: boolean): void {
    if (!this.write(encodeFrame(bytes, binary))) this.terminate();
  }

  /** @returns false when more waits than may wait; the caller terminates the socket then */
  write(frame: Buffer): boolean {
    const { ws, stream, buffered_bytes_max } = this.#options;
    if (!this.#open || ws.readyState !== ws.OPEN) return true;
    stream.write(frame, this.#written);
    if (this.#batching) {
      if (stream.writableLength <= BATCH_BYTES_MAX) return true;
      stream.uncork();
      stream.cork();
    }
    this.#waiting_bytes = Math.max(this.#waiting_bytes, stream.writableLength);
    return stream.writableLength <= buffered_bytes_max;
  }

  join(topic: string): void {
    if (this.#open) this.#options.topics.join(topic, this);
  }

  leave(topic: string): void {
    this.#options.topics.leave(topic, this);
  }

  close(code: number, reason: string): void {
    if (!this.#open) return;
    this.#options.ws.close(code, fitCloseReason(reason));
    this.#end(code);
  }

  /** Ends the connection at once, without a close frame. */
  terminate(): void {
    this.#options.ws.terminate();
    this.#end(CLOSED_ABNORMALLY);
  }

  batch(calls: () => void): void {
    if (this.#batching) {
      calls();
      return;
    }
    const { stream } = this.#options;
    this.#batching = true;
    stream.cork();
    try {
      calls();
    } finally {
      this.#batching = false;
      stream.uncork();
      this.#waiting_bytes = Math.max(this.#waiting_bytes, stream.writableLength);
    }
  }

  readonly #written = (): void => {
    const waiting = this.#options.stream.writableLength;
    if (!this.#open || waiting >= this.#waiting_bytes) return;
    this.#waiting_bytes = waiting;
    this.#options.events.drained();
  };

  #end(code: number): void {
    if (!this.#open) return;
    this.#open = false;
    this.#options.topics.leaveAll(this);
    this.#options.events.closed(code);
  }
}
