/** One open database file on its thread: batches and calls, synchronous. */
import { createUuid7, formatId } from '@talaria/protocol';
import { randomUUID } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import type { BatchEntry, BatchOutcome } from '../group-commit.js';
import { systemRandom } from '../../runtime/random.js';
import type { ReadCalls, Rules, StoreInfo, WriteCalls } from '../port.js';
import { loadMigrations } from '../migrations.js';
import { createCallReads } from '../call-reads.js';
import { createMessageReads } from '../message-reads.js';
import { createRuleReads } from '../read-calls.js';
import { runBatch } from '../run-batch.js';
import { createBatchTables } from './batch-tables.js';
import { createCommandReads } from './command-calls.js';
import { createConversationReads } from './conversation-calls.js';
import { createConsumerReads, createConsumerWrites } from './consumer-calls.js';
import { createIdentityReads, createIdentityWrites } from './identity-calls.js';
import { createIdCodec, type IdCodec } from './ids.js';
import { createMaintenanceWrites } from './maintenance-calls.js';
import { migrate } from './migrate.js';
import { openDatabase } from './open.js';
import { openFailure } from './open-failure.js';
import type { WorkerOptions } from './messages.js';
import { createMovedCheck, movedTo } from './moved.js';
import { createOperatorReads, createOperatorWrites } from './operator-calls.js';
import { createReadTables } from './read-tables.js';
import { refuseOtherSchema } from './schema.js';
import { createStreamNumbers } from './stream-numbers.js';
import { createSessionReads, createSessionWrites } from './session-calls.js';
import { isIoError } from './refusal.js';
import { createTenancyReads, createTenancyWrites } from './tenancy-calls.js';
import { createUserReads, createUserWrites } from './user-calls.js';

export interface SqliteStore {
  runBatch(batch: readonly BatchEntry[]): readonly BatchOutcome[];
  call(method: string, args: readonly unknown[]): unknown;
  /** False after the disk refused a write, until one succeeds. */
  healthy(): boolean;
  close(): void;
}

type Calls = Record<string, (...args: never[]) => unknown>;

function readCalls(db: Database, ids: IdCodec): ReadCalls {
  const tables = createReadTables(db, ids, createStreamNumbers(db, ids));
  const info = db.prepare<[], { epoch: string }>('SELECT epoch FROM store');
  const version = db.prepare<[], { version: number }>('SELECT max(version) AS version FROM migrations');
  return {
    ...createRuleReads(tables), ...createMessageReads(tables), ...createCallReads(tables), ...createUserReads(db, ids), ...createIdentityReads(db, ids), ...createSessionReads(db, ids), ...createTenancyReads(db, ids), ...createOperatorReads(db, ids), ...createConsumerReads(db, ids), ...createCommandReads(db, ids), ...createConversationReads(db, ids),
    factsAfterPosition: (position, limit) => tables.factsAfterPosition(position, limit),
    moved: (position, limit) => tables.moved(position, limit),
    info(): StoreInfo {
      const position = tables.lastPosition();
      return { epoch: info.get()?.epoch ?? '', position, eventId: tables.eventIdAtPosition(position) ?? '', schemaVersion: version.get()?.version ?? 0 };
    },
  };
}

function writeCalls(db: Database, ids: IdCodec): WriteCalls {
  return { ...createUserWrites(db, ids), ...createIdentityWrites(db, ids), ...createSessionWrites(db, ids), ...createTenancyWrites(db, ids), ...createOperatorWrites(db, ids), ...createConsumerWrites(db, ids), ...createMaintenanceWrites(db, ids) };
}

/** Every read call sees one snapshot (RES4); every write call is one transaction. @param calls functions by their names */
export function inTransaction(db: Database, mode: 'deferred' | 'immediate', calls: object, check: () => void = () => undefined): Calls {
  return Object.fromEntries(Object.entries(calls).map(([name, call]) => {
    const run = db.transaction((args: readonly unknown[]) => {
      check();
      return (call as (...all: unknown[]) => unknown)(...args);
    });
    return [name, (...args: unknown[]) => run[mode](args)];
  }));
}

