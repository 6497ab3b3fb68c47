import { defaultBatchBounds, isRetryable } from '../group-commit.js';
import type { Rules } from '../port.js';
import { batchText, outcomesText } from './batch-text.js';
import type { BatchRequest, Request, Response, WorkerOptions } from './messages.js';
import { refusalFor } from './refusal.js';
import { openSearchStore } from './search-store.js';
import { openStore, type SqliteStore } from './store.js';

/** The worker's end of its connection to the main thread. */
export interface WorkerPort {
  answer(response: Response): void;
  onRequest(listener: (request: Request) => void): void;
  /** A request that waits already. */
  next(): Request | undefined;
  close(): void;
}

/** The loop of a database thread: one request after the other. The first one opens the database. */
export function runWorker(port: WorkerPort, options: WorkerOptions, rules: Rules): void {
  let store: SqliteStore | undefined;
  /** The last batch, if others may go on behind it. */
  let done: number | undefined;

  function open(): Response {
    try {
      store = options.role === 'search' ? openSearchStore(options) : openStore(options, rules);
      return { id: 0, kind: 'opened' };
    } catch (error) {
      return { id: 0, kind: 'failed', message: error instanceof Error ? error.message : String(error) };
    }
  }

  /** @returns the request behind them, which was taken already */
  function runBatches(first: BatchRequest): Request | undefined {
    const { batches, after } = together(port, first);
    const { ran, left } = whatRuns(batches, done);
    const entries = ran.flatMap(({ batch }) => batchText.read(batch));
    const outcomes = entries.length > 0 ? store!.runBatch(entries) : [];
    if (ran.length > 0) done = outcomes.some(isRetryable) ? undefined : ran.at(-1)!.number;
    port.answer({ kind: 'batches', ran: ran.map(({ number }) => number), outcomes: outcomesText.write(entries, outcomes), left: left.map(({ number }) => number), healthy: store!.healthy() });
    return after;
  }

  function run(request: Request): Request | undefined {
    if (request.kind === 'batch') return runBatches(request);
    const response = request.kind === 'open' ? open() : answer(store!, request);
    port.answer(response);
    if (response.kind === 'closed' || response.kind === 'failed') port.close();
    return undefined;
  }

  port.onRequest((request) => {
    for (let next: Request | undefined = request; next; ) next = run(next);
  });
}

/** Batches that wait already go in one transaction: one fsync for all of them. */
function together(port: WorkerPort, first: BatchRequest): { readonly batches: readonly BatchRequest[]; readonly after: Request | undefined } {
  const batches = [first];
  for (let chars = first.batch.length; chars < defaultBatchBounds.batch_chars_max; ) {
    const next = port.next();
    if (next?.kind !== 'batch') return { batches, after: next };
    batches.push(next);
    chars += next.batch.length;
  }
  return { batches, after: undefined };
}

/** SND4: what was begun behind a batch that did not run, or after which lanes are blocked, does not run either. */
function whatRuns(batches: readonly BatchRequest[], done: number | undefined): { readonly ran: readonly BatchRequest[]; readonly left: readonly BatchRequest[] } {
  const [ran, left]: [BatchRequest[], BatchRequest[]] = [[], []];
  let before = done;
  for (const batch of batches) {
    if (batch.behind === undefined || batch.behind === before) {
      ran.push(batch);
      before = batch.number;
    } else {
      left.push(batch);
    }
  }
  return { ran, left };
}

function answer(store: SqliteStore, request: Extract<Request, { kind: 'call' | 'close' }>): Response {
  const { id } = request;
  switch (request.kind) {
    case 'call':
      try {
        return { id, kind: 'result', value: store.call(request.method, request.args) };
      } catch (error) {
        return { id, kind: 'refused', refusal: refusalFor(error) };
      }
    case 'close':
      store.close();
      return { id, kind: 'closed' };
  }
}
