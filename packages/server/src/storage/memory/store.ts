/** What a process would find on its disk: batches and calls, synchronous. It outlives whoever serves it. */
import type { BatchEntry, BatchOutcome } from '../group-commit.js';
import type { ReadCalls, Rules, WriteCalls } from '../port.js';
import { createRuleReads } from '../read-calls.js';
import { runBatch } from '../run-batch.js';
import { createBatchTables } from './batch-tables.js';
import { createCommandReads } from './command-calls.js';
import { createConsumerReads, createConsumerWrites } from './consumer-calls.js';
import { createMaintenanceWrites } from './maintenance-calls.js';
import { createReadTables } from './read-tables.js';
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

export interface MemoryStore {
  runBatch(batch: readonly BatchEntry[]): readonly BatchOutcome[];
  readonly calls: ReadCalls & WriteCalls;
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
  return {
    runBatch: (batch) => runBatch(batchTables, rules, () => ({ now, newEventId, newConversationId, lastPosition: tables.position }), batch),
    calls: {
      ...createRuleReads(readTables), ...createUserReads(tables), ...createTenancyReads(tables), ...createConsumerReads(tables), ...createCommandReads(tables),
      ...createUserWrites(tables), ...createTenancyWrites(tables), ...createConsumerWrites(tables), ...createMaintenanceWrites(tables),
      factsAfterPosition: (position, limit) => readTables.factsAfterPosition(position, limit),
      moved: (position, limit) => readTables.moved(position, limit),
      info: () => ({ epoch: tables.epoch, position: tables.position, eventId: tables.log.at(-1)?.eventId ?? '', schemaVersion: 0 }),
    },
    copy: (epoch) => storeOn({ ...structuredClone(tables), epoch }, options),
  };
}
