/** The public entry: `createServer(options)`. The only file that chooses drivers. */
import { createJsonServerCodec } from '@talaria/protocol/codec-json';
import { createServerCodec } from '@talaria/protocol/codec';
import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createLocalBus } from './bus/local/local-bus.js';
import { defaultLimitRates, type LimitRates } from './domain/limits/command-limits.js';
import type { Rate } from './domain/limits/token-bucket.js';
import { createKey } from './domain/tenancy/tenancy.js';
import { defaultFeedBounds } from './gateway/feed.js';
import { defaultGatewayBounds } from './gateway/gateway-parts.js';
import type { StartTransport } from './gateway/transport-port.js';
import { systemClock, type Clock } from './runtime/clock.js';
import type { ConfigValues } from './runtime/config.js';
import { lockDirectory } from './runtime/data-lock.js';
import { silentLog, type Log } from './runtime/log.js';
import { createMetrics } from './runtime/metrics.js';
import { printable } from './runtime/printable.js';
import { systemRandom, type Random } from './runtime/random.js';
import { loadSecrets, writePrivateFile } from './runtime/secrets.js';
import { assemble, type RunningServer } from './server.js';
import { openSqlite } from './storage/sqlite/driver.js';
import { loadMigrations, type MigrationStatus } from './storage/migrations.js';
import { migrate, migrationStatus } from './storage/sqlite/migrate.js';
import { openDatabase } from './storage/sqlite/open.js';
import { refuseOtherSchema } from './storage/sqlite/schema.js';
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
  /** Requests and connections of one address that have not authenticated yet. */
  readonly addressRate?: Rate;
  /** Time between heartbeats in ms. Default 25,000. */
  readonly heartbeatMs?: number;
  /** How often the log is asked for what was not announced, in ms. Default 1,000. */
  readonly antiEntropyMs?: number;
  /** The installation's secret, at least 32 bytes. Default: made once and kept in `secrets.json` in the data directory. */
  readonly secret?: Uint8Array;
  readonly log?: Log;
  readonly clock?: Clock;
  readonly random?: Random;
}

