import { ProtocolError } from '@talaria/protocol';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { BatchEntry, BatchOutcome } from '../group-commit.js';
import { batchText, outcomesText } from './batch-text.js';
import type { BatchRequest, Request, Response, WorkerOptions } from './messages.js';

type Answer = Exclude<Response, { kind: 'batches' }>;
interface Pending { readonly resolve: (response: Answer) => void; readonly reject: (error: Error) => void }
interface PendingBatch { readonly batch: readonly BatchEntry[]; readonly resolve: (result: BatchResult) => void; readonly reject: (error: Error) => void }

export interface BatchResult {
  /** In order; undefined when the batch did not run, because of the one that it was begun behind. */
  readonly outcomes: readonly BatchOutcome[] | undefined;
  /** Whether the disk takes writes. */
  readonly healthy: boolean;
}

/** A thread that boots, which takes longer than to open a database. It opens its own when it is told to. */
export class StartingThread {
  private readonly worker: Worker;
  private readonly opened: Promise<void>;

  constructor(readonly url: URL, readonly options: WorkerOptions) {
    this.worker = new Worker(url, { workerData: options, name: `talaria-${options.role}` });
    this.opened = new Promise<void>((resolve, reject) => {
      const failed = (error: unknown): void => reject(error instanceof Error ? error : new Error(String(error)));
      // An error ends the thread; what waits then is settled by its exit.
      this.worker.on('error', failed);
      this.worker.once('exit', () => failed(new Error('the database thread ended before it had opened the database')));
      this.worker.once('message', (response: Response) => {
        if (response.kind === 'failed') failed(new Error(response.message));
        else resolve();
      });
    });
    // Whether it fails is asked when it is to open.
    this.opened.catch(() => undefined);
  }

  /**
   * @param onExit called when the thread ends without having been told to
   * @throws Error with the sentence that says why the database cannot be used
   */
  async open(onExit: () => void): Promise<DatabaseThread> {
    this.worker.postMessage({ id: 0, kind: 'open' } satisfies Request);
    await this.opened;
    return new DatabaseThread(this.worker, onExit);
  }

  /** Ends it before it has opened anything. */
  async abandon(): Promise<void> {
    await this.worker.terminate();
  }
}

/** One database thread as seen from the main thread. */
export class DatabaseThread {
  private readonly pending = new Map<number, Pending>();
  /** By number. */
  private readonly batches = new Map<number, PendingBatch>();
  private nextId = 1;
  private exited = false;
  /** Nothing of it is left. */
  private readonly gone: Promise<unknown>;

  constructor(private readonly worker: Worker, private readonly onExit: () => void) {
    worker.on('message', (response: Response) => this.settle(response));
    worker.once('exit', () => this.ended());
    this.gone = once(worker, 'exit');
  }

  /** Whether it takes requests. */
  get alive(): boolean {
    return !this.exited;
  }

  /** Rejects when the thread ends before it answers. */
  batch(batch: readonly BatchEntry[], place: Pick<BatchRequest, 'number' | 'behind'>): Promise<BatchResult> {
    if (this.exited) return Promise.reject(closed());
    return new Promise((resolve, reject) => {
      this.batches.set(place.number, { batch, resolve, reject });
      this.worker.postMessage({ kind: 'batch', batch: batchText.write(batch), ...place } satisfies Request);
    });
  }

  async call(method: string, args: readonly unknown[]): Promise<unknown> {
    const response = await this.request({ id: this.nextId++, kind: 'call', method, args });
    if (response.kind === 'refused') throw new ProtocolError(response.refusal.code, response.refusal.message, response.refusal);
    if (response.kind !== 'result') throw new Error('the database thread gave another answer');
    return response.value;
  }

  async close(): Promise<void> {
    if (this.exited) return;
    this.exited = true;
    // Whether it closes as asked or breaks while doing so: it ends.
    await this.request({ id: this.nextId++, kind: 'close' }, true).catch(() => undefined);
    await this.gone;
  }

  private request(request: Exclude<Request, { kind: 'batch' }>, closing = false): Promise<Answer> {
    if (this.exited && !closing) return Promise.reject(closed());
    return new Promise((resolve, reject) => {
      this.pending.set(request.id, { resolve, reject });
      this.worker.postMessage(request);
    });
  }

  private settle(response: Response): void {
    if (response.kind === 'batches') {
      this.settleBatches(response);
      return;
    }
    const waiting = this.pending.get(response.id);
    this.pending.delete(response.id);
    waiting?.resolve(response);
  }

  private settleBatches({ ran, outcomes: text, left, healthy }: Extract<Response, { kind: 'batches' }>): void {
    const take = (number: number): PendingBatch => {
      const found = this.batches.get(number)!;
      this.batches.delete(number);
      return found;
    };
    const done = ran.map(take);
    const outcomes = outcomesText.read(done.flatMap(({ batch }) => batch), text);
    let at = 0;
    for (const { batch, resolve } of done) resolve({ outcomes: outcomes.slice(at, at += batch.length), healthy });
    for (const { resolve } of left.map(take)) resolve({ outcomes: undefined, healthy });
  }

  private ended(): void {
    const wanted = this.exited;
    this.exited = true;
    for (const waiting of [...this.pending.values(), ...this.batches.values()]) waiting.reject(new ProtocolError('unavailable', 'The database thread ended.'));
    this.pending.clear();
    this.batches.clear();
    if (!wanted) this.onExit();
  }
}

const closed = (): ProtocolError => new ProtocolError('unavailable', 'The database is closed.');
