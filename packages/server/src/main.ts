/** The public entry: `createServer(options)`. The only file that chooses drivers. */
import { createJsonServerCodec } from '@talaria/protocol/codec-json';
import { createServerCodec } from '@talaria/protocol/codec';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createLocalBus } from './bus/local/local-bus.js';
import { defaultLimitRates, type LimitRates } from './domain/limits/command-limits.js';
import type { Rate } from './domain/limits/token-bucket.js';
import { defaultFeedBounds } from './gateway/feed.js';
import { defaultGatewayBounds } from './gateway/gateway-parts.js';
import type { StartTransport } from './gateway/transport-port.js';
import { systemClock, type Clock } from './runtime/clock.js';
import { lockDirectory } from './runtime/data-lock.js';
import { silentLog, type Log } from './runtime/log.js';
import { createMetrics } from './runtime/metrics.js';
import { systemRandom, type Random } from './runtime/random.js';
import { loadSecrets } from './runtime/secrets.js';
import { assemble, type RunningServer } from './server.js';
import { openSqlite } from './storage/sqlite/driver.js';
import { createNodeTransport } from './transport/node.js';
import { loadUws } from './transport/uws-binding.js';
import { createUwsTransport } from './transport/uws.js';

export interface ServerOptions {
  /** Data directory; made when there is none. */
  readonly data: string;
  /** Address to listen on. Default 127.0.0.1. */
  readonly host?: string;
  /** Port to listen on; 0 chooses a free one. Default 7400. */
  readonly port?: number;
  /** `auto` takes uWebSockets.js where its binary loads. Default `auto`. */
  readonly transport?: 'auto' | 'uws' | 'ws';
  /** `durable` survives power loss; `relaxed` survives a crash of the process only (SND1). Default `durable`. */
  readonly durability?: 'durable' | 'relaxed';
  /** Networks, as CIDR, whose X-Forwarded-For is believed. Default none. */
  readonly trustProxy?: readonly string[];
  /** Commands per second and burst; 0 switches a limit off. */
  readonly limits?: Partial<LimitRates>;
  /** Requests and connections of one address. */
  readonly addressRate?: Rate;
  /** Time between heartbeats in ms. Default 25,000. */
  readonly heartbeatMs?: number;
  /** How often the log is asked for what was not announced, in ms. Default 1,000. */
  readonly antiEntropyMs?: number;
  readonly log?: Log;
  readonly clock?: Clock;
  readonly random?: Random;
}

export const VERSION = '0.1.0';
export const DEFAULT_PORT = 7400;

/**
 * Starts a server on a data directory and resolves when it listens.
 *
 * @throws Error with one sentence when the directory is held, the database cannot be used, or the port is taken
 */
export async function createServer(options: ServerOptions): Promise<RunningServer> {
  const log = options.log ?? silentLog();
  const clock = options.clock ?? systemClock();
  const random = options.random ?? systemRandom();
  mkdirSync(options.data, { recursive: true, mode: 0o700 });
  const unlock = lockDirectory(options.data);
  try {
    const secret = loadSecrets(options.data, random);
    const storage = await openSqlite({
      path: join(options.data, 'talaria.db'), durability: options.durability ?? 'durable',
      workerUrl: new URL('./sqlite-worker.js', import.meta.url), migrationsUrl: new URL('../sql/sqlite/', import.meta.url),
    });
    try {
      const server = await assemble({
        storage, bus: createLocalBus(), startTransport: chooseTransport(options.transport ?? 'auto', log), codecs: [createServerCodec(), createJsonServerCodec()],
        clock, random, log, metrics: createMetrics(), secret, host: options.host ?? '127.0.0.1', port: options.port ?? DEFAULT_PORT,
        trustProxy: options.trustProxy ?? [], limitRates: { ...defaultLimitRates, ...options.limits }, addressRate: options.addressRate ?? { per_s: 50, burst: 500 },
        gatewayBounds: { ...defaultGatewayBounds, heartbeat_ms: options.heartbeatMs ?? defaultGatewayBounds.heartbeat_ms },
        feedBounds: { ...defaultFeedBounds, anti_entropy_ms: options.antiEntropyMs ?? defaultFeedBounds.anti_entropy_ms }, version: VERSION,
      });
      return { ...server, drain: (windowMs) => server.drain(windowMs).finally(unlock), stop: () => server.stop().finally(unlock) };
    } catch (error) {
      await storage.stop();
      throw error;
    }
  } catch (error) {
    unlock();
    throw error;
  }
}

function chooseTransport(wanted: 'auto' | 'uws' | 'ws', log: Log): StartTransport {
  if (wanted === 'ws') return createNodeTransport();
  const loaded = loadUws();
  if (loaded.ok) return createUwsTransport(loaded.uws);
  if (wanted === 'uws') throw new Error(`uWebSockets.js does not load here (${loaded.reason}); use --transport ws`);
  log.info('transport.fallback', { transport: 'ws', reason: loaded.reason });
  return createNodeTransport();
}

export type { RunningServer } from './server.js';
export type { Log, LogFields } from './runtime/log.js';
export type { Clock } from './runtime/clock.js';
export type { Random } from './runtime/random.js';
export { DirectoryHeldError } from './runtime/data-lock.js';
