/** ORD2: a named handler with a cursor of its own, kept in the store; it runs once per fact, in order per stream. */
import { eventCheck } from '@talaria/protocol';
import { backoffMs } from '../connection/backoff.js';
import { TalariaError } from '../errors.js';
import type { Runtime } from '../runtime.js';
import type { Store } from '../store/port.js';
import type { Fact, Skipped } from '../streams/fact.js';
import type { Position } from '../streams/tracker.js';

export type FactHandler = (fact: Fact) => void | Promise<void>;

export interface ConsumerOptions {
  /** Called with ranges that will not come: outside the membership, removed by retention, jumped over. */
  readonly onSkipped?: (range: Skipped) => void;
  /** Where a consumer without a cursor begins: at the head it finds, or at the first fact it may see. Default `now`. */
  readonly from?: 'now' | 'start';
  /** Tries of one fact before its stream stops with `callback_failed`. Default 8. */
  readonly attemptsMax?: number;
}

export interface ConsumerEvents {
  failed(stream: string, error: TalariaError): void;
  /** The queue of a stream was full: what was dropped must come again from this cursor. */
  overflow(stream: string, position: Position): void;
}

interface Item {
  readonly facts: readonly Fact[];
  readonly skipped: readonly Skipped[];
  readonly position: Position;
}

interface StreamQueue {
  items: Item[];
  waiting: number;
  handled: Position | undefined;
  running: boolean;
  stopped: boolean;
  overflowed: boolean;
}

const QUEUE_FACTS_MAX = 2_000;
const RETRY = { base_ms: 100, max_ms: 10_000 };

export class Consumer {
  private readonly streams = new Map<string, StreamQueue>();
  private closed = false;

  constructor(
    readonly name: string, private readonly handler: FactHandler, readonly options: ConsumerOptions, private readonly store: Store, private readonly runtime: Runtime,
    private readonly events: ConsumerEvents,
  ) {}

  /** Loads the cursors. @returns them, and the epoch of the log they belong to */
  async load(): Promise<{ readonly epoch: string; readonly positions: ReadonlyMap<string, Position> }> {
    const positions = new Map<string, Position>();
    let epoch = '';
    for (const [key, value] of await this.store.load('cursors')) {
      const [name, stream] = splitKey(key);
      if (name !== this.name) continue;
      const kept = JSON.parse(value) as Position & { readonly epoch: string };
      epoch = kept.epoch;
      positions.set(stream, { seq: kept.seq, check: kept.check });
      this.queue(stream).handled = { seq: kept.seq, check: kept.check };
    }
    return { epoch, positions };
  }

  handled(stream: string): Position | undefined {
    return this.streams.get(stream)?.handled;
  }

  /** Takes facts in order; those that this consumer has handled are left out. */
  take(epoch: string, stream: string, facts: readonly Fact[], skipped: readonly Skipped[], position: Position): void {
    const queue = this.queue(stream);
    if (this.closed || queue.stopped || queue.overflowed) return;
    const after = queue.items.at(-1)?.position.seq ?? queue.handled?.seq ?? -1;
    if (position.seq <= after) return;
    if (queue.waiting + facts.length > QUEUE_FACTS_MAX && queue.waiting > 0) {
      queue.overflowed = true;
      return;
    }
    queue.items.push({ position, facts: facts.filter((fact) => fact.seq > after), skipped: skipped.filter((range) => range.toSeq > after) });
    queue.waiting += facts.length;
    if (!queue.running) void this.drain(epoch, stream, queue);
  }

  /** A stream's cursor where it is first met. It is kept, so that nothing is missed if the process ends before the first fact. */
  baseline(epoch: string, stream: string, position: Position): void {
    const queue = this.queue(stream);
    if (queue.handled) return;
    queue.handled = position;
    this.save(epoch, stream, queue, position).catch((cause: unknown) => this.events.failed(stream, new TalariaError('store_failed', 'The cursor could not be written.', { cause })));
  }

  /** The log is another one: cursors of the old one mean nothing (RES5). @param stream empty for every stream */
  async reset(stream: string): Promise<void> {
    const streams = stream === '' ? [...this.streams.keys()] : [stream];
    for (const one of streams) this.streams.delete(one);
    await this.store.write(streams.map((one) => ({ table: 'cursors', key: `${this.name} ${one}`, value: null })));
  }

  /** Nothing waits to be handled at this moment. */
  get idle(): boolean {
    return [...this.streams.values()].every((queue) => !queue.running);
  }

  close(): void {
    this.closed = true;
  }

  private queue(stream: string): StreamQueue {
    const known = this.streams.get(stream) ?? { items: [], waiting: 0, handled: undefined, running: false, stopped: false, overflowed: false };
    this.streams.set(stream, known);
    return known;
  }

  private async drain(epoch: string, stream: string, queue: StreamQueue): Promise<void> {
    queue.running = true;
    try {
      for (let item = queue.items[0]; item && !this.closed; item = queue.items[0]) {
        await this.handleItem(epoch, stream, queue, item);
        queue.items.shift();
        queue.waiting -= item.facts.length;
      }
    } catch (error) {
      queue.stopped = true;
      const failure = error instanceof TalariaError ? error : new TalariaError('callback_failed', `The handler of ${this.name} failed.`, { cause: error });
      this.events.failed(stream, failure);
    } finally {
      queue.running = false;
    }
    if (queue.overflowed && !queue.stopped && queue.handled) {
      queue.overflowed = false;
      this.events.overflow(stream, queue.handled);
    }
  }

  private async handleItem(epoch: string, stream: string, queue: StreamQueue, item: Item): Promise<void> {
    for (const range of item.skipped) this.options.onSkipped?.(range);
    for (const fact of item.facts) {
      await this.handleFact(fact);
      // The cursor moves only after the handler is done (ORD2).
      await this.save(epoch, stream, queue, { seq: fact.seq, check: fact.seq === item.position.seq ? item.position.check : eventCheck(fact.eventId) });
      if (this.closed) return;
    }
    if ((queue.handled?.seq ?? -1) < item.position.seq) await this.save(epoch, stream, queue, item.position);
  }

  private async handleFact(fact: Fact): Promise<void> {
    const max = this.options.attemptsMax ?? 8;
    for (let attempt = 0; ; attempt += 1) {
      try {
        await this.handler(fact);
        return;
      } catch (cause) {
        if (this.closed || attempt + 1 >= max) {
          throw new TalariaError('callback_failed', `The handler of ${this.name} failed ${attempt + 1} times at seq ${fact.seq}.`, {
            cause, remediation: 'Mend the handler and start the client again; the cursor stands before this fact.',
          });
        }
        const waitMs = backoffMs(attempt, RETRY, this.runtime.fraction());
        await new Promise<void>((resolve) => void this.runtime.after(waitMs, resolve));
      }
    }
  }

  private async save(epoch: string, stream: string, queue: StreamQueue, position: Position): Promise<void> {
    if ((queue.handled?.seq ?? -1) > position.seq) return;
    await this.store.write([{ table: 'cursors', key: `${this.name} ${stream}`, value: JSON.stringify({ ...position, epoch }) }]);
    queue.handled = position;
  }
}

function splitKey(key: string): [name: string, stream: string] {
  const at = key.lastIndexOf(' ');
  return [key.slice(0, at), key.slice(at + 1)];
}

