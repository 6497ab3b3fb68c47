import type { Storage, UsageDelta } from '../storage/port.js';
import type { Consumer } from './runner.js';

const HOUR_MS = 3_600_000;

/** Counts messages, facts and bytes by app and hour: the first consumer of the log. */
export function createUsageConsumer(storage: Storage): Consumer {
  return {
    name: 'usage',
    batch_max: 1_000,
    handle(facts, lease) {
      const sums = new Map<string, { app: string; hourMs: number; messages: number; facts: number; bytes: number }>();
      for (const fact of facts) {
        const hourMs = Math.floor(fact.timeMs / HOUR_MS) * HOUR_MS;
        const name = `${fact.app} ${hourMs}`;
        const sum = sums.get(name) ?? { app: fact.app, hourMs, messages: 0, facts: 0, bytes: 0 };
        sums.set(name, sum);
        sum.facts += 1;
        sum.bytes += Buffer.byteLength(fact.payload);
        if (fact.type === 'message.created') sum.messages += 1;
      }
      const deltas: UsageDelta[] = [...sums.values()];
      return storage.commitProgress(lease, facts.at(-1)!.position, deltas);
    },
  };
}
