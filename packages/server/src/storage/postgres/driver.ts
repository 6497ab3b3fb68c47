import { ProtocolError } from '@talaria/protocol';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { defaultBatchBounds, GroupCommit, type BatchBounds } from '../group-commit.js';
import { loadMigrations, type Migration, type MigrationStatus } from '../migrations.js';
import type { Rules } from '../port.js';
import type { Directory } from '../routed/directory.js';
import type { WorkSource } from '../unit-of-work.js';
import { createAppender, defaultAppendBounds, type AppendBounds } from './append.js';
import { createConversationCalls } from './conversation-calls.js';
import { createDirectoryCalls } from './directory-calls.js';
import { createIdCodec } from './ids.js';
import { createIdentityCalls } from './identity-calls.js';
import { ConnectionLostError, Line } from './line.js';
import { Lines } from './lines.js';
import { createLogCalls } from './log-calls.js';
import { createMaintenanceCalls } from './maintenance-calls.js';
import { migrate, migrateDown, migrationStatus } from './migrate.js';
import { createOperatorCalls } from './operator-calls.js';
import { partitionsOf } from './partitions.js';
import { isConflict, refusalFor } from './refusal.js';
import { RULE_READS, runRuleRead } from './rule-reads.js';
import { createSearchCalls } from './search-calls.js';
import { createSessionCalls } from './session-calls.js';
import { createTenancyCalls } from './tenancy-calls.js';
import { claimForTenant, refuseTenants, type TenantClaim } from './tenant-claim.js';
import { inTransaction } from './transaction.js';
import { refuseUnfinished } from './unfinished.js';
import { createUserCalls } from './user-calls.js';

/** Where a database is. */
export interface PostgresPlace {
  /** `postgres://user:password@host:port/database` */
  readonly url: string;
  readonly ca?: string;
  /** Folder of numbered SQL files. */
  readonly migrationsUrl: URL;
  /** Of events and of command keys, where the database is made now: 2 to 256. Default: whatever it has, and none in a new one. */
  readonly partitions?: number;
}

export interface PostgresOptions extends PostgresPlace {
  /**
   * Told the check of the installation's secret that the database knows, and gives this node's, which is kept when there was none.
   * Nodes that start at once are asked one after the other.
   */
  readonly claim?: (known: string | null) => string;
  /** Whose database it is; without it, the installation's own. */
  readonly tenant?: TenantClaim;
  readonly rules: Rules;
  readonly source: Omit<WorkSource, 'lastPosition'>;
  readonly monotonic: () => number;
  readonly bounds?: BatchBounds;
  readonly appends?: AppendBounds;
  readonly timeouts?: Partial<PostgresTimeouts>;
  /** Connections for reads and for writes that are no appends; one more appends. */
  readonly connections_max?: number;
}

/** Every wait ends. */
export interface PostgresTimeouts {
  readonly connect_timeout_ms: number;
  readonly statement_timeout_ms: number;
  readonly lock_timeout_ms: number;
  readonly idle_transaction_timeout_ms: number;
  readonly transaction_timeout_ms: number;
  readonly wait_timeout_ms: number;
}

export const defaultPostgresTimeouts: PostgresTimeouts = {
  connect_timeout_ms: 5_000, statement_timeout_ms: 15_000, lock_timeout_ms: 2_000, idle_transaction_timeout_ms: 3_000, transaction_timeout_ms: 20_000, wait_timeout_ms: 20_000,
};

/** A migration may take its time. */
const MIGRATION_TIMEOUT_MS = 3_600_000;
const MIGRATION_TIMEOUTS = { statement_timeout_ms: MIGRATION_TIMEOUT_MS, lock_timeout_ms: MIGRATION_TIMEOUT_MS, transaction_timeout_ms: MIGRATION_TIMEOUT_MS };
const IMPATIENCE_MS = 5_000;
const READ_ATTEMPTS = 2;

type OnLineCall = (line: Line, ...args: never[]) => Promise<unknown>;

/**
 * Storage on a Postgres database, which any number of nodes may share.
 *
 * @throws Error with one sentence when the database cannot be used
 */
