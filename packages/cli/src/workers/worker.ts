/** The process of one worker: a whole node, which stops when it is told to, on SIGTERM, or when the process that started it is gone. */
import cluster from 'node:cluster';
import type { RunningServer } from '@talaria/server';
import { reportOf } from '../errors.js';
import { startServer, type ServerModule } from '../serve.js';
import type { FromWorker, ToWorker } from './messages.js';

const FORCED_STOP_MS = 2_000;
/** The server's own timers do not keep the process alive while it drains. */
const KEEP_ALIVE_MS = 2 ** 30;

type Told = 'nothing' | 'drain' | 'stop';
let told: Told = 'nothing';
let starting = false;
let running: { readonly server: RunningServer; readonly drainMs: number; end(told: Told): void } | undefined;

setInterval(() => undefined, KEEP_ALIVE_MS);
// Ctrl-C reaches every process of a terminal; what is to be done is told by the one that started this one.
for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);
process.on('SIGTERM', () => tell('drain'));
process.on('message', (message: ToWorker) => {
  if (message.kind === 'start') void start(message);
  else tell(message.kind);
});
cluster.worker?.once('disconnect', () => {
  // Without this, node ends the process here, in the middle of everything.
  cluster.worker!.exitedAfterDisconnect = true;
  tell('drain');
});
say({ kind: 'ready' });

async function start({ worker, values, entries, adminKey }: Extract<ToWorker, { kind: 'start' }>): Promise<void> {
  starting = true;
  try {
    const module: ServerModule = await import('@talaria/server');
    const port = values.worker_port === 0 ? {} : { port: values.worker_port + worker - 1 };
    const { server, log } = await startServer(module, { values, entries }, { number: worker, ...port });
    running = {
      server, drainMs: values.drain_ms,
      end(how) {
        if (how === 'drain') {
          log.info('server.draining', { window_ms: values.drain_ms });
          server.drain(values.drain_ms).then(() => {
            log.info('server.stopped');
            process.exit(0);
          }, () => process.exit(1));
        } else {
          setTimeout(() => process.exit(1), FORCED_STOP_MS);
          void server.stop().catch(() => undefined).then(() => process.exit(1));
        }
      },
    };
    const key = adminKey && (await module.ensureAdminKey(server, values.data, adminKey));
    say({ kind: 'listening', url: server.url, transport: server.transport, node: server.node, adminKey: key, dashboardLink: adminKey && (await module.dashboardLink(server)) });
    if (told !== 'nothing') running.end(told);
  } catch (error) {
    say({ kind: 'failed', report: reportOf(error) }, () => process.exit(1));
  }
}

/** In order once; at once whenever that is asked for. */
function tell(how: 'drain' | 'stop'): void {
  if (told === how || told === 'stop') return;
  told = how;
  if (running) running.end(how);
  else if (how === 'stop' || !starting) process.exit(1);
}

function say(message: FromWorker, sent: () => void = () => undefined): void {
  if (process.connected) process.send!(message, undefined, undefined, sent);
  else sent();
}