/**
 * Opens (and for the writer makes and migrates) the database.
 *
 * @throws Error with one sentence when the file cannot be used
 */
export function openStore(options: WorkerOptions, rules: Rules): SqliteStore {
  const writer = options.role === 'writer';
  const ids = createIdCodec();
  const newId = createUuid7({ now: Date.now, fill: systemRandom().fill });
  let db = open();
  let state = prepare();
  let healthy = true;

  function open(): Database {
    try {
      return prepareFile();
    } catch (error) {
      throw openFailure(options.path, error);
    }
  }

  function prepareFile(): Database {
    const opened = openDatabase(options.path, { durability: options.durability, readonly: !writer });
    try {
      if (writer) {
        const migrations = loadMigrations(options.migrations);
        migrate(opened, migrations, Date.now());
        refuseOtherSchema(opened, migrations);
        opened.prepare('INSERT OR IGNORE INTO store (id, epoch, position, created_ms) VALUES (1, ?, 0, ?)').run(randomUUID(), Date.now());
        const target = movedTo(opened);
        if (target !== null) throw new Error(`${options.path} has moved to ${target}; start the server with database_url`);
        // What their apps have stands elsewhere; what was said here would hide it.
        if (opened.prepare('SELECT 1 FROM tenant_databases').get() !== undefined) throw new Error(`${options.path} has tenants with databases of their own; restore its backup into a Postgres`);
      }
      return opened;
    } catch (error) {
      opened.close();
      throw error;
    }
  }

  function prepare() {
    const calls = writer ? inTransaction(db, 'immediate', writeCalls(db, ids), createMovedCheck(db)) : inTransaction(db, 'deferred', readCalls(db, ids));
    return { calls, tables: writer ? createBatchTables(db, ids, createStreamNumbers(db, ids)) : undefined };
  }

  /** After an I/O error only a fresh connection tells what the disk holds; the command keys then resolve the rest (ISO4). */
  function reopen(): void {
    try {
      db.close();
    } finally {
      db = open();
      state = prepare();
    }
  }

  function attempt(batch: readonly BatchEntry[]): { outcomes: readonly BatchOutcome[]; broken: boolean } {
    const { tables } = state;
    if (!tables) throw new Error('a reader does not append');
    let broken = false;
    const outcomes = runBatch({
      ...tables,
      refusalFor(error) {
        broken ||= isIoError(error);
        return tables.refusalFor(error);
      },
    }, rules, () => ({
      now: Date.now, lastPosition: tables.lastPosition(),
      newEventId: () => formatId('event', newId()), newConversationId: () => formatId('conversation', newId()),
    }), batch);
    return { outcomes, broken };
  }

  /** A commit that the disk failed may stand all the same: the batch runs again, and the keys tell (ISO4). */
  function attemptTwice(batch: readonly BatchEntry[]): readonly BatchOutcome[] {
    const first = attempt(batch);
    if (!first.broken) return first.outcomes;
    reopen();
    const second = attempt(batch);
    if (second.broken) reopen();
    return second.outcomes;
  }

  return {
    runBatch(batch) {
      const outcomes = attemptTwice(batch);
      healthy = !outcomes.some((outcome) => !outcome.ok && (outcome.refusal.code === 'unavailable' || outcome.refusal.code === 'insufficient_storage'));
      return outcomes;
    },
    call(method, args) {
      const call = Object.hasOwn(state.calls, method) ? state.calls[method] : undefined;
      if (!call) throw new Error(`there is no call ${method}`);
      // A call writes past what the batches remember.
      state.tables?.forget();
      return (call as (...all: unknown[]) => unknown)(...args);
    },
    healthy: () => healthy,
    close: () => void db.close(),
  };
}