export const VERSION = '0.1.0';
export const DEFAULT_PORT = 7400;
/** `sqlite-worker.ts` with all that it imports in one file, which starts sooner. */
const WORKER_URL = new URL('./sqlite-worker.bundle.js', import.meta.url);
const MIGRATIONS_URL = new URL('../sql/sqlite/', import.meta.url);
type OpenDatabase = ReturnType<typeof openDatabase>;
const databasePath = (directory: string): string => join(directory, 'talaria.db');

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
    const secret = loadSecrets(options.data, random, options.secret);
    const storage = await openSqlite({
      path: databasePath(options.data), durability: options.durability ?? 'durable', workerUrl: WORKER_URL, migrationsUrl: MIGRATIONS_URL,
    }).catch((error: unknown) => {
      throw new DatabaseUnusableError(databasePath(options.data), error);
    });
    try {
      const server = await assemble({
        storage, bus: createLocalBus(), startTransport: chooseTransport(options.transport ?? 'auto', log), codecs: [createServerCodec(), createJsonServerCodec()],
        clock, random, log, metrics: createMetrics(), secret, host: options.host ?? '127.0.0.1', port: options.port ?? DEFAULT_PORT,
        trustProxy: options.trustProxy ?? [], limitRates: { ...defaultLimitRates, ...options.limits }, addressRate: options.addressRate ?? { per_s: 100, burst: 1_000 },
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

/** The database file cannot be used. The message is one line that names it. */
export class DatabaseUnusableError extends Error {
  override readonly name = 'DatabaseUnusableError';

  constructor(readonly path: string, cause: unknown) {
    // What SQLite says of a damaged schema quotes it.
    const reason = printable(cause instanceof Error ? cause.message : String(cause));
    super(reason.includes(path) ? reason : `${path} cannot be used: ${reason}`, { cause });
  }
}

/** The options that a configuration stands for; `drain_ms` and the log's settings are for whoever runs the process. */
export function serverOptions(values: ConfigValues): ServerOptions {
  const rate = (per_s: number, burst: number): Rate => ({ per_s, burst });
  return {
    data: values.data, host: values.host, port: values.port, transport: values.transport, durability: values.durability,
    trustProxy: values.trust_proxy, heartbeatMs: values.heartbeat_ms, antiEntropyMs: values.anti_entropy_ms,
    limits: {
      user: rate(values.limit_user_per_s, values.limit_user_burst),
      conversation: rate(values.limit_conversation_per_s, values.limit_conversation_burst),
      app: rate(values.limit_app_per_s, values.limit_app_burst),
    },
    addressRate: rate(values.limit_address_per_s, values.limit_address_burst),
    ...(values.secret === undefined ? {} : { secret: values.secret }),
  };
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

/** Which migrations there are and when each was applied. Changes nothing. @throws DatabaseUnusableError */
export function migrationsOfDirectory(directory: string): readonly MigrationStatus[] {
  const migrations = loadMigrations(fileURLToPath(MIGRATIONS_URL));
  if (!existsSync(databasePath(directory))) return migrations.map(({ version, name }) => ({ version, name, applied_ms: null }));
  return withDatabase(directory, true, (db) => {
    schemaVersion(db, migrations.length);
    return migrationStatus(db, migrations);
  });
}

/** @throws Error when it is newer than what is known */
function schemaVersion(db: OpenDatabase, known: number): number {
  const table = db.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'migrations'").get();
  if (!table) return 0;
  const newest = db.prepare<[], { version: number | null }>('SELECT max(version) AS version FROM migrations').get()?.version ?? 0;
  if (newest > known) throw new Error(`the database has schema version ${newest}, newer than this program's ${known}; use a newer Talaria`);
  return newest;
}

/**
 * Brings the database of a data directory that no server uses to the newest schema; makes both where there are none.
 *
 * @throws DirectoryHeldError, DatabaseUnusableError
 */
export function migrateDataDirectory({ data: directory, secret }: Pick<ServerOptions, 'data' | 'secret'>): readonly MigrationStatus[] {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const unlock = lockDirectory(directory);
  try {
    // The secret comes before the database it seals.
    loadSecrets(directory, systemRandom(), secret);
    const migrations = loadMigrations(fileURLToPath(MIGRATIONS_URL));
    return withDatabase(directory, false, (db) => {
      migrate(db, migrations, Date.now());
      return migrationStatus(db, migrations);
    });
  } finally {
    unlock();
  }
}

/** What SQLite finds wrong in the database file of a directory; empty when it is sound. @throws DatabaseUnusableError */
export function checkDatabase(directory: string): readonly string[] {
  return withDatabase(directory, true, (db) => {
    const migrations = loadMigrations(fileURLToPath(MIGRATIONS_URL));
    if (schemaVersion(db, migrations.length) === migrations.length) refuseOtherSchema(db, migrations);
    const found = db.pragma('quick_check(10)') as readonly { readonly quick_check: string }[];
    return found.map((row) => row.quick_check).filter((text) => text !== 'ok');
  });
}

function withDatabase<Result>(directory: string, readonly: boolean, use: (db: OpenDatabase) => Result): Result {
  const path = databasePath(directory);
  try {
    const db = openDatabase(path, { durability: 'durable', readonly });
    try {
      return use(db);
    } finally {
      db.close();
    }
  } catch (error) {
    throw new DatabaseUnusableError(path, error);
  }
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

function sqliteProblem(): string | undefined {
  try {
    openDatabase(':memory:', { durability: 'durable', readonly: false }).close();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message.split('\n')[0] : String(error);
  }
}

export type { RunningServer } from './server.js';
export type { Log, LogFields } from './runtime/log.js';
export type { Clock } from './runtime/clock.js';
export type { Random } from './runtime/random.js';
export type { MigrationStatus } from './storage/migrations.js';
export { directoryHolder, DirectoryHeldError } from './runtime/data-lock.js';
export { createPinoLog, type PinoLogOptions } from './runtime/pino-log.js';
