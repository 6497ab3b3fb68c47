/** The log of the whole store, in its order (CLU3), and what is kept of it. */
import { latestLeaseEnd } from '../lease.js';
import { DEAD_LETTERS_COUNTED_MAX, HOUR_MS, type Moved, type ReadCalls, type StoreInfo, type WriteCalls } from '../port.js';
import type { OnLine } from './calls.js';
import { streamIdKind, streamKind } from '../ids.js';
import type { IdCodec } from './ids.js';
import { HORIZON, LAST_SETTLED } from './positions.js';
import { columns, ENTRY_COLUMNS, entryRow, EVENT_COLUMNS, eventRow, type EntryColumns, type EventColumns } from '../columns.js';
import { inTransaction } from './transaction.js';

type LogReads = Pick<ReadCalls, 'info' | 'moved' | 'factsAfterPosition' | 'usage' | 'usageAfterPosition' | 'deadLetters' | 'consumers' | 'bytes' | 'due' | 'commandKnown' | 'directConversation'>;
type LogWrites = Pick<WriteCalls, 'lease' | 'commitProgress' | 'addDeadLetter'>;
type WithStream<T> = T & { readonly app_id: string; readonly stream_id: string; readonly kind: string };

const USAGE = 'INSERT INTO usage_hours AS u (app_id, hour_ms, messages, facts, bytes) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (app_id, hour_ms) DO UPDATE SET messages = u.messages + excluded.messages, facts = u.facts + excluded.facts, bytes = u.bytes + excluded.bytes';

interface MovedColumns {
  seq: number; position: number; event_id: string; facts: number; last_position: number; settled_position: number | null; settled_event_id: string | null;
}
// One row a stream leaves the database, however many facts there are.
const MOVED = `WITH page AS MATERIALIZED (
    SELECT app_id, stream_id, seq, position, event_id, position < ${HORIZON} AS settled FROM events WHERE position > $1 ORDER BY position LIMIT $2
  ), whole AS (
    SELECT count(*) AS facts, max(position) AS last_position, max(position) FILTER (WHERE settled) AS settled_position FROM page
  ), latest AS (
    SELECT DISTINCT ON (app_id, stream_id) app_id, stream_id, seq, position, event_id FROM page ORDER BY app_id, stream_id, seq DESC
  )
  SELECT l.app_id, l.stream_id, s.kind, l.seq, l.position, l.event_id, w.facts, w.last_position, w.settled_position,
         (SELECT p.event_id FROM page p WHERE p.position = w.settled_position) AS settled_event_id
    FROM latest l JOIN streams s ON s.app_id = l.app_id AND s.stream_id = l.stream_id CROSS JOIN whole w ORDER BY l.position`;

