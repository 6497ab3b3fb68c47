/** Runs a server in this process until it is told to stop. */
import type { Config, ConfigValues } from '@talaria/server/config';
import type { Log, LogFields, RunningServer, ServerOptions } from '@talaria/server';
import type { Context } from './context.js';
import { CliError } from './errors.js';

/** The server's code, loaded only by the commands that need it. */
export type ServerModule = typeof import('@talaria/server');
export const loadServer = (): Promise<ServerModule> => import('@talaria/server');

export interface Serving {
  readonly server: RunningServer;
  readonly log: Log;
  /** Resolves with the exit code when the server has been stopped by a signal. */
  readonly stopped: Promise<0 | 1>;
}

/** The server's own timers do not keep the process alive while it drains. */
const KEEP_ALIVE_MS = 2 ** 30;
const FORCED_STOP_MS = 2_000;

/** Starts a server and stops it on SIGINT, SIGTERM or SIGHUP: in order on the first (CLU4), at once on the second. */
export async function serve(context: Context, module: ServerModule, config: Config): Promise<Serving> {
  const { values } = config;
  const { server, log } = await startServer(module, config);
  const keepAlive = setInterval(() => undefined, KEEP_ALIVE_MS);
  const stopped = stopOnSignal(context, { drain: (ms) => server.drain(ms).then(() => 0), stop: () => server.stop() }, log, values.drain_ms).finally(() => clearInterval(keepAlive));
  return { server, log, stopped };
}

/**
 * @param as which worker it is, when it is one of several behind one port
 * @throws CliError, and what the server's start says itself
 */
export async function startServer(
  module: ServerModule, { values, entries }: Config, as?: NonNullable<ServerOptions['worker']>,
): Promise<{ readonly server: RunningServer; readonly log: Log }> {
  const log = createLog(module, values, as && { worker: as.number });
  const server = await module.createServer({ ...module.serverOptions(values), log, settings: entries, ...(as ? { worker: as } : {}) }).catch((error: unknown) => {
    throw explained(error, values);
  });
  endWithLog(log);
  log.info('server.started', { url: server.url, transport: server.transport, version: module.VERSION, ...(as ? { node: server.node } : {}) });
  return { server, log };
}

/** The log of this process, which serves from here on. @param fields on every line */
export function createLog(module: ServerModule, values: ConfigValues, fields?: LogFields): Log {
  // Whatever is made in the data directory is for its owner alone.
  process.umask(0o077);
  const log = module.createPinoLog({ level: values.log_level, format: values.log_format });
  return fields ? log.with(fields) : log;
}

/** Why it did not start, in words that name the setting. */
export function explained(error: unknown, { host, port }: ConfigValues): unknown {
  if (!(error instanceof Error) || error.name === 'DirectoryHeldError' || error.name === 'DatabaseUnusableError') return error;
  const code = 'code' in error ? error.code : undefined;
  const listening = 'syscall' in error && error.syscall === 'listen';
  if (code === 'EADDRINUSE') return new CliError('port_in_use', `port ${port} on ${host} is in use.`);
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return new CliError('start_failed', `host ${host} is no address of this machine.`, 'Choose another with --host.');
  if (code === 'EACCES' && listening)
    return new CliError('start_failed', `port ${port} is not allowed to this user.`, 'Choose one above 1023 with --port.');
  return new CliError('start_failed', error.message);
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export interface Stoppable {
  /** CLU4. @returns the exit code */
  drain(windowMs: number): Promise<0 | 1>;
  stop(): Promise<void>;
}

/** @returns the exit code, when it has been stopped: in order on the first signal (CLU4), at once on the second */
export function stopOnSignal(context: Context, server: Stoppable, log: Log, drainMs: number): Promise<0 | 1> {
  return new Promise((resolve, reject) => {
    let state: 'running' | 'draining' | 'stopping' = 'running';
    const drain = (signal: NodeJS.Signals): void => {
      log.info('server.draining', { signal, window_ms: drainMs });
      if (context.terminal.interactive) context.terminal.err('\nStopping in order. Press Ctrl-C again to stop at once.\n');
      server.drain(drainMs).then((code) => {
        if (state === 'stopping') return;
        log.info('server.stopped');
        resolve(code);
      }, reject);
    };
    const stop = (signal: NodeJS.Signals): void => {
      log.warn('server.stopping_at_once', { signal });
      const late = setTimeout(() => resolve(1), FORCED_STOP_MS);
      void server
        .stop()
        .catch(() => undefined)
        .then(() => {
          clearTimeout(late);
          resolve(1);
        });
    };
    const onSignal = (signal: NodeJS.Signals): void => {
      const { [state]: next } = { running: drain, draining: stop, stopping: () => undefined };
      state = state === 'running' ? 'draining' : 'stopping';
      next(signal);
    };
    for (const signal of SIGNALS) process.on(signal, onSignal);
  });
}

/** Where this machine finds the server: one that listens on every address is asked on this machine's own. */
export function localUrl(url: string): string {
  return url.replace('//0.0.0.0:', '//127.0.0.1:').replace('//[::]:', '//[::1]:');
}

/** The last words of a process that cannot go on; what was acked is kept. */
function endWithLog(log: Log): void {
  const end = (error: unknown): void => {
    const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
    log.error('process.failed', { error: name, reason: message, at: stack?.split('\n')[1]?.trim() });
    process.exit(1);
  };
  process.on('uncaughtException', end);
  process.on('unhandledRejection', end);
}
