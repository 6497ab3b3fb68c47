import type { Rules } from '../port.js';
import { batchText, outcomesText } from './batch-text.js';
import type { Request, Response, WorkerOptions } from './messages.js';
import { refusalFor } from './refusal.js';
import { openStore, type SqliteStore } from './store.js';

/** The worker's end of its connection to the main thread. */
export interface WorkerPort {
  answer(response: Response): void;
  onRequest(listener: (request: Request) => void): void;
  close(): void;
}

/** The loop of a database thread: one request after the other. The first one opens the database. */
export function runWorker(port: WorkerPort, options: WorkerOptions, rules: Rules): void {
  let store: SqliteStore | undefined;
  const serve = (request: Request): Response => {
    if (request.kind !== 'open') return answer(store!, request);
    try {
      store = openStore(options, rules);
      return { id: 0, kind: 'opened' };
    } catch (error) {
      return { id: 0, kind: 'failed', message: error instanceof Error ? error.message : String(error) };
    }
  };
  port.onRequest((request) => {
    const response = serve(request);
    port.answer(response);
    if (response.kind === 'closed' || response.kind === 'failed') port.close();
  });
}

function answer(store: SqliteStore, request: Exclude<Request, { kind: 'open' }>): Response {
  const { id } = request;
  switch (request.kind) {
    case 'batch': {
      const batch = batchText.read(request.batch);
      return { id, kind: 'batch', outcomes: outcomesText.write(batch, store.runBatch(batch)), healthy: store.healthy() };
    }
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
