/** One direction of a proxied connection, and what may be done to it. */
import type { Socket } from 'node:net';

/** How bytes pass. TCP loses, repeats and swaps nothing within a connection, so neither does this: it stops, slows or ends. */
export type Valve =
  | { readonly kind: 'open' }
  /** Nothing is read: the sender's buffers fill up. */
  | { readonly kind: 'hold' }
  /** Read and kept back, until the valve is opened. */
  | { readonly kind: 'keep' }
  /** After so many more bytes, everything is read and thrown away. */
  | { readonly kind: 'swallow'; readonly after_bytes: number }
  /** Everything arrives so much later. */
  | { readonly kind: 'delay'; readonly delay_ms: number }
  /** So many bytes at a time. */
  | { readonly kind: 'trickle'; readonly bytes: number; readonly every_ms: number };

/** What is kept, delayed or trickled is read no further above this, but for `keep`. */
const QUEUE_BYTES_MAX = 1_048_576;

export class Flow {
  private valve: Valve = { kind: 'open' };
  private readonly queue: { readonly bytes: Buffer; readonly dueMs: number }[] = [];
  private queuedBytes = 0;
  private passedBytes = 0;
  private timer: NodeJS.Timeout | undefined;
  private blocked = false;

  constructor(private readonly from: Socket, private readonly to: Socket) {
    from.on('data', (chunk: Buffer) => this.take(chunk));
    to.on('drain', () => {
      this.blocked = false;
      this.pump();
    });
    for (const socket of [from, to]) socket.once('close', () => this.stop());
  }

  /** Bytes that were read and have not gone on. */
  get kept(): number {
    return this.queuedBytes;
  }

  set(valve: Valve): void {
    this.valve = valve;
    this.passedBytes = 0;
    this.pump();
  }

  private take(chunk: Buffer): void {
    if (this.valve.kind === 'swallow') {
      const rest = Math.max(0, this.valve.after_bytes - this.passedBytes);
      this.passedBytes += chunk.length;
      if (rest > 0) this.write(chunk.subarray(0, rest));
      return;
    }
    const delayMs = this.valve.kind === 'delay' ? this.valve.delay_ms : 0;
    this.queue.push({ bytes: chunk, dueMs: performance.now() + delayMs });
    this.queuedBytes += chunk.length;
    this.pump();
  }

  /** Sends what may go now, and says whether more is to be read. */
  private pump(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    switch (this.valve.kind) {
      case 'open': while (this.queue.length > 0 && !this.blocked) this.write(this.next()); break;
      case 'delay': this.pumpDue(); break;
      case 'trickle': this.pumpSome(this.valve.bytes, this.valve.every_ms); break;
      case 'swallow':
        this.queue.length = 0;
        this.queuedBytes = 0;
        break;
      case 'hold':
      case 'keep':
    }
    this.readOn();
  }

  private pumpDue(): void {
    const nowMs = performance.now();
    while (this.queue.length > 0 && !this.blocked && this.queue[0]!.dueMs <= nowMs) this.write(this.next());
    const first = this.queue[0];
    if (first && !this.blocked) this.again(Math.max(1, first.dueMs - nowMs));
  }

  private pumpSome(bytes: number, everyMs: number): void {
    if (this.queue.length === 0 || this.blocked) return;
    const first = this.next();
    if (first.length > bytes) this.putBack(first.subarray(bytes));
    this.write(first.subarray(0, bytes));
    this.again(everyMs);
  }

  private again(ms: number): void {
    this.timer = setTimeout(() => this.pump(), ms);
  }

  private next(): Buffer {
    const { bytes } = this.queue.shift()!;
    this.queuedBytes -= bytes.length;
    return bytes;
  }

  private putBack(bytes: Buffer): void {
    this.queue.unshift({ bytes, dueMs: 0 });
    this.queuedBytes += bytes.length;
  }

  private write(bytes: Buffer): void {
    if (!this.to.destroyed && this.to.writable && !this.to.write(bytes)) this.blocked = true;
  }

  private readOn(): void {
    const full = this.valve.kind !== 'keep' && this.queuedBytes >= QUEUE_BYTES_MAX;
    if (this.valve.kind === 'hold' || this.blocked || full) this.from.pause();
    else this.from.resume();
  }

  private stop(): void {
    clearTimeout(this.timer);
  }
}
