import { uuid7TimeMs } from '@talaria/protocol';
import type { WriteCalls } from '../port.js';
import type { CommandKeyRow, StreamRow } from '../rows.js';
import { byText, inSeqOrder } from './sorted.js';
import { isOf, keyOf, type MemoryTables } from './tables.js';

export function createMaintenanceWrites(tables: MemoryTables): Pick<WriteCalls, 'applyRetention' | 'pruneKeys'> {
  return {
    applyRetention(app, beforeMs, limit) {
      return [...tables.conversations.keys()].filter((key) => isOf(app, key)).sort(byText).flatMap((key) => {
        const stream = tables.streams.get(key);
        const floorSeq = stream && newFloor(tables, key, beforeMs, limit);
        if (!stream || floorSeq === undefined) return [];
        raiseFloor(tables, stream, floorSeq);
        return [{ stream: stream.stream, floorSeq }];
      });
    },
    pruneKeys(beforeMs, limit, after) {
      // First the floor, then the rows: a client id is never unknown and still welcome.
      tables.keysFloorMs = Math.max(tables.keysFloorMs, beforeMs);
      const walk = [...tables.commandKeys].filter(([key]) => after === null || key > after).sort(([left], [right]) => byText(left, right)).slice(0, limit);
      const old = walk.filter(([, row]) => isOld(row, beforeMs));
      for (const [key] of old) tables.commandKeys.delete(key);
      return { pruned: old.length, next: walk.length < limit ? null : walk.at(-1)?.[0] ?? null };
    },
  };
}

/** Kept 90 days after the fact, and as long as the client's own time would still be accepted. */
function isOld(row: CommandKeyRow, beforeMs: number): boolean {
  return row.timeMs < beforeMs && (uuid7TimeMs(row.clientId) ?? 0) < beforeMs;
}

/** The last of the oldest facts that are all older than the moment. */
function newFloor(tables: MemoryTables, key: string, beforeMs: number, limit: number): number | undefined {
  const oldest = (tables.events.get(key) ?? []).slice(0, limit);
  const kept = oldest.findIndex((event) => event.timeMs >= beforeMs);
  return oldest.at(kept === -1 ? oldest.length - 1 : kept - 1 < 0 ? oldest.length : kept - 1)?.seq;
}

/** VIS5: what stands at or below the floor goes, with its place in the count noted (CNT1). */
function raiseFloor(tables: MemoryTables, stream: StreamRow, floorSeq: number): void {
  const key = keyOf(stream.app, stream.stream);
  const messages = tables.messages.get(key) ?? [];
  const gone = messages.splice(0, inSeqOrder(messages, floorSeq + 1));
  for (const row of gone) if (row.sender !== null) tables.messagesBySender.get(keyOf(row.app, row.conversation, row.sender))?.shift();
  const events = tables.events.get(key) ?? [];
  const positions = new Set(events.splice(0, inSeqOrder(events, floorSeq + 1)).map((event) => event.position));
  tables.log = tables.log.filter((event) => !positions.has(event.position));
  const entries = tables.entries.get(key);
  for (const [name, row] of entries ?? []) if (row.targetSeq > 0 && row.targetSeq <= floorSeq) entries?.delete(name);
  stream.floorSeq = floorSeq;
  stream.floorOrdinal = Math.max(stream.floorOrdinal, gone.at(-1)?.ordinal ?? 0);
}
