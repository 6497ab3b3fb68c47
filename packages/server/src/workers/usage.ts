import type { Storage, UsageTally } from '../storage/port.js';
import type { Batch, Consumer } from './runner.js';

const BATCH_MAX = 10_000;

/** Counts messages, facts and bytes by app and hour: the first consumer of the log. The store does the adding up. */
export function createUsageConsumer(storage: Storage): Consumer<UsageTally & Batch> {
  return {
    name: 'usage',
    batch_max: BATCH_MAX,
    async read(position, limit) {
      const tally = await storage.usageAfterPosition(position, limit);
      return tally && { ...tally, more: tally.deltas.reduce((sum, { facts }) => sum + facts, 0) >= limit };
    },
    handle: (tally, lease) => storage.commitProgress(lease, tally.position, tally.deltas),
  };
}
