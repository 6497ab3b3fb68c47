import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import type { Request, Response, WorkerOptions } from './messages.js';
import type { WorkerPort } from './worker.js';

/** This thread's end. @throws Error outside of a worker thread */
export function openWorkerPort(): { readonly port: WorkerPort; readonly options: WorkerOptions } {
  if (!parentPort) throw new Error('this file runs as a worker thread');
  const port = parentPort;
  return {
    options: workerData as WorkerOptions,
    port: {
      answer: (response: Response) => port.postMessage(response),
      onRequest: (listener: (request: Request) => void) => void port.on('message', listener),
      next: () => receiveMessageOnPort(port)?.message as Request | undefined,
      close: () => port.close(),
    },
  };
}
