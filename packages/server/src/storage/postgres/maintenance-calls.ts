import { uuid7TimeMs } from '@talaria/protocol';
import type { WriteCalls } from '../port.js';
import { plainArray, textArray } from './array-text.js';
import type { OnLine } from './calls.js';
import { FIRST_UUID, type IdCodec } from './ids.js';
import { KEEP_POSITION } from './positions.js';
import { inTransaction } from './transaction.js';

interface KeyColumns { app_id: string; actor_id: string; client_id: string; time_ms: number }

/** Streams of conversations that begin with a fact from before a moment. In order, as appends lock them. */
const OLD = `SELECT s.stream_id FROM streams s
  CROSS JOIN LATERAL (SELECT e.time_ms FROM events e WHERE e.app_id = s.app_id AND e.stream_id = s.stream_id AND e.seq > s.floor_seq ORDER BY e.seq LIMIT 1) AS oldest
  WHERE s.app_id = $1 AND s.kind = 'c' AND oldest.time_ms < $2 ORDER BY s.app_id, s.stream_id FOR NO KEY UPDATE OF s`;

// A fact goes when it and all before it are older: the clock may have stepped back, the floor does not leave holes.
const RAISE = `WITH floors AS (
    SELECT s.app_id, s.stream_id, new.seq,
           (SELECT m.ordinal FROM events m WHERE m.app_id = s.app_id AND m.stream_id = s.stream_id AND m.seq <= new.seq AND m.message > 0 ORDER BY m.seq DESC LIMIT 1) AS ordinal
      FROM streams s CROSS JOIN LATERAL (
        SELECT max(seq) AS seq FROM (
          SELECT seq, max(time_ms) OVER (ORDER BY seq) AS latest_ms
            FROM (SELECT e.seq, e.time_ms FROM events e WHERE e.app_id = s.app_id AND e.stream_id = s.stream_id AND e.seq > s.floor_seq ORDER BY e.seq LIMIT $4) AS some_facts
        ) AS facts WHERE latest_ms < $2
      ) AS new
     WHERE s.app_id = $1 AND s.stream_id = ANY($3::uuid[]) AND new.seq IS NOT NULL
  ), gone AS (
    DELETE FROM events e USING floors f WHERE e.app_id = f.app_id AND e.stream_id = f.stream_id AND e.seq <= f.seq
  ), about AS (
    DELETE FROM entries n USING floors f WHERE n.app_id = f.app_id AND n.stream_id = f.stream_id AND n.target_seq > 0 AND n.target_seq <= f.seq
  )
  UPDATE streams s SET floor_seq = f.seq, floor_ordinal = greatest(s.floor_ordinal, coalesce(f.ordinal, 0)) FROM floors f
   WHERE s.app_id = f.app_id AND s.stream_id = f.stream_id RETURNING s.stream_id, s.floor_seq`;

export function createMaintenanceCalls(ids: IdCodec): OnLine<Pick<WriteCalls, 'applyRetention' | 'pruneKeys'>> {
  return {
    applyRetention: (line, app, beforeMs, limit) => inTransaction(line, async () => {
      await line.query(KEEP_POSITION);
      const { rows: old } = await line.query<{ stream_id: string }>(OLD, [ids.uuid(app), beforeMs]);
      if (old.length === 0) return [];
      const { rows } = await line.query<{ stream_id: string; floor_seq: number }>(RAISE, [ids.uuid(app), beforeMs, plainArray(old.map((row) => row.stream_id)), limit]);
      return rows.map((row) => ({ stream: ids.text('conversation', row.stream_id), floorSeq: row.floor_seq }));
    }),
    pruneKeys: (line, beforeMs, limit, after) => inTransaction(line, async () => {
      // First the floor, then the rows: a client id is never unknown and still welcome.
      await line.query('UPDATE store SET keys_floor_ms = greatest(keys_floor_ms, $1::bigint)', [beforeMs]);
      const { rows } = await line.query<KeyColumns>(
        'SELECT app_id, actor_id, client_id, time_ms FROM command_keys WHERE (app_id, actor_id, client_id) > ($1::uuid, $2::uuid, $3) ORDER BY app_id, actor_id, client_id LIMIT $4',
        [...splitCursor(after), limit],
      );
      // Kept 90 days after the fact, and as long as the client's own time would still be accepted.
      const old = rows.filter((row) => row.time_ms < beforeMs && (uuid7TimeMs(row.client_id) ?? 0) < beforeMs);
      await line.query(
        'DELETE FROM command_keys k USING unnest($1::uuid[], $2::uuid[], $3::text[]) AS old (app_id, actor_id, client_id) WHERE k.app_id = old.app_id AND k.actor_id = old.actor_id AND k.client_id = old.client_id',
        [plainArray(old.map((row) => row.app_id)), plainArray(old.map((row) => row.actor_id)), textArray(old.map((row) => row.client_id))],
      );
      const last = rows.length < limit ? undefined : rows.at(-1);
      return { pruned: old.length, next: last ? `${last.app_id}/${last.actor_id}/${last.client_id}` : null };
    }),
  };
}

/** The client id comes last: it may hold any character. */
function splitCursor(cursor: string | null): [string, string, string] {
  if (cursor === null) return [FIRST_UUID, FIRST_UUID, ''];
  const first = cursor.indexOf('/');
  const second = cursor.indexOf('/', first + 1);
  return [cursor.slice(0, first), cursor.slice(first + 1, second), cursor.slice(second + 1)];
}