export function createLogCalls(ids: IdCodec): OnLine<LogReads & LogWrites> {
  const placeOf = (row: WithStream<object>): { app: string; stream: string } => ({ app: ids.text('app', row.app_id), stream: ids.text(streamIdKind(row.kind), row.stream_id) });
  return {
    async info(line): Promise<StoreInfo> {
      const { rows: [row] } = await line.query<{ epoch: string; position: number; event_id: string | null; version: number }>(
        `SELECT epoch, last.position, (SELECT e.event_id FROM events e WHERE e.position = last.position) AS event_id, (SELECT max(version) FROM migrations) AS version
           FROM store, (SELECT ${LAST_SETTLED} AS position) AS last`,
      );
      return { epoch: row?.epoch ?? '', position: row?.position ?? 0, eventId: row?.event_id ?? '', schemaVersion: row?.version ?? 0 };
    },
    async moved(line, position, limit): Promise<Moved> {
      const { rows } = await line.query<WithStream<MovedColumns>>(MOVED, [position, limit]);
      const [first] = rows;
      if (!first) return { places: [], settled: null, next: null };
      return {
        places: rows.map((row) => ({ ...placeOf(row), seq: row.seq, eventId: row.event_id, position: row.position })),
        settled: first.settled_position === null || first.settled_event_id === null ? null : { position: first.settled_position, eventId: first.settled_event_id },
        next: first.facts < limit ? null : first.last_position,
      };
    },
    async factsAfterPosition(line, position, limit) {
      const { rows } = await line.query<WithStream<EventColumns<string>>>(
        `SELECT e.app_id, e.stream_id, s.kind, ${columns(EVENT_COLUMNS, 'e')} FROM events e JOIN streams s ON s.app_id = e.app_id AND s.stream_id = e.stream_id
          WHERE e.position > $1 AND e.position < ${HORIZON} ORDER BY e.position LIMIT $2`, [position, limit],
      );
      return rows.map((row) => {
        const { app, stream } = placeOf(row);
        return eventRow(ids, app, stream, row);
      });
    },
    async usage(line, app, fromMs, toMs) {
      const { rows } = await line.query<{ hour_ms: number; messages: number; facts: number; bytes: number }>(
        'SELECT hour_ms, messages, facts, bytes FROM usage_hours WHERE app_id = $1 AND hour_ms >= $2 AND hour_ms < $3 ORDER BY hour_ms', [ids.uuid(app), fromMs, toMs],
      );
      return rows.map((row) => ({ app, hourMs: row.hour_ms, messages: row.messages, facts: row.facts, bytes: row.bytes }));
    },
    async usageAfterPosition(line, position, limit) {
      const { rows } = await line.query<{ app_id: string; hour_ms: number; messages: number; facts: number; bytes: number; last: number }>(
        `SELECT app_id, time_ms - time_ms % ${HOUR_MS} AS hour_ms, count(*) FILTER (WHERE type = 'message.created') AS messages, count(*) AS facts,
                sum(octet_length(payload))::bigint AS bytes, max(position) AS last
           FROM (SELECT app_id, time_ms, type, payload, position FROM events WHERE position > $1 AND position < ${HORIZON} ORDER BY position LIMIT $2) AS e
          GROUP BY 1, 2`, [position, limit],
      );
      if (rows.length === 0) return null;
      const deltas = rows.map((row) => ({ app: ids.text('app', row.app_id), hourMs: row.hour_ms, messages: row.messages, facts: row.facts, bytes: row.bytes }));
      return { position: Math.max(...rows.map((row) => row.last)), deltas };
    },
    async directConversation(line, app, pair) {
      const { rows: [row] } = await line.query<{ conversation_id: string }>('SELECT conversation_id FROM direct_pairs WHERE app_id = $1 AND pair = $2', [ids.uuid(app), pair]);
      return row ? ids.text('conversation', row.conversation_id) : null;
    },
    async due(line, nowMs, limit) {
      const { rows } = await line.query<WithStream<EntryColumns>>(`SELECT app_id, stream_id, kind, ${columns(ENTRY_COLUMNS)} FROM entries WHERE due_ms <= $1 ORDER BY due_ms LIMIT $2`, [nowMs, limit]);
      const { rows: [last] } = await line.query<{ next: number | null }>('SELECT min(due_ms) AS next FROM entries WHERE due_ms > $1', [nowMs]);
      return { items: rows.map((row) => entryRow(ids.text('app', row.app_id), ids.text(streamIdKind(row.kind), row.stream_id), row)), nextMs: last?.next ?? null };
    },
    async deadLetters(line, name, limit) {
      const { rows } = await line.query<WithStream<{ position: number; seq: number; error: string; time_ms: number }>>(
        'SELECT position, app_id, stream_id, kind, seq, error, time_ms FROM dead_letters WHERE name = $1 ORDER BY position LIMIT $2', [name, limit],
      );
      return rows.map((row) => ({ name, position: row.position, ...placeOf(row), seq: row.seq, error: row.error, timeMs: row.time_ms }));
    },
    async consumers(line) {
      const { rows } = await line.query<{ name: string; position: number; owner: string; until_ms: number; lag: number; since_ms: number | null; letters: number }>(
        `SELECT name, position, owner, until_ms, greatest(0, last.settled - position) AS lag,
                (SELECT time_ms FROM events e WHERE e.position > c.position AND e.position <= last.settled ORDER BY e.position LIMIT 1) AS since_ms,
                (SELECT count(*) FROM (SELECT 1 FROM dead_letters d WHERE d.name = c.name LIMIT ${DEAD_LETTERS_COUNTED_MAX}) AS few) AS letters
           FROM consumers c, (SELECT ${LAST_SETTLED} AS settled) AS last ORDER BY name`,
      );
      return rows.map((row) => ({ name: row.name, position: row.position, owner: row.owner, untilMs: row.until_ms, lag: row.lag, behindSinceMs: row.since_ms, deadLetters: row.letters }));
    },
    async bytes(line) {
      const { rows: [row] } = await line.query<{ bytes: number }>('SELECT pg_database_size(current_database()) AS bytes');
      return row?.bytes ?? 0;
    },
    async commandKnown(line, app, actor, clientId) {
      const { count } = await line.query('SELECT 1 FROM command_keys WHERE app_id = $1 AND actor_id = $2 AND client_id = $3', [ids.uuid(app), ids.uuid(actor), clientId]);
      return count > 0;
    },
    async lease(line, name, owner, nowMs, ttlMs) {
      const { rows: [row] } = await line.query<{ position: number; fence: number }>(
        `INSERT INTO consumers AS held (name, position, owner, until_ms, fence) VALUES ($1, 0, $2, $3::bigint + $4::bigint, 1)
         ON CONFLICT (name) DO UPDATE SET owner = $2, until_ms = $3::bigint + $4::bigint, fence = held.fence + CASE WHEN held.owner = $2 THEN 0 ELSE 1 END
          WHERE held.owner = $2 OR held.until_ms <= $3::bigint OR held.until_ms > $5::bigint
         RETURNING position, fence`, [name, owner, nowMs, ttlMs, latestLeaseEnd(nowMs, ttlMs)],
      );
      return row ? { name, position: row.position, fence: row.fence } : null;
    },
    commitProgress: (line, lease, position, deltas) => inTransaction(line, async () => {
      const { count } = await line.query('UPDATE consumers SET position = $3 WHERE name = $1 AND fence = $2 AND position <= $3', [lease.name, lease.fence, position]);
      if (count === 0) return false;
      for (const delta of deltas) await line.query(USAGE, [ids.uuid(delta.app), delta.hourMs, delta.messages, delta.facts, delta.bytes]);
      return true;
    }),
    async addDeadLetter(line, letter) {
      await line.query(
        `INSERT INTO dead_letters (name, position, app_id, stream_id, kind, seq, error, time_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT (name, position) DO UPDATE SET error = excluded.error, time_ms = excluded.time_ms`,
        [letter.name, letter.position, ids.uuid(letter.app), ids.uuid(letter.stream), streamKind(letter.stream), letter.seq, letter.error, letter.timeMs],
      );
    },
  };
}
