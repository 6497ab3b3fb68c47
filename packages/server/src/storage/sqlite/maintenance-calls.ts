import { uuid7TimeMs } from '@talaria/protocol';
import type { Database } from 'better-sqlite3';
import type { WriteCalls } from '../port.js';
import { AT_MOST } from './at-most.js';
import { streamIdKind } from '../ids.js';
import type { IdCodec } from './ids.js';
import { KEEP_POSITION } from './lookups.js';

interface KeyColumns { app_id: Buffer; actor_id: Buffer; client_id: string; time_ms: number }

export function createMaintenanceWrites(db: Database, ids: IdCodec): Pick<WriteCalls, 'applyRetention' | 'pruneKeys'> {
  const streams = db.prepare<[Buffer], { no: number; stream_id: Buffer; kind: string; floor_seq: number }>("SELECT no, stream_id, kind, floor_seq FROM streams WHERE app_id = ? AND kind = 'c'");
  const oldest = db.prepare<[number, number], { seq: number; time_ms: number }>('SELECT seq, time_ms FROM events WHERE stream_no = ? AND seq > ? ORDER BY seq LIMIT 1');
  // A fact goes when it and all before it are older: the clock may have stepped back, the floor does not leave holes.
  const newFloor = db.prepare<[number, number, number, number], { seq: number | null }>(
    `SELECT max(seq) AS seq FROM (
       SELECT seq, max(time_ms) OVER (ORDER BY seq) AS latest_ms FROM (SELECT seq, time_ms FROM events WHERE stream_no = ? AND seq > ? ORDER BY seq ${AT_MOST})
     ) WHERE latest_ms < ?`,
  );
  const ordinalAt = db.prepare<[number, number], { ordinal: number }>('SELECT ordinal FROM events WHERE stream_no = ? AND seq <= ? AND message > 0 ORDER BY seq DESC LIMIT 1');
  const deleteEvents = db.prepare('DELETE FROM events WHERE stream_no = ? AND seq <= ?');
  const deleteEntries = db.prepare('DELETE FROM entries INDEXED BY entries_target WHERE app_id = ? AND stream_id = ? AND target_seq > 0 AND target_seq <= ? + 0');
  const raise = db.prepare('UPDATE streams SET floor_seq = ?, floor_ordinal = max(floor_ordinal, ?) WHERE no = ?');
  const keepPosition = db.prepare(KEEP_POSITION);
  const setFloor = db.prepare('UPDATE store SET keys_floor_ms = max(keys_floor_ms, ?)');
  const walk = db.prepare<[string, Buffer, Buffer, number], KeyColumns>(
    `SELECT client_id, actor_id, app_id, time_ms FROM command_keys WHERE (client_id, actor_id, app_id) > (?, ?, ?) ORDER BY client_id, actor_id, app_id ${AT_MOST}`,
  );
  const deleteKey = db.prepare('DELETE FROM command_keys WHERE client_id = ? AND actor_id = ? AND app_id = ?');

  return {
    applyRetention(app, beforeMs, limit) {
      const changed: { stream: string; floorSeq: number }[] = [];
      keepPosition.run();
      for (const row of streams.all(ids.bytes(app))) {
        const first = oldest.get(row.no, row.floor_seq);
        if (!first || first.time_ms >= beforeMs) continue;
        const floorSeq = newFloor.get(row.no, row.floor_seq, limit, beforeMs)?.seq;
        if (floorSeq === null || floorSeq === undefined) continue;
        const ordinal = ordinalAt.get(row.no, floorSeq)?.ordinal ?? 0;
        deleteEvents.run(row.no, floorSeq);
        deleteEntries.run(ids.bytes(app), row.stream_id, floorSeq);
        raise.run(floorSeq, ordinal, row.no);
        changed.push({ stream: ids.text(streamIdKind(row.kind), row.stream_id), floorSeq });
      }
      return changed;
    },
    pruneKeys(beforeMs, limit, after) {
      // First the floor, then the rows: a client id is never unknown and still welcome.
      setFloor.run(beforeMs);
      const [app, actor, clientId] = after === null ? ['', '', ''] : splitCursor(after);
      const rows = walk.all(clientId, Buffer.from(actor, 'hex'), Buffer.from(app, 'hex'), limit);
      let pruned = 0;
      for (const row of rows) {
        // Kept 90 days after the fact, and as long as the client's own time would still be accepted.
        if (row.time_ms >= beforeMs || (uuid7TimeMs(row.client_id) ?? 0) >= beforeMs) continue;
        deleteKey.run(row.client_id, row.actor_id, row.app_id);
        pruned += 1;
      }
      const last = rows.length < limit ? undefined : rows.at(-1);
      return { pruned, next: last ? `${last.app_id.toString('hex')}/${last.actor_id.toString('hex')}/${last.client_id}` : null };
    },
  };
}

/** The client id comes last: it may hold any character. */
function splitCursor(cursor: string): [string, string, string] {
  const first = cursor.indexOf('/');
  const second = cursor.indexOf('/', first + 1);
  return [cursor.slice(0, first), cursor.slice(first + 1, second), cursor.slice(second + 1)];
}
