/** ORD2: a named handler with a cursor of its own, kept in the store; it runs once per fact, in order per stream. */
import { eventCheck } from '@talaria/protocol';
import { backoffMs } from '../connection/backoff.js';
import { asStoreError, TalariaError } from '../errors.js';
import type { Runtime } from '../runtime.js';
import type { Store, StoreChange } from '../store/port.js';
import { endOf, isSkipped, type Fact, type Skipped, type Step } from '../streams/fact.js';
import type { Position } from '../streams/tracker.js';

/** Called once for each fact, in order for each stream. The cursor moves when its promise has resolved. */
export type FactHandler = (fact: Fact) => void | Promise<void>;

/** Where a consumer begins, and what it is told besides facts. */
export interface ConsumerOptions {
  /** Called with ranges that will not come: outside the membership, removed by retention, jumped over. */
  readonly onSkipped?: (range: Skipped) => void;
  /**
   * Where a consumer without a cursor begins: at the head it finds, or at the first fact it may see. Default `now`. A conversation
   * that the user joins later begins where they join, also while the client is away.
   */
  readonly from?: 'now' | 'start';
  /** Tries of one fact before its stream stops with `callback_failed`. Default 8. */
  readonly attemptsMax?: number;
}

/** What runs for a fact. @param cursor where the consumer stands behind it */
export type StepHandler = (fact: Fact, cursor: StoreChange) => void | Promise<void>;

/** Where cursors are kept, when not in the client's store: the handler then writes the one of its fact itself, with what it does. */
export type CursorStore = Pick<Store, 'load' | 'write'>;

export interface ConsumerEvents {
  failed(stream: string, error: TalariaError): void;
  /** The queue of a stream was full: what was dropped must come again from this cursor. */
  overflow(stream: string, position: Position): void;
}

interface Item {
  readonly steps: readonly Step[];
  readonly position: Position;
}

interface StreamQueue {
  items: Item[];
  waiting: number;
  handled: Position | undefined;
  running: boolean;
  stopped: boolean;
  overflowed: boolean;
  /** Its log is no more (RES5): what waits in it is not handled, and no cursor of it is kept. */
  dropped: boolean;
  /** It is being worked off. */
  run: Promise<unknown> | undefined;
  /** The end of the stream's queue that was dropped before. */
  behind: Promise<unknown> | undefined;
}

const emptyQueue = (behind?: Promise<unknown>): StreamQueue =>
  ({ items: [], waiting: 0, handled: undefined, running: false, stopped: false, overflowed: false, dropped: false, run: undefined, behind });

const QUEUE_STEPS_MAX = 2_000;
const RETRY = { base_ms: 100, max_ms: 10_000 };

export class Consumer {
  private readonly streams = new Map<string, StreamQueue>();
  /** Queues that are being worked off. */
  private readonly runs = new Set<Promise<void>>();
  /** End the pauses between two tries. */
  private readonly wakes = new Set<() => void>();
  private closed = false;

  private readonly store: CursorStore;

  constructor(
    readonly name: string, private readonly handler: StepHandler, readonly options: ConsumerOptions, store: CursorStore, private readonly runtime: Runtime,
    private readonly events: ConsumerEvents, private readonly own?: CursorStore,
  ) {
    this.store = own ?? store;
  }

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

  /** Whether it has begun with a stream: it has a cursor there, or a fact that is being handled. */
  knows(stream: string): boolean {
    const queue = this.streams.get(stream);
    return queue !== undefined && (queue.handled !== undefined || queue.items.length > 0);
  }

  /** Takes what comes next, in order; what this consumer has handled is left out. */
  take(epoch: string, stream: string, steps: readonly Step[], position: Position): void {
    const queue = this.queue(stream);
    if (this.closed || queue.stopped || queue.overflowed) return;
    const after = queue.items.at(-1)?.position.seq ?? queue.handled?.seq ?? -1;
    if (position.seq <= after) return;
    if (queue.waiting + steps.length > QUEUE_STEPS_MAX && queue.waiting > 0) {
      queue.overflowed = true;
      return;
    }
    const fresh = steps.filter((step) => endOf(step) > after);
    queue.items.push({ position, steps: fresh });
    queue.waiting += fresh.length;
    if (!queue.running) this.run(epoch, stream, queue);
  }

  /** A stream's cursor where it is first met. It is kept, so that nothing is missed if the process ends before the first fact. */
  baseline(epoch: string, stream: string, position: Position): void {
    // Above a fact that is still being handled there must be no cursor (ORD2).
    if (this.closed || this.knows(stream)) return;
    const queue = this.queue(stream);
    queue.handled = position;
    this.save(epoch, stream, queue, position).catch((error: unknown) => this.report(stream, error));
  }

