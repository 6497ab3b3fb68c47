import { parentPort, receiveMessageOnPort, workerData, type MessagePort } from 'node:worker_threads';
import type { Request, Response, WorkerOptions } from './messages.js';
import type { WorkerPort } from './worker.js';

/** What a database thread is started with. Answers have a channel of their own, which both ends can look into. */
export interface WorkerData extends WorkerOptions {
  readonly answers: MessagePort;
}

/** This thread's end. @throws Error outside of a worker thread */
export function openWorkerPort(): { readonly port: WorkerPort; readonly options: WorkerOptions } {
  if (!parentPort) throw new Error('this file runs as a worker thread');
  const requests = parentPort;
  const { answers, ...options } = workerData as WorkerData;
  return {
    options,
    port: {
      answer: (response: Response) => answers.postMessage(response),
      onRequest: (listener) => void requests.on('message', listener),
      next() {
        const found: { message: Request } | undefined = receiveMessageOnPort(requests);
        return found?.message;
      },
      close() {
        requests.close();
        answers.close();
      },
    },
  };
}
