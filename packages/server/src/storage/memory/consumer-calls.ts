import { isHeld } from '../lease.js';
import { DEAD_LETTERS_COUNTED_MAX, HOUR_MS, type ReadCalls, type WriteCalls } from '../port.js';
import { inPositionOrder, settledEnd } from './sorted.js';
import { keyOf, type MemoryTables } from './tables.js';

const FACT_BYTES = 200;

export function createConsumerReads(tables: MemoryTables): Pick<ReadCalls, 'usage' | 'usageAfterPosition' | 'deadLetters' | 'consumers' | 'bytes' | 'due'> {
  return {
    usage(app, fromMs, toMs) {
      const found = [...tables.usage.values()].filter((row) => row.app === app && row.hourMs >= fromMs && row.hourMs < toMs);
      return found.sort((left, right) => left.hourMs - right.hourMs).map((row) => ({ ...row }));
    },
    usageAfterPosition(position, limit) {
      const from = inPositionOrder(tables.log, position + 1);
      const facts = tables.log.slice(from, Math.min(from + limit, settledEnd(tables)));
      const sums = new Map<string, { app: string; hourMs: number; messages: number; facts: number; bytes: number }>();
      for (const fact of facts) {
        const hourMs = fact.timeMs - (fact.timeMs % HOUR_MS);
        const name = keyOf(fact.app, String(hourMs));
        const sum = sums.get(name) ?? { app: fact.app, hourMs, messages: 0, facts: 0, bytes: 0 };
        sums.set(name, sum);
        sum.facts += 1;
        sum.bytes += Buffer.byteLength(fact.payload);
        if (fact.type === 'message.created') sum.messages += 1;
      }
      const last = facts.at(-1);
      return last ? { position: last.position, deltas: [...sums.values()] } : null;
    },
    due(nowMs, limit) {
      const waiting = [...tables.entries.values()].flatMap((rows) => [...rows.values()]).filter((row) => row.dueMs !== null).sort((left, right) => left.dueMs! - right.dueMs!);
      return { items: waiting.filter((row) => row.dueMs! <= nowMs).slice(0, limit).map((row) => ({ ...row })), nextMs: waiting.find((row) => row.dueMs! > nowMs)?.dueMs ?? null };
    },
    deadLetters(name, limit) {
      const found = [...tables.deadLetters.values()].filter((row) => row.name === name);
      return found.sort((left, right) => left.position - right.position).slice(0, limit).map((row) => ({ ...row }));
    },
    consumers() {
      const settled = tables.log.slice(0, settledEnd(tables));
      return [...tables.consumers].sort(([left], [right]) => (left < right ? -1 : 1)).map(([name, { position, owner, untilMs }]) => {
        const first = settled[inPositionOrder(settled, position + 1)];
        return {
          name, position, owner, untilMs, lag: Math.max(0, (settled.at(-1)?.position ?? 0) - position), behindSinceMs: first?.timeMs ?? null,
          deadLetters: Math.min(DEAD_LETTERS_COUNTED_MAX, [...tables.deadLetters.values()].filter((row) => row.name === name).length),
        };
      });
    },
    /** What the facts take, about. */
    bytes: () => tables.log.reduce((sum, { payload }) => sum + payload.length + FACT_BYTES, 0),
  };
}

export function createConsumerWrites(tables: MemoryTables): Pick<WriteCalls, 'lease' | 'commitProgress' | 'addDeadLetter'> {
  return {
    lease(name, owner, nowMs, ttlMs) {
      const held = tables.consumers.get(name);
      if (held && held.owner !== owner && isHeld(held.untilMs, nowMs, ttlMs)) return null;
      const fence = !held ? 1 : held.owner === owner ? held.fence : held.fence + 1;
      const position = held?.position ?? 0;
      tables.consumers.set(name, { position, owner, untilMs: nowMs + ttlMs, fence });
      return { name, position, fence };
    },
    commitProgress(lease, position, deltas) {
      const held = tables.consumers.get(lease.name);
      if (!held || held.fence !== lease.fence || held.position > position) return false;
      held.position = position;
      for (const { app, hourMs, messages, facts, bytes } of deltas) {
        const row = tables.usage.get(keyOf(app, hourMs)) ?? { app, hourMs, messages: 0, facts: 0, bytes: 0 };
        tables.usage.set(keyOf(app, hourMs), { ...row, messages: row.messages + messages, facts: row.facts + facts, bytes: row.bytes + bytes });
      }
      return true;
    },
    addDeadLetter(letter) {
      tables.deadLetters.set(keyOf(letter.position, letter.name), { ...letter });
    },
  };
}
