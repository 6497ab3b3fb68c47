/** Runs several nodes behind one port until they are told to stop. */
import { mkdirSync } from 'node:fs';
import type { AdminKeyFile } from '@talaria/server';
import type { Config, ConfigValues } from '@talaria/server/config';
import type { Context } from '../context.js';
import { CliError } from '../errors.js';
import { createLog, explained, stopOnSignal, type ServerModule } from '../serve.js';
import { startCrew, type LivingWorker } from './crew.js';
import { forkWorker } from './fork.js';

export interface ServingWorkers {
  readonly url: string;
  readonly port: number;
  readonly transport: string;
  readonly workers: readonly LivingWorker[];
  readonly adminKey: AdminKeyFile;
  readonly dashboardLink: string | undefined;
  /** Resolves with the exit code when all have been stopped by a signal; 1 when one of them did not stop in order. */
  readonly stopped: Promise<0 | 1>;
}

/**
 * This process holds the data directory and keeps the workers alive; each of them is a whole node.
 *
 * @param another whether another admin key is to be made
 * @throws CliError, DirectoryHeldError, StartFailed
 */
export async function serveWorkers(context: Context, module: ServerModule, config: Config, another: boolean): Promise<ServingWorkers> {
  const { values: given } = config;
  checkWorkers(given);
  const log = createLog(module, given);
  mkdirSync(given.data, { recursive: true, mode: 0o700 });
  const unlock = module.lockDirectory(given.data);
  try {
    // Nobody else may have it. The workers then share it, so that none could notice that it is taken.
    const port = await module.freePort(given.host, given.port).catch((error: unknown) => {
      throw explained(error, given);
    });
    const values = { ...given, port };
    const crew = await startCrew({
      workers: values.workers, fork: forkWorker, log,
      start: (worker, first) => ({ kind: 'start', worker, values, entries: config.entries, adminKey: first ? { another } : undefined }),
      after(ms, callback) {
        const timer = setTimeout(callback, ms);
        return () => clearTimeout(timer);
      },
      monotonic: () => performance.now(), fraction: Math.random,
    });
    const workers = crew.list();
    log.info('workers.started', { workers: workers.length, port, version: module.VERSION });
    const [first] = workers;
    return {
      url: first!.url, port, transport: first!.transport, workers, adminKey: first!.adminKey!, dashboardLink: first!.dashboardLink,
      stopped: stopOnSignal(context, crew, log, values.drain_ms).finally(unlock),
    };
  } catch (error) {
    unlock();
    throw error;
  }
}

/** @throws CliError when nodes cannot share what is configured */
function checkWorkers({ database_url, nats_url, workers, worker_port }: ConfigValues): void {
  if (database_url.length === 0 || nats_url.length === 0) {
    throw new CliError('bad_config', 'workers above 1 need database_url and nats_url: a database in a file is one node\'s.', 'Set both, or start one worker.');
  }
  if (worker_port + workers - 1 > 65_535) throw new CliError('bad_config', `worker_port ${worker_port} leaves no ports for ${workers} workers.`, 'Choose a lower one.');
}