  /** The log is another one: cursors of the old one mean nothing (RES5). @param stream empty for every stream */
  async reset(stream: string): Promise<void> {
    const streams = stream === '' ? [...this.streams.keys()] : [stream];
    for (const one of streams) {
      const old = this.streams.get(one);
      if (!old) continue;
      old.dropped = true;
      // One handler of a stream at a time, also when its log is another one.
      this.streams.set(one, emptyQueue(old.run ?? old.behind));
    }
    for (const wake of this.wakes) wake();
    await this.store.write(streams.map((one) => ({ table: 'cursors', key: `${this.name} ${one}`, value: null })));
  }

  /** Nothing waits to be handled at this moment. */
  get idle(): boolean {
    return [...this.streams.values()].every((queue) => !queue.running);
  }

  /** Starts no handler any more. @returns when those that run have ended and their cursors are written (ORD2) */
  async close(): Promise<void> {
    this.closed = true;
    for (const wake of this.wakes) wake();
    await Promise.allSettled(this.runs);
  }

  private queue(stream: string): StreamQueue {
    const known = this.streams.get(stream) ?? emptyQueue();
    this.streams.set(stream, known);
    return known;
  }

  private run(epoch: string, stream: string, queue: StreamQueue): void {
    const run = this.drain(epoch, stream, queue).finally(() => this.runs.delete(run));
    this.runs.add(run);
    queue.run = run;
  }

  private async drain(epoch: string, stream: string, queue: StreamQueue): Promise<void> {
    queue.running = true;
    try {
      if (queue.behind) await queue.behind;
      queue.behind = undefined;
      for (let item = queue.items[0]; item && !this.closed && !queue.dropped; item = queue.items[0]) {
        await this.handleItem(epoch, stream, queue, item);
        queue.items.shift();
        queue.waiting -= item.steps.length;
      }
    } catch (error) {
      queue.stopped = true;
      this.report(stream, error);
    } finally {
      queue.running = false;
    }
    if (queue.overflowed && !queue.stopped && !this.closed && queue.handled) {
      queue.overflowed = false;
      this.events.overflow(stream, queue.handled);
    }
  }

  /** What fails because the client was closed is no failure: the cursor stands before it, and the fact comes again (ORD2). */
  private report(stream: string, error: unknown): void {
    if (this.closed) return;
    this.events.failed(stream, error instanceof TalariaError ? error : new TalariaError('callback_failed', `The handler of ${this.name} failed.`, { cause: error }));
  }

  private async handleItem(epoch: string, stream: string, queue: StreamQueue, item: Item): Promise<void> {
    for (const step of item.steps) {
      if (this.closed || queue.dropped) return;
      if (isSkipped(step)) {
        this.options.onSkipped?.(step);
        continue;
      }
      const behind = { seq: step.seq, check: step.seq === item.position.seq ? item.position.check : eventCheck(step.eventId) };
      if (!await this.handleFact(queue, step, this.cursor(epoch, stream, behind))) return;
      // The cursor moves only after the handler is done (ORD2), or with what it has done.
      if (this.own) queue.handled = behind;
      else await this.save(epoch, stream, queue, behind);
    }
    if ((queue.handled?.seq ?? -1) < item.position.seq) await this.save(epoch, stream, queue, item.position);
  }

  /** @returns false when the consumer was closed, or its log was no more, before the handler had done it */
  private async handleFact(queue: StreamQueue, fact: Fact, cursor: StoreChange): Promise<boolean> {
    const max = this.options.attemptsMax ?? 8;
    for (let attempt = 0; ; attempt += 1) {
      try {
        await this.handler(fact, cursor);
        return true;
      } catch (cause) {
        if (this.closed || queue.dropped) return false;
        if (attempt + 1 >= max) {
          throw new TalariaError('callback_failed', `The handler of ${this.name} failed ${attempt + 1} times at seq ${fact.seq}.`, {
            cause, remediation: 'Mend the handler and start the client again; the cursor stands before this fact.',
          });
        }
        await this.pause(backoffMs(attempt, RETRY, this.runtime.fraction()));
        if (this.closed || queue.dropped) return false;
      }
    }
  }

  /** Waits, or until the consumer is closed. */
  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        cancel();
        this.wakes.delete(wake);
        resolve();
      };
      const cancel = this.runtime.after(ms, wake);
      this.wakes.add(wake);
    });
  }

  private cursor(epoch: string, stream: string, position: Position): StoreChange {
    return { table: 'cursors', key: `${this.name} ${stream}`, value: JSON.stringify({ ...position, epoch }) };
  }

  private async save(epoch: string, stream: string, queue: StreamQueue, position: Position): Promise<void> {
    if (queue.dropped || (queue.handled?.seq ?? -1) > position.seq) return;
    await this.store.write([this.cursor(epoch, stream, position)]).catch((cause: unknown) => {
      throw asStoreError('The cursor could not be written.', cause);
    });
    queue.handled = position;
  }
}

function splitKey(key: string): [name: string, stream: string] {
  const at = key.lastIndexOf(' ');
  return [key.slice(0, at), key.slice(at + 1)];
}

