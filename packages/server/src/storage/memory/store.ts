/** What a process would find on its disk: batches and calls, synchronous. It outlives whoever serves it. */
import type { BatchEntry, BatchOutcome } from '../group-commit.js';
import type { ReadCalls, Rules, WriteCalls } from '../port.js';
import { createCallReads } from '../call-reads.js';
import { createMessageReads } from '../message-reads.js';
import { createRuleReads } from '../read-calls.js';
import type { SearchCalls } from '../search/port.js';
import { runBatch } from '../run-batch.js';
import { createBatchTables } from './batch-tables.js';
import { createCommandReads } from './command-calls.js';
import { createConversationReads } from './conversation-calls.js';
import { createConsumerReads, createConsumerWrites } from './consumer-calls.js';
import { createIdentityReads, createIdentityWrites } from './identity-calls.js';
import { createMaintenanceWrites } from './maintenance-calls.js';
import { createOperatorReads, createOperatorWrites } from './operator-calls.js';
import { createReadTables } from './read-tables.js';
import { createSearchCalls } from './search-calls.js';
import { inPositionOrder } from './sorted.js';
import { createSessionReads, createSessionWrites } from './session-calls.js';
import { createTables, type MemoryTables } from './tables.js';
import { createTenancyReads, createTenancyWrites } from './tenancy-calls.js';
import { createUserReads, createUserWrites } from './user-calls.js';

export interface MemoryStoreOptions {
  readonly rules: Rules;
  readonly now: () => number;
  readonly newEventId: () => string;
  readonly newConversationId: () => string;
  /** RES5: a store that stands for a restored one gets another. */
  readonly epoch?: string;
}

/** More than the facts of any batch. */
const PLACES = 100_000;

export interface MemoryStore {
  /** @param transaction what `begin` gave; without it, the batch begins now */
  runBatch(batch: readonly BatchEntry[], transaction?: number): readonly BatchOutcome[];
  /**
   * Begins a transaction ahead of its commit, as in a database that several nodes share: its facts have positions of now, and until
   * it ends nothing behind them is settled (CLU3).
   */
  begin(): number;
  /** Ends a transaction, whether or not it was committed. */
  end(transaction: number): void;
  readonly calls: ReadCalls & WriteCalls & SearchCalls;
  /** What a back-up of this moment would hold, as a store of its own with another epoch (RES5). */
  copy(epoch: string): MemoryStore;
}

/** Makes an empty store. Equal options and equal calls give equal answers: time and ids come from outside. */
export function createMemoryStore(options: MemoryStoreOptions): MemoryStore {
  return storeOn(createTables(options.epoch ?? 'memory'), options);
}

function storeOn(tables: MemoryTables, options: MemoryStoreOptions): MemoryStore {
  const { rules, now, newEventId, newConversationId } = options;
  const batchTables = createBatchTables(tables);
  const readTables = createReadTables(tables);
  /** The last position that a transaction has given, or the store when none was begun. */
  function lastOf(transaction: number | undefined): number {
    if (transaction === undefined) return tables.position;
    return Math.max(transaction, tables.log[inPositionOrder(tables.log, transaction + PLACES) - 1]?.position ?? 0);
  }

  return {
    runBatch(batch, transaction) {
      const outcomes = runBatch(batchTables, rules, () => ({ now, newEventId, newConversationId, lastPosition: lastOf(transaction) }), batch);
      if (transaction !== undefined) tables.open.delete(transaction);
      return outcomes;
    },
    begin() {
      tables.transactions = Math.max(tables.transactions, Math.floor(tables.position / PLACES)) + 1;
      const transaction = tables.transactions * PLACES;
      tables.open.add(transaction);
      return transaction;
    },
    end: (transaction) => void tables.open.delete(transaction),
    calls: {
      ...createRuleReads(readTables), ...createMessageReads(readTables), ...createCallReads(readTables), ...createUserReads(tables), ...createIdentityReads(tables), ...createSessionReads(tables), ...createTenancyReads(tables), ...createOperatorReads(tables), ...createConsumerReads(tables), ...createCommandReads(tables), ...createConversationReads(tables),
      ...createUserWrites(tables), ...createIdentityWrites(tables), ...createSessionWrites(tables), ...createTenancyWrites(tables), ...createOperatorWrites(tables), ...createConsumerWrites(tables), ...createMaintenanceWrites(tables),
      ...createSearchCalls(tables),
      factsAfterPosition: (position, limit) => readTables.factsAfterPosition(position, limit),
      moved: (position, limit) => readTables.moved(position, limit),
      info() {
        const position = readTables.lastPosition();
        return { epoch: tables.epoch, position, eventId: readTables.eventIdAtPosition(position) ?? '', schemaVersion: 0 };
      },
    },
    copy: (epoch) => storeOn({ ...structuredClone(tables), epoch, open: new Set() }, options),
  };
}
