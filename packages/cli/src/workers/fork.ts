/** Workers as processes of node:cluster, through which the transport `ws` shares a port on every system. */
import cluster from 'node:cluster';
import { fileURLToPath } from 'node:url';
import type { WorkerEvents, WorkerProcess } from './crew.js';
import type { FromWorker, ToWorker } from './messages.js';

/** Starts the process of a worker. It is told nothing yet. */
export function forkWorker(events: WorkerEvents): WorkerProcess {
  // As it is, a Uint8Array comes through.
  cluster.setupPrimary({ exec: fileURLToPath(new URL('./worker.js', import.meta.url)), args: [], serialization: 'advanced' });
  const worker = cluster.fork();
  let unheard: ToWorker[] | undefined = [];
  const send = (message: ToWorker): void => {
    if (worker.isConnected()) worker.send(message, () => undefined);
  };
  worker.on('message', (message: FromWorker) => {
    switch (message.kind) {
      case 'ready':
        for (const one of unheard ?? []) send(one);
        unheard = undefined;
        return;
      case 'listening': events.listening(message); return;
      case 'failed': events.failed(message.report); return;
    }
  });
  worker.on('error', (error) => {
    // A process that could not even be made has no other end. Otherwise a message could not be sent: it is ending.
    if (worker.process.pid === undefined) events.ended(null, error.message);
  });
  worker.once('exit', (code: number | null, signal: string | null) => events.ended(code, signal));
  return {
    pid: worker.process.pid ?? 0,
    send(message) {
      if (unheard) unheard.push(message);
      else send(message);
    },
    kill: () => void worker.process.kill('SIGKILL'),
  };
}