export async function openPostgres(options: PostgresOptions): Promise<Directory> {
  const timeouts = { ...defaultPostgresTimeouts, ...options.timeouts };
  await prepare(options, timeouts);
  const ids = createIdCodec();
  const others = new Lines({ ...options, ...timeouts, connections_max: options.connections_max ?? 8 });
  let healthy = true;
  let stopped = false;

  const appender = createAppender({
    openLine: () => new Line({ ...options, ...timeouts }), ids, rules: options.rules, source: options.source,
    transaction_timeout_ms: timeouts.transaction_timeout_ms, impatience_ms: IMPATIENCE_MS, monotonic: options.monotonic, bounds: options.appends ?? defaultAppendBounds,
    settled(outcomes) {
      healthy = outcomes.length === 0 ? healthy : !outcomes.every((outcome) => !outcome.ok && (outcome.refusal.code === 'unavailable' || outcome.refusal.code === 'insufficient_storage'));
    },
  });
  const queue = new GroupCommit(appender, options.bounds ?? defaultBatchBounds, options.monotonic);

  async function ask<T>(run: (line: Line) => Promise<T>, again: (error: unknown) => boolean): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await others.lend(run);
      } catch (error) {
        if (attempt < READ_ATTEMPTS && !stopped && again(error)) continue;
        const { code, message, retryAfterMs } = refusalFor(error);
        throw error instanceof ProtocolError ? error : new ProtocolError(code, message, { cause: error, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });
      }
    }
  }
  /** Nothing has changed by a read: it is asked again when its connection is lost. */
  const read = <T>(run: (line: Line) => Promise<T>): Promise<T> => ask(run, (error) => error instanceof ConnectionLostError);
  /** A write whose connection is lost is not repeated: its outcome is the caller's to find out. */
  async function write<T>(run: (line: Line) => Promise<T>): Promise<T> {
    const result = await ask(run, isConflict);
    healthy = true;
    return result;
  }

  const users = createUserCalls(ids);
  const identity = createIdentityCalls(ids);
  const sessions = createSessionCalls(ids);
  const tenancy = createTenancyCalls(ids);
  const operators = createOperatorCalls(ids);
  const log = createLogCalls(ids);
  const conversations = createConversationCalls(ids);
  const maintenance = createMaintenanceCalls(ids);
  const directory = createDirectoryCalls(ids);
  const search = createSearchCalls(ids);
  const reads = {
    user: users.user, userByExternalId: users.userByExternalId, userOfToken: identity.userOfToken, account: identity.account, accountByLogin: identity.accountByLogin, session: sessions.session, sessions: sessions.sessions, attemptKnown: sessions.attemptKnown,
    usersById: users.usersById, users: users.users, lastSeen: users.lastSeen,
    revocations: tenancy.revocations, tenant: tenancy.tenant, tenants: tenancy.tenants, app: tenancy.app, appByPublicKey: tenancy.appByPublicKey, apps: tenancy.apps, key: tenancy.key, keys: tenancy.keys,
    operator: operators.operator, operatorByLogin: operators.operatorByLogin, operators: operators.operators, ownerKnown: operators.ownerKnown, operatorLink: operators.operatorLink,
    operatorSession: operators.operatorSession, operatorSessions: operators.operatorSessions,
    info: log.info, moved: log.moved, factsAfterPosition: log.factsAfterPosition, usage: log.usage, usageAfterPosition: log.usageAfterPosition, deadLetters: log.deadLetters, consumers: log.consumers, bytes: log.bytes, due: log.due, directConversation: log.directConversation, conversations: conversations.conversations,
    commandKnown: log.commandKnown, searchPlaces: search.searchPlaces, searchState: search.searchState,
    appPlace: directory.appPlace, tenantPlace: directory.tenantPlace, tenantPlaces: directory.tenantPlaces, removedApps: directory.removedApps,
  };
  const writes = {
    createUser: users.createUser, updateUser: users.updateUser, addSeen: users.addSeen, addRevocations: identity.addRevocations, createAccount: identity.createAccount, setAccount: identity.setAccount,
    createSession: sessions.createSession, endSessions: sessions.endSessions, rotateSession: sessions.rotateSession, takeAttempt: sessions.takeAttempt, settleAttempt: sessions.settleAttempt,
    createOperator: operators.createOperator, changeOperator: operators.changeOperator, deleteOperator: operators.deleteOperator, addOperatorLink: operators.addOperatorLink,
    acceptOperatorLink: operators.acceptOperatorLink, createOperatorSession: operators.createOperatorSession, useOperatorSession: operators.useOperatorSession, endOperatorSessions: operators.endOperatorSessions,
    pruneIdentity: identity.pruneIdentity, createTenant: tenancy.createTenant, updateTenant: tenancy.updateTenant, deleteTenant: tenancy.deleteTenant,
    createApp: tenancy.createApp, updateApp: tenancy.updateApp, deleteApp: tenancy.deleteApp, createKey: tenancy.createKey, updateKey: tenancy.updateKey,
    lease: log.lease, commitProgress: log.commitProgress, addDeadLetter: log.addDeadLetter, applyRetention: maintenance.applyRetention, pruneKeys: maintenance.pruneKeys,
    indexMessages: search.indexMessages, rebuildSearch: search.rebuildSearch,
    placeTenant: directory.placeTenant, noteEpoch: directory.noteEpoch, removeTenantApp: directory.removeTenantApp, forgetRemoved: directory.forgetRemoved,
  };
  type Called = Pick<Directory, (typeof RULE_READS)[number] | keyof typeof reads | keyof typeof writes>;
  const called = (calls: Readonly<Record<string, OnLineCall>>, through: typeof read): readonly [string, unknown][] =>
    Object.entries(calls).map(([name, call]) => [name, (...args: never[]) => through((line) => call(line, ...args))]);
  const calls = Object.fromEntries([
    ...RULE_READS.map((name) => [name, (...args: Parameters<typeof runRuleRead>[3]) => read((line) => runRuleRead(line, ids, name, args))] as const),
    ...called(reads, read), ...called(writes, write),
  ]) as Called;
  return {
    ...calls,
    driver: 'postgres',
    append: (command, lane) => queue.append(command, lane),
    mark: (update) => queue.mark(update),
    full: () => queue.full,
    commits: () => queue.commits,
    ready: () => healthy && !stopped && !queue.stalled,
    async stop() {
      await queue.stop();
      stopped = true;
      await Promise.all([appender.close(), others.close()]);
    },
  };
}

