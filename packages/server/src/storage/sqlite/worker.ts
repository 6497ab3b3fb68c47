import type { MessagePort } from 'node:worker_threads';
import type { Rules } from '../port.js';
import { batchText, outcomesText } from './batch-text.js';
import type { Request, Response, WorkerOptions } from './messages.js';
import { refusalFor } from './refusal.js';
import { openStore, type SqliteStore } from './store.js';

/** The loop of a database thread: one request after the other. */
export function runWorker(port: MessagePort, options: WorkerOptions, rules: Rules): void {
  let store: SqliteStore;
  try {
    store = openStore(options, rules);
  } catch (error) {
    port.postMessage({ id: 0, kind: 'failed', message: error instanceof Error ? error.message : String(error) } satisfies Response);
    port.close();
    return;
  }
  port.on('message', (request: Request) => {
    port.postMessage(answer(store, request));
    if (request.kind === 'close') port.close();
  });
  port.postMessage({ id: 0, kind: 'opened' } satisfies Response);
}

function answer(store: SqliteStore, request: Request): Response {
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
