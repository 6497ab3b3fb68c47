/** Which database a server has: a file in its data directory, or a Postgres that nodes share. Opens, migrates and checks it. */
import { formatId, createUuid7 } from '@talaria/protocol';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decide } from './domain/decide.js';
import { decideMark } from './domain/receipts/apply-mark.js';
import type { Clock } from './runtime/clock.js';
import { lockDirectory } from './runtime/data-lock.js';
import type { Log } from './runtime/log.js';
import { printable } from './runtime/printable.js';
import { systemRandom, type Random } from './runtime/random.js';
import { shownUrl } from './runtime/shown-url.js';
import { checkOf, checkOfFile, loadSecrets, secretCheckOf, writePrivateFile } from './runtime/secrets.js';
import { readSettingFile } from './runtime/setting-file.js';
import { loadMigrations, type MigrationStatus } from './storage/migrations.js';
import type { Storage } from './storage/port.js';
import { connectionProblem } from './storage/postgres/connection-problem.js';
import { migratePostgres, openPostgres, postgresMigrations, postgresPartitions, type PostgresPlace } from './storage/postgres/driver.js';
import { openMoveTarget } from './storage/postgres/move-target.js';
import { openPostgresReplica } from './storage/postgres/replica.js';
import { sinkOfPostgres, snapshotOfPostgres } from './storage/postgres/transfer.js';
import type { TenantDatabases } from './storage/routed/tenant-databases.js';
import { watchReplica, type Replica } from './storage/replica.js';
import { openSqlite } from './storage/sqlite/driver.js';
import { migrate, migrateDown, migrationStatus } from './storage/sqlite/migrate.js';
import { openDatabase } from './storage/sqlite/open.js';
import { refuseOtherSchema } from './storage/sqlite/schema.js';
import { createMoveSource, forgetMove } from './storage/sqlite/move-source.js';
import { openBeside, sinkOfFile, snapshotOfFile } from './storage/sqlite/transfer.js';
import { BackupUnusableError, TransferRefusedError, UnsoundError } from './storage/transfer/errors.js';
import { move, type Moved } from './storage/transfer/move.js';
import { restore, type Restored } from './storage/transfer/restore.js';
import type { OnProgress, Sink, Snapshot } from './storage/transfer/snapshot.js';
import { verifySnapshot, type Verified } from './storage/transfer/verify.js';
import { writeBackup, type WrittenBackup } from './storage/transfer/write-file.js';
import { routeTenants, type TenantDatabasesChoice } from './tenant-databases.js';

/** `sqlite-worker.ts` with all that it imports in one file, which starts sooner. */
const WORKER_URL = new URL('./sqlite-worker.bundle.js', import.meta.url);
const SQLITE_MIGRATIONS = new URL('../sql/sqlite/', import.meta.url);
const POSTGRES_MIGRATIONS = new URL('../sql/postgres/', import.meta.url);
type OpenDatabase = ReturnType<typeof openDatabase>;
const databasePath = (directory: string): string => join(directory, 'talaria.db');

/** A Postgres that nodes share. */
export interface SharedDatabase {
  readonly url: string;
  /** Path of a PEM file. */
  readonly ca?: string;
  readonly connections?: number;
  /** Of its large tables, when it is made now: 2 to 256. Default: whatever it has, and none in a new one. */
  readonly partitions?: number;
  /** For reads whose callers say that they may lag. */
  readonly replica?: { readonly url: string; /** What is further behind is not asked. Default 5,000. */ readonly lagMaxMs?: number };
}

export interface DatabaseChoice {
  /** Data directory; made when there is none. */
  readonly data: string;
  /** Of a file: `durable` survives power loss; `relaxed` survives a crash of the process only (SND1). Default `durable`. */
  readonly durability?: 'durable' | 'relaxed';
  /** A Postgres instead of a file. */
  readonly database?: SharedDatabase;
  /** How this node works with databases that tenants have of their own. */
  readonly tenants?: TenantDatabasesChoice;
  /** The installation's secret, at least 32 bytes. Default: made once and kept in `secrets.json` in the data directory. */
  readonly secret?: Uint8Array;
}

export interface OpenedInstallation {
  readonly storage: Storage;
  readonly secret: Uint8Array;
  /** Where tenants may have databases of their own. */
  readonly databases?: TenantDatabases;
  readonly replica?: Replica;
}

