import type { Database } from 'better-sqlite3';
import { isHeld } from '../lease.js';
import { DEAD_LETTERS_COUNTED_MAX, HOUR_MS, type Lease, type ReadCalls, type WriteCalls } from '../port.js';
import { ENTRY_COLUMNS, entryRow, type EntryColumns } from '../columns.js';
import { AT_MOST } from './at-most.js';
import { streamIdKind, streamKind } from '../ids.js';
import type { IdCodec } from './ids.js';

interface ConsumerColumns { position: number; owner: string; until_ms: number; fence: number }

export function createConsumerReads(db: Database, ids: IdCodec): Pick<ReadCalls, 'usage' | 'usageAfterPosition' | 'deadLetters' | 'consumers' | 'bytes' | 'due'> {
  const usage = db.prepare<[Buffer, number, number], { hour_ms: number; messages: number; facts: number; bytes: number }>(
    'SELECT hour_ms, messages, facts, bytes FROM usage_hours WHERE app_id = ? AND hour_ms >= ? AND hour_ms < ? ORDER BY hour_ms',
  );
  // octet_length reads no text.
  const tally = db.prepare<[number, number], { app_id: Buffer; hour_ms: number; messages: number; facts: number; bytes: number; last: number }>(
    `SELECT app_id, time_ms - time_ms % ${HOUR_MS} AS hour_ms, sum(type = 'message.created') AS messages, count(*) AS facts, sum(octet_length(payload)) AS bytes,
            max(position) AS last
       FROM (SELECT stream_no, time_ms, type, payload, position FROM events WHERE position > ? ORDER BY position ${AT_MOST})
       JOIN streams ON no = stream_no GROUP BY app_id, hour_ms`,
  );
  const letters = db.prepare<[string, number], { position: number; app_id: Buffer; stream_id: Buffer; kind: string; seq: number; error: string; time_ms: number }>(
    `SELECT position, app_id, stream_id, kind, seq, error, time_ms FROM dead_letters WHERE name = ? ORDER BY position ${AT_MOST}`,
  );
  const due = db.prepare<[number, number], EntryColumns & { app_id: Buffer; stream_id: Buffer; kind: string }>(
    `SELECT app_id, stream_id, kind, ${ENTRY_COLUMNS.join(', ')} FROM entries INDEXED BY entries_due WHERE due_ms <= ? + 0 AND due_ms IS NOT NULL ORDER BY due_ms ${AT_MOST}`,
  );
  const next = db.prepare<[number], { next: number | null }>('SELECT min(due_ms) AS next FROM entries INDEXED BY entries_due WHERE due_ms > ? + 0 AND due_ms IS NOT NULL');
  const states = db.prepare<[], { name: string; position: number; owner: string; until_ms: number; lag: number | null; since_ms: number | null; letters: number }>(
    `SELECT name, position, owner, until_ms, (SELECT max(e.position) FROM events e) - consumers.position AS lag, (SELECT time_ms FROM events e WHERE e.position > consumers.position ORDER BY e.position LIMIT 1) AS since_ms,
            (SELECT count(*) FROM (SELECT 1 FROM dead_letters d WHERE d.name = consumers.name LIMIT ${DEAD_LETTERS_COUNTED_MAX})) AS letters
       FROM consumers ORDER BY name`,
  );
  return {
    consumers: () => states.all().map((row) => ({
      name: row.name, position: row.position, owner: row.owner, untilMs: row.until_ms, lag: Math.max(0, row.lag ?? 0), behindSinceMs: row.since_ms, deadLetters: row.letters,
    })),
    bytes: () => Number(db.pragma('page_count', { simple: true })) * Number(db.pragma('page_size', { simple: true })),
    due: (nowMs, limit) => ({
      items: due.all(nowMs, limit).map((row) => entryRow(ids.text('app', row.app_id), ids.text(streamIdKind(row.kind), row.stream_id), row)), nextMs: next.get(nowMs)?.next ?? null,
    }),
    usage: (app, fromMs, toMs) => usage.all(ids.bytes(app), fromMs, toMs).map((row) => ({ app, hourMs: row.hour_ms, messages: row.messages, facts: row.facts, bytes: row.bytes })),
    usageAfterPosition(position, limit) {
      const rows = tally.all(position, limit);
      if (rows.length === 0) return null;
      const deltas = rows.map((row) => ({ app: ids.text('app', row.app_id), hourMs: row.hour_ms, messages: row.messages, facts: row.facts, bytes: row.bytes }));
      return { position: Math.max(...rows.map((row) => row.last)), deltas };
    },
    deadLetters: (name, limit) => letters.all(name, limit).map((row) => ({
      name, position: row.position, app: ids.text('app', row.app_id), stream: ids.text(streamIdKind(row.kind), row.stream_id), seq: row.seq, error: row.error, timeMs: row.time_ms,
    })),
  };
}

export function createConsumerWrites(db: Database, ids: IdCodec): Pick<WriteCalls, 'lease' | 'commitProgress' | 'addDeadLetter'> {
  const get = db.prepare<[string], ConsumerColumns>('SELECT position, owner, until_ms, fence FROM consumers WHERE name = ?');
  const put = db.prepare(
    `INSERT INTO consumers (name, position, owner, until_ms, fence) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, until_ms = excluded.until_ms, fence = excluded.fence`,
  );
  const advance = db.prepare('UPDATE consumers SET position = ? WHERE name = ? AND fence = ? AND position <= ?');
  const addUsage = db.prepare(
    `INSERT INTO usage_hours (app_id, hour_ms, messages, facts, bytes) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (app_id, hour_ms) DO UPDATE SET messages = messages + excluded.messages, facts = facts + excluded.facts, bytes = bytes + excluded.bytes`,
  );
  const addLetter = db.prepare('INSERT OR REPLACE INTO dead_letters (name, position, app_id, stream_id, kind, seq, error, time_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
  return {
    lease(name, owner, nowMs, ttlMs): Lease | null {
      const row = get.get(name);
      if (row && row.owner !== owner && isHeld(row.until_ms, nowMs, ttlMs)) return null;
      const fence = !row ? 1 : row.owner === owner ? row.fence : row.fence + 1;
      put.run(name, row?.position ?? 0, owner, nowMs + ttlMs, fence);
      return { name, position: row?.position ?? 0, fence };
    },
    commitProgress(lease, position, deltas) {
      if (advance.run(position, lease.name, lease.fence, position).changes === 0) return false;
      for (const delta of deltas) addUsage.run(ids.bytes(delta.app), delta.hourMs, delta.messages, delta.facts, delta.bytes);
      return true;
    },
    addDeadLetter(letter) {
      addLetter.run(letter.name, letter.position, ids.bytes(letter.app), ids.bytes(letter.stream), streamKind(letter.stream), letter.seq, letter.error, letter.timeMs);
    },
  };
}
