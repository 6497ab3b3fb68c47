import type { Storage, UsageTally } from '../storage/port.js';
import type { Consumer } from './runner.js';

/** Counts messages, facts and bytes by app and hour: the first consumer of the log. The store does the adding up. */
export function createUsageConsumer(storage: Storage): Consumer<UsageTally> {
  return {
    name: 'usage',
    batch_max: 1_000,
    read: (position, limit) => storage.usageAfterPosition(position, limit),
    handle: (tally, lease) => storage.commitProgress(lease, tally.position, tally.deltas),
  };
}