/** @throws DatabaseUnusableError; Error when the secret is not the one that the database was made with */
export async function openDatabaseOf(choice: DatabaseChoice, clock: Clock, random: Random, log: Log): Promise<OpenedInstallation> {
  if (choice.database) return openWithReplica(await openShared(choice, choice.database, clock, random, log), choice.database, clock, log);
  const secret = loadSecrets(choice.data, random, choice.secret);
  const path = databasePath(choice.data);
  const storage = await openSqlite({ path, durability: choice.durability ?? 'durable', workerUrl: WORKER_URL, migrationsUrl: SQLITE_MIGRATIONS, monotonic: () => clock.monotonic() }).catch((error: unknown) => {
    throw new DatabaseUnusableError(path, error);
  });
  return { storage, secret };
}

async function openShared(choice: DatabaseChoice, database: SharedDatabase, clock: Clock, random: Random, log: Log): Promise<Required<Omit<OpenedInstallation, 'replica'>>> {
  const newId = createUuid7({ now: () => clock.now(), fill: random.fill });
  let secret: Uint8Array | undefined;
  const shared = {
    rules: { decide, decideMark }, monotonic: () => clock.monotonic(),
    source: { now: () => clock.now(), newEventId: () => formatId('event', newId()), newConversationId: () => formatId('conversation', newId()) },
  };
  const directory = await openPostgres({
    ...placeOf(database), ...shared, ...(database.connections === undefined ? {} : { connections_max: database.connections }),
    claim(known) {
      secret = loadSecrets(choice.data, random, choice.secret, known);
      return checkOf(secret);
    },
  }).catch((error: unknown) => {
    throw new DatabaseUnusableError(shownUrl(database.url), error);
  });
  // How many partitions there are is each database's own.
  const { partitions: _, ...own } = database;
  return { ...routeTenants({ directory, postgres: { ...placeOf(own), ...shared }, epoch: (await directory.info()).epoch, secret: secret!, choice: choice.tenants ?? {}, clock, random, log }), secret: secret! };
}

/** @throws DatabaseUnusableError when what is named is no replica of the database */
async function openWithReplica(opened: Required<Omit<OpenedInstallation, 'replica'>>, database: SharedDatabase, clock: Clock, log: Log): Promise<OpenedInstallation> {
  if (!database.replica) return opened;
  const { url, lagMaxMs } = database.replica;
  const { ca } = placeOf(database);
  const authority = ca === undefined ? {} : { ca };
  try {
    const port = await openPostgresReplica({
      primary: { url: database.url, ...authority }, replica: { url, ...authority }, connections_max: database.connections ?? 8, now: () => clock.now(),
    });
    return { ...opened, replica: watchReplica({ storage: opened.storage, port, ofTenant: (app) => opened.databases.logOf(app) !== null, lag_max_ms: lagMaxMs ?? 5_000, clock, log }) };
  } catch (error) {
    await opened.storage.stop();
    throw new DatabaseUnusableError(shownUrl(url), error);
  }
}

function placeOf({ url, ca, partitions }: SharedDatabase): PostgresPlace {
  return { url, migrationsUrl: POSTGRES_MIGRATIONS, ...(ca === undefined ? {} : { ca: readSettingFile('database_ca', ca) }), ...(partitions === undefined ? {} : { partitions }) };
}

/** The database cannot be used. The message is one line that names it. */
export class DatabaseUnusableError extends Error {
  override readonly name = 'DatabaseUnusableError';

  constructor(readonly path: string, cause: unknown) {
    // What SQLite says of a damaged schema quotes it.
    const reason = printable(connectionProblem(cause) ?? (cause instanceof Error ? cause.message : String(cause)));
    super(reason.includes(path) ? reason : `${path} cannot be used: ${reason}`, { cause });
  }
}

/** Which migrations there are and when each was applied. Changes nothing. @throws DatabaseUnusableError */
export async function migrationsOfDatabase({ data: directory, database }: Pick<DatabaseChoice, 'data' | 'database'>): Promise<readonly MigrationStatus[]> {
  if (database) return shared(database, postgresMigrations);
  const migrations = loadMigrations(fileURLToPath(SQLITE_MIGRATIONS));
  if (!existsSync(databasePath(directory))) return migrations.map(({ version, name }) => ({ version, name, applied_ms: null }));
  return withDatabase(directory, true, (db) => {
    schemaVersion(db, migrations.length);
    return migrationStatus(db, migrations);
  });
}

