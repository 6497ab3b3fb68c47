/** The public entry: `createServer(options)`. It and `databases.ts` choose the drivers. */
import { createJsonServerCodec } from '@talaria/protocol/codec-json';
import { createServerCodec } from '@talaria/protocol/codec';
import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createLocalBus } from './bus/local/local-bus.js';
import { connectNatsBus } from './bus/nats/nats-bus.js';
import type { Bus } from './bus/port.js';
import { openDatabaseOf, sqliteProblem, type DatabaseChoice } from './databases.js';
import { defaultLimitRates, type LimitRates } from './domain/limits/command-limits.js';
import type { Rate } from './domain/limits/token-bucket.js';
import { firstOwnerLink } from './domain/operators/links.js';
import { createKey } from './domain/tenancy/tenancy.js';
import { defaultFeedBounds } from './gateway/feed.js';
import { defaultGatewayBounds } from './gateway/gateway-parts.js';
import type { StartTransport } from './gateway/transport-port.js';
import { argon2id } from './runtime/argon2.js';
import { systemClock, type Clock } from './runtime/clock.js';
import type { ConfigValues } from './runtime/config.js';
import { lockDirectory } from './runtime/data-lock.js';
import { silentLog, type Log } from './runtime/log.js';
import { keepLines, LogLines } from './runtime/log-lines.js';
import { createMetrics } from './runtime/metrics.js';
import { createIdSource, systemRandom, type Random } from './runtime/random.js';
import { ownNetworks } from './runtime/public-address.js';
import { createSafeFetch, systemResolve } from './runtime/safe-fetch.js';
import { readSettingFile } from './runtime/setting-file.js';
import { writePrivateFile } from './runtime/secrets.js';
import { assemble, type RunningServer } from './server.js';
import { createNodeTransport } from './transport/node.js';
import { loadUws } from './transport/uws-binding.js';
import { createUwsTransport } from './transport/uws.js';
import type { ShownSetting } from './workers/node-answers.js';
import type { Disk } from './workers/observer.js';

export interface ServerOptions extends DatabaseChoice {
  /** Address to listen on. Default 127.0.0.1. */
  readonly host?: string;
  /** Port to listen on; 0 chooses a free one. Default 7400. */
  readonly port?: number;
  /** `auto` takes uWebSockets.js where its binary loads. Default `auto`. */
  readonly transport?: 'auto' | 'uws' | 'ws';
  /** Networks, as CIDR, whose X-Forwarded-For, X-Forwarded-Proto and X-Forwarded-Host are believed. Default none. */
  readonly trustProxy?: readonly string[];
  /** For development: issuers of apps may be at addresses of this machine, also without TLS. Default false. */
  readonly loopbackIssuers?: boolean;
  /** Commands per second and burst; 0 switches a limit off. */
  readonly limits?: Partial<LimitRates>;
  /** Requests and connections of one address that have not authenticated yet. */
  readonly addressRate?: Rate;
  /** Time between heartbeats in ms. Default 25,000. */
  readonly heartbeatMs?: number;
  /** How often the log is asked for what was not announced, in ms. Default 1,000. */
  readonly antiEntropyMs?: number;
  /** Whether messages are indexed, and can be searched. Default true. */
  readonly search?: boolean;
  /** Through which the nodes of a cluster wake each other. Default: this node is the only one. */
  readonly nats?: NatsChoice;
  /** This node is one of several on this machine that share port and data directory; who started them holds the directory. */
  readonly worker?: { /** From 1. */ readonly number: number; /** Where this node alone answers, besides. */ readonly port?: number };
  /** What the server runs with and where it comes from, for operators to see; as `loadConfig` gives it. */
  readonly settings?: readonly ShownSetting[];
  readonly log?: Log;
  readonly clock?: Clock;
  readonly random?: Random;
}