async function prepare(options: PostgresOptions, timeouts: PostgresTimeouts): Promise<void> {
  const { source, claim, tenant } = options;
  await withMigrations(options, async (line, migrations) => {
    await migrate(line, migrations, source.now(), options.partitions);
    await inTransaction(line, async () => {
      await line.query('INSERT INTO store (id, epoch, position, created_ms) VALUES (1, $1, 0, $2) ON CONFLICT DO NOTHING', [randomUUID(), source.now()]);
      // Behind the insert, which waits for a move that is just beginning.
      await refuseUnfinished(line);
      const { rows: [store] } = await line.query<{ secret_check: string | null }>('SELECT secret_check FROM store FOR UPDATE');
      if (tenant) await claimForTenant(line, tenant);
      else await refuseTenants(line);
      const check = claim?.(store?.secret_check ?? null);
      if (check !== undefined) await line.query('UPDATE store SET secret_check = $1 WHERE secret_check IS NULL', [check]);
    });
  }, timeouts);
}

async function withMigrations<T>(place: PostgresPlace, run: (line: Line, migrations: readonly Migration[]) => Promise<T>, timeouts = defaultPostgresTimeouts): Promise<T> {
  const migrations = loadMigrations(fileURLToPath(place.migrationsUrl));
  const lines = new Lines({ ...place, ...timeouts, ...MIGRATION_TIMEOUTS, connections_max: 1 });
  try {
    return await lines.lend((line) => run(line, migrations));
  } finally {
    await lines.close();
  }
}

/** Which migrations there are, and when each was applied. Changes nothing. @throws Error */
export function postgresMigrations(place: PostgresPlace): Promise<readonly MigrationStatus[]> {
  return withMigrations(place, migrationStatus);
}

/** How many partitions its large tables have; 0 for none. Changes nothing. @throws Error */
export function postgresPartitions(place: PostgresPlace): Promise<number> {
  return withMigrations(place, partitionsOf);
}

/** Brings the schema to the newest version, or back to an older one. @throws Error */
export function migratePostgres(place: PostgresPlace, nowMs: number, downTo?: number): Promise<readonly MigrationStatus[]> {
  return withMigrations(place, async (line, migrations) => {
    if (downTo === undefined) await migrate(line, migrations, nowMs, place.partitions);
    else await migrateDown(line, migrations, downTo);
    return migrationStatus(line, migrations);
  });
}