/** How many partitions the large tables of a Postgres have; 0 for none, and for a file. Changes nothing. @throws DatabaseUnusableError */
export async function partitionsOfDatabase({ database }: Pick<DatabaseChoice, 'database'>): Promise<number> {
  return database ? shared(database, postgresPartitions) : 0;
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
 * Brings a database to the newest schema, or back to an older version; makes it where there is none. A file must be used by nobody;
 * nodes that work with a Postgres are in the hands of whoever asks.
 *
 * @param downTo the version to go back to; everything that newer ones brought is lost
 * @throws DirectoryHeldError, DatabaseUnusableError
 */
export async function migrateDatabase({ data: directory, database, secret }: DatabaseChoice, downTo?: number): Promise<readonly MigrationStatus[]> {
  if (database) return shared(database, (place) => migratePostgres(place, Date.now(), downTo));
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const unlock = lockDirectory(directory);
  try {
    // The secret comes before the database it seals.
    loadSecrets(directory, systemRandom(), secret);
    const migrations = loadMigrations(fileURLToPath(SQLITE_MIGRATIONS));
    return withDatabase(directory, false, (db) => {
      if (downTo === undefined) migrate(db, migrations, Date.now());
      else migrateDown(db, migrations, downTo);
      return migrationStatus(db, migrations);
    });
  } finally {
    unlock();
  }
}

async function shared<Result>(database: SharedDatabase, use: (place: PostgresPlace) => Promise<Result>): Promise<Result> {
  return sayingWhich(shownUrl(database.url), () => use(placeOf(database)));
}

/** What SQLite finds wrong in the database file of a directory; empty when it is sound. @throws DatabaseUnusableError */
export function checkDatabase(directory: string): readonly string[] {
  return withDatabase(directory, true, (db) => {
    const migrations = loadMigrations(fileURLToPath(SQLITE_MIGRATIONS));
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

/** Why SQLite does not load here; undefined when it does. */
export function sqliteProblem(): string | undefined {
  try {
    openDatabase(':memory:', { durability: 'durable', readonly: false }).close();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message.split('\n')[0] : String(error);
  }
}

/** The database as it is at this moment, also while a server is at work on it. @throws DatabaseUnusableError */
async function snapshotOf({ data, database, secret }: DatabaseChoice): Promise<Snapshot> {
  if (database) return shared(database, snapshotOfPostgres);
  const path = databasePath(data);
  return sayingWhich(path, () => {
    if (!existsSync(path)) throw new Error(`there is no database in ${data}; name its directory with --data`);
    return snapshotOfFile({ path, migrationsUrl: SQLITE_MIGRATIONS }, secretCheckOf(data, secret));
  });
}

/** What copying itself refuses says enough. @throws DatabaseUnusableError and that */
async function sayingWhich<Result>(shown: string, use: () => Result | Promise<Result>): Promise<Result> {
  try {
    return await use();
  } catch (error) {
    if (error instanceof UnsoundError || error instanceof BackupUnusableError || error instanceof TransferRefusedError || error instanceof DatabaseUnusableError) throw error;
    throw new DatabaseUnusableError(shown, error);
  }
}

const shownDatabase = ({ data, database }: DatabaseChoice): string => (database ? shownUrl(database.url) : databasePath(data));

/** Copies the whole database into one file, while servers are at work on it. @throws DatabaseUnusableError, TransferRefusedError */
export async function backupDatabase(choice: DatabaseChoice, path: string, onProgress: OnProgress): Promise<WrittenBackup> {
  const snapshot = await snapshotOf(choice);
  try {
    return await sayingWhich(shownDatabase(choice), () => writeBackup(snapshot, path, Date.now(), onProgress));
  } finally {
    await snapshot.close();
  }
}

/** Whether the database holds together, while servers are at work on it. @throws UnsoundError that names the first thing wrong; DatabaseUnusableError */
export async function verifyDatabase(choice: DatabaseChoice, onProgress: OnProgress): Promise<Verified> {
  const snapshot = await snapshotOf(choice);
  try {
    return await sayingWhich(shownDatabase(choice), () => verifySnapshot(snapshot, onProgress));
  } finally {
    await snapshot.close();
  }
}

export interface RestoredDatabase extends Restored {
  /** Whether the data directory has the secret that a server needs. */
  readonly hasSecret: boolean;
}

/**
 * Fills a new data directory, or an empty Postgres, from a backup. The log goes on with an epoch of its own (RES5).
 *
 * @param secretsFile the `secrets.json` that lay beside the database; put into the data directory
 * @throws DirectoryHeldError, TransferRefusedError, BackupUnusableError, DatabaseUnusableError; nothing is left behind then
 */
export async function restoreDatabase(choice: DatabaseChoice, path: string, secretsFile: string | undefined, onProgress: OnProgress): Promise<RestoredDatabase> {
  const { data, database, secret } = choice;
  const secrets = join(data, 'secrets.json');
  if (secretsFile !== undefined && existsSync(secrets) && checkOfFile(secrets) !== checkOfFile(secretsFile)) throw new TransferRefusedError(`${secrets} holds another secret than ${secretsFile}; name an empty directory`);
  const secretCheck = secretsFile === undefined ? secretCheckOf(data, secret) : checkOfFile(secretsFile);
  const needsDirectory = !database || secretsFile !== undefined;
  const fresh = needsDirectory && !existsSync(data);
  if (needsDirectory) mkdirSync(data, { recursive: true, mode: 0o700 });
  const unlock = needsDirectory ? lockDirectory(data) : () => undefined;
  // The secret comes before the database it seals.
  const placeSecret = (): void => {
    if (secretsFile !== undefined && !existsSync(secrets)) writePrivateFile(secrets, readFileSync(secretsFile, 'utf8'));
  };
  const open = (): Promise<Sink> => {
    if (database) return shared(database, (place) => sinkOfPostgres(place, shownUrl(database.url), placeSecret));
    const file = databasePath(data);
    if (['', '-wal'].some((end) => existsSync(file + end))) throw new TransferRefusedError(`${data} has a database; name a directory that has none`);
    return Promise.resolve(sinkOfFile({ path: file, migrationsUrl: SQLITE_MIGRATIONS }, placeSecret));
  };
  let done = false;
  try {
    const restored = await sayingWhich(shownDatabase(choice), () => restore({ path, open, newEpoch: randomUUID(), secretCheck, onProgress }));
    done = true;
    return { ...restored, hasSecret: secret !== undefined || existsSync(secrets) };
  } finally {
    unlock();
    if (fresh && !done) removeEmpty(data);
  }
}

function removeEmpty(directory: string): void {
  try {
    rmdirSync(directory);
  } catch {
    // Somebody has put something there.
  }
}

/** A log that goes on in another database. */
export interface MoveChoice {
  /** The data directory, or the database file in it. */
  readonly from: string;
  readonly to: SharedDatabase;
  /** The installation's secret, where it is not in `secrets.json`. */
  readonly secret?: Uint8Array;
}

const fileOf = (from: string): string => (from.endsWith('.db') ? from : databasePath(from));

/**
 * Moves the log of a data directory into an empty Postgres, while a server is at work on it (RES5: the epoch, positions and cursors
 * stay). Killed at any place, it goes on from there when it is called again.
 *
 * @throws TransferRefusedError, UnsoundError, DatabaseUnusableError; the server then goes on with the directory
 */
export async function moveDatabase({ from, to, secret }: MoveChoice, onProgress: OnProgress): Promise<Moved> {
  const path = fileOf(from);
  return withFile(path, async (db) => {
    const target = await shared(to, (place) => openMoveTarget(place, shownUrl(to.url)));
    try {
      return await sayingWhich(shownUrl(to.url), () =>
        move({ source: createMoveSource(db, secretCheckOf(dirname(path), secret)), target, monotonic: () => performance.now(), onProgress }));
    } finally {
      await target.close();
    }
  });
}

/** Ends a move that is not wanted any more: the directory forgets it. What was copied is left to whoever has the Postgres. @returns whether there was one */
export function forgetMoveOf(from: string): Promise<boolean> {
  return withFile(fileOf(from), (db) => Promise.resolve(forgetMove(db)));
}

async function withFile<Result>(path: string, use: (db: OpenDatabase) => Promise<Result>): Promise<Result> {
  const db = await sayingWhich(path, () => {
    if (!existsSync(path)) throw new Error('there is no such file; name the data directory of the server');
    return openBeside({ path, migrationsUrl: SQLITE_MIGRATIONS }, false);
  });
  try {
    return await use(db);
  } finally {
    db.close();
  }
}