export interface NatsChoice {
  /** `nats://user:password@host:4222`, or `tls://`; several of one cluster. */
  readonly servers: readonly string[];
  /** First part of every subject. Default `talaria`. */
  readonly prefix?: string;
  /** Path of a `.creds` file. */
  readonly credentials?: string;
  /** Paths of PEM files: the authority that signed the server's certificate; this node's own certificate and its key. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

export const VERSION = '0.1.0';
export const DEFAULT_PORT = 7400;
/**
 * Starts a server on a data directory and resolves when it listens.
 *
 * @throws Error with one sentence when the directory is held, the database cannot be used, or the port is taken
 */
export async function createServer(options: ServerOptions): Promise<RunningServer> {
  const clock = options.clock ?? systemClock();
  const lines = new LogLines(clock);
  const log = keepLines(options.log ?? silentLog(), lines);
  const random = options.random ?? systemRandom();
  mkdirSync(options.data, { recursive: true, mode: 0o700 });
  const unlock = options.worker ? () => undefined : lockDirectory(options.data);
  try {
    const { storage, secret, databases, replica } = await openDatabaseOf(options, clock, random, log);
    const closing: (() => Promise<void>)[] = [async () => replica?.stop(), () => storage.stop()];
    try {
      const bus = await openBus(options, (await storage.info()).epoch, clock, random, log);
      closing.push(() => bus.stop());
      const server = await assemble({
        storage, ...(databases ? { databases } : {}), ...(replica ? { replica } : {}), bus, startTransport: chooseTransport(options.transport ?? 'auto', options.worker !== undefined, log), codecs: [createServerCodec(), createJsonServerCodec()],
        clock, random, log, lines, disk: () => diskOf(options.data), ...(options.settings ? { settings: options.settings } : {}), metrics: createMetrics(), secret, host: options.host ?? '127.0.0.1', port: options.port ?? DEFAULT_PORT,
        ...(options.worker ? { worker: options.worker.number } : {}), ...(options.worker?.port === undefined ? {} : { ownPort: options.worker.port }),
        trustProxy: options.trustProxy ?? [], passwordHash: argon2id, issuerFetch: createSafeFetch({ clock, resolve: systemResolve, loopback: options.loopbackIssuers ?? false }),
        previewFetch: createSafeFetch({ clock, resolve: systemResolve, loopback: false, besides: ownNetworks, plain: true }),
        limitRates: { ...defaultLimitRates, ...options.limits }, addressRate: options.addressRate ?? { per_s: 100, burst: 1_000 },
        gatewayBounds: { ...defaultGatewayBounds, heartbeat_ms: options.heartbeatMs ?? defaultGatewayBounds.heartbeat_ms },
        feedBounds: { ...defaultFeedBounds, anti_entropy_ms: options.antiEntropyMs ?? defaultFeedBounds.anti_entropy_ms }, search: options.search ?? true, version: VERSION,
        documentation: fileURLToPath(new URL('site/', import.meta.url)), dashboard: fileURLToPath(new URL('dashboard/', import.meta.url)),
      });
      return { ...server, drain: (windowMs) => server.drain(windowMs).finally(unlock), stop: () => server.stop().finally(unlock) };
    } catch (error) {
      await Promise.all(closing.map((close) => close()));
      throw error;
    }
  } catch (error) {
    unlock();
    throw error;
  }
}

/** How full the disk is that a directory is on. */
async function diskOf(path: string): Promise<Disk> {
  const { bavail, blocks, bsize } = await statfs(path);
  return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
}

/** @throws Error when NATS is named without a database that nodes can share, or refuses this node */
async function openBus({ nats, database }: ServerOptions, epoch: string, clock: Clock, random: Random, log: Log): Promise<Bus> {
  if (!nats) return createLocalBus();
  if (!database) throw new Error('nats_url needs database_url: nodes of a cluster share one database');
  const [credentials, ca, cert, key] = (['credentials', 'ca', 'cert', 'key'] as const).map((name) => {
    const path = nats[name];
    return path === undefined ? undefined : readSettingFile(`nats_${name}`, path);
  });
  const tls = { ...(ca === undefined ? {} : { ca }), ...(cert === undefined ? {} : { cert }), ...(key === undefined ? {} : { key }) };
  return connectNatsBus({
    servers: nats.servers, prefix: nats.prefix ?? 'talaria', epoch, clock, random, log, name: createIdSource(() => clock.now(), random).id('connection'),
    ...(credentials === undefined ? {} : { credentials: Buffer.from(credentials) }), ...(Object.keys(tls).length === 0 ? {} : { tls }),
  });
}

function chooseTransport(wanted: 'auto' | 'uws' | 'ws', shared: boolean, log: Log): StartTransport {
  if (wanted === 'ws') return createNodeTransport();
  // Only Linux spreads connections over the sockets of one port.
  const loaded = shared && process.platform !== 'linux' ? { ok: false as const, reason: 'it shares a port on Linux only' } : loadUws();
  if (loaded.ok) return createUwsTransport(loaded.uws);
  if (wanted === 'uws') throw new Error(`uWebSockets.js cannot be used here (${loaded.reason}); use --transport ws`);
  log.info('transport.fallback', { transport: 'ws', reason: loaded.reason });
  return createNodeTransport();
}

/** The options that a configuration stands for; `drain_ms` and the log's settings are for whoever runs the process. */
export function serverOptions(values: ConfigValues): ServerOptions {
  const rate = (per_s: number, burst: number): Rate => ({ per_s, burst });
  return {
    data: values.data, host: values.host, port: values.port, transport: values.transport, durability: values.durability,
    trustProxy: values.trust_proxy, heartbeatMs: values.heartbeat_ms, antiEntropyMs: values.anti_entropy_ms, search: values.search === 'on', loopbackIssuers: values.loopback_issuers === 'allow',
    limits: {
      user: rate(values.limit_user_per_s, values.limit_user_burst),
      conversation: rate(values.limit_conversation_per_s, values.limit_conversation_burst),
      app: rate(values.limit_app_per_s, values.limit_app_burst),
    },
    addressRate: rate(values.limit_address_per_s, values.limit_address_burst),
    ...(values.secret === undefined ? {} : { secret: values.secret }),
    tenants: { databases_max: values.tenant_databases_max, connections: values.tenant_connections },
    ...databaseOption(values), ...natsOption(values),
  };
}

function databaseOption(values: ConfigValues): Pick<ServerOptions, 'database'> {
  const { database_url: [url], database_ca: ca, database_connections: connections, database_partitions: partitions, database_replica_url: [replica] } = values;
  if (url === undefined) {
    if (replica !== undefined) throw new Error('database_replica_url needs database_url: it is a replica of that database');
    return {};
  }
  return {
    database: {
      url, connections, ...(ca === '' ? {} : { ca }), ...(partitions === 0 ? {} : { partitions }),
      ...(replica === undefined ? {} : { replica: { url: replica, lagMaxMs: values.database_replica_lag_max_ms } }),
    },
  };
}

function natsOption(values: ConfigValues): Pick<ServerOptions, 'nats'> {
  if (values.nats_url.length === 0) return {};
  const given = Object.entries({ credentials: values.nats_credentials, ca: values.nats_ca, cert: values.nats_cert, key: values.nats_key }).filter(([, path]) => path !== '');
  return { nats: { servers: values.nats_url, prefix: values.nats_prefix, ...Object.fromEntries(given) } };
}

export interface AdminKeyFile {
  readonly path: string;
  /** Made just now, there since earlier, or taken somewhere else by the operator. */
  readonly state: 'made' | 'kept' | 'absent';
}

/**
 * Makes the first admin key and writes it to `admin-key` in the data directory, with mode 0600. Once there are keys it makes none
 * any more, unless it is asked for another one: whoever can write to the directory may do anything anyway.
 */
export async function ensureAdminKey(
  server: Pick<RunningServer, 'domain'>, directory: string, options: { readonly another?: boolean } = {},
): Promise<AdminKeyFile> {
  const path = join(directory, 'admin-key');
  const first = (await server.domain.storage.keys(null, 1, null)).items.length === 0;
  if (first || options.another) {
    const key = await createKey(server.domain, { name: first ? 'first admin key' : 'admin key' });
    writePrivateFile(path, `${key.secret}\n`);
    return { path, state: 'made' };
  }
  if (!existsSync(path)) return { path, state: 'absent' };
  chmodSync(path, 0o600);
  return { path, state: 'kept' };
}

/**
 * The way of the first operator into the dashboard: `/dashboard/#link=…`, good once and for a day, to put behind the server's address.
 *
 * @returns undefined once there is an owner, who lets in the others
 */
export async function dashboardLink(server: Pick<RunningServer, 'domain'>): Promise<string | undefined> {
  return (await firstOwnerLink(server.domain))?.path;
}

export interface NativeModule {
  readonly name: 'better-sqlite3' | 'uws';
  /** Why it does not load here; undefined when it does. */
  readonly problem: string | undefined;
}

/** Whether the native modules load on this machine. The server runs without uWebSockets.js, and not without better-sqlite3. */
export function nativeModules(): readonly NativeModule[] {
  const uws = loadUws();
  return [{ name: 'better-sqlite3', problem: sqliteProblem() }, { name: 'uws', problem: uws.ok ? undefined : uws.reason }];
}

export type { RunningServer } from './server.js';
export type { Log, LogFields } from './runtime/log.js';
export type { Clock } from './runtime/clock.js';
export type { Random } from './runtime/random.js';
export type { MigrationStatus } from './storage/migrations.js';
export {
  backupDatabase, checkDatabase, DatabaseUnusableError, forgetMoveOf, migrateDatabase, migrationsOfDatabase, moveDatabase, partitionsOfDatabase, restoreDatabase, verifyDatabase, type DatabaseChoice,
  type MoveChoice, type RestoredDatabase, type SharedDatabase,
} from './databases.js';
export { BackupUnusableError, TransferRefusedError, UnsoundError } from './storage/transfer/errors.js';
export type { Moved } from './storage/transfer/move.js';
export type { OnProgress, Progress } from './storage/transfer/snapshot.js';
export { verifyFile, type Verified } from './storage/transfer/verify.js';
export type { WrittenBackup } from './storage/transfer/write-file.js';
export { directoryHolder, DirectoryHeldError, lockDirectory } from './runtime/data-lock.js';
export { freePort } from './transport/free-port.js';
export { createPinoLog, type PinoLogOptions } from './runtime/pino-log.js';
