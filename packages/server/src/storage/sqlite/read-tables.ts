import type { Database, Statement } from 'better-sqlite3';
import { inboxConditions, type InboxFilter } from '../inbox.js';
import type { ReadCalls, ReceiptCounts } from '../port.js';
import { ALL, movedTo } from '../read-calls.js';
import type { ReadTables } from '../read-tables.js';
import type { MarkRow } from '../rows.js';
import { AT_MOST } from './at-most.js';
import { streamIdKind } from '../ids.js';
import type { IdCodec } from './ids.js';
import { createLookups } from './lookups.js';
import type { StreamNumbers } from './stream-numbers.js';
import {
  EVENT_COLUMNS, eventRow, MEMBER_COLUMNS, memberRow, MESSAGE_COLUMNS, messageRecord, STREAM_COLUMNS, streamRow,
  type EventColumns, type MemberColumns, type MessageRecordColumns, type StreamColumns,
} from '../columns.js';

type Place = [app: Buffer, stream: Buffer];
type StreamPlace = { stream_id: Buffer; kind: string; app_id: Buffer };

/**
 * Reads of the log and of the tables beside it, each an index range. SQLite has no statistics here, and would at times take a
 * primary key of which only the beginning is given: then the index is named.
 */
export function createReadTables(db: Database, ids: IdCodec, numbers: StreamNumbers): ReadTables & Pick<ReadCalls, 'factsAfterPosition' | 'moved'> {
  const lookups = createLookups(db, ids, numbers);
  const columns = EVENT_COLUMNS.join(', ');
  const between = db.prepare<[number, number, number, number], EventColumns<Buffer>>(`SELECT ${columns} FROM events WHERE stream_no = ? AND seq BETWEEN ? AND ? ORDER BY seq ${AT_MOST}`);
  const targeting = db.prepare<[number, number, number, number, number], EventColumns<Buffer>>(
    `SELECT ${columns} FROM events INDEXED BY events_target WHERE stream_no = ? AND target_seq BETWEEN ? AND ? AND seq > ? ORDER BY seq ${AT_MOST}`,
  );
  const eventId = db.prepare<[number, number], { event_id: string }>('SELECT event_id FROM events WHERE stream_no = ? AND seq = ?');
  const atPosition = db.prepare<[number], { event_id: string }>('SELECT event_id FROM events WHERE position = ?');
  const lastAt = db.prepare<[number, number, number], { seq: number; event_id: string }>(
    'SELECT seq, event_id FROM events WHERE stream_no = ? AND seq > ? AND position <= ? ORDER BY seq DESC LIMIT 1',
  );
  const afterPosition = db.prepare<[number, number], EventColumns<Buffer> & StreamPlace>(
    `SELECT s.app_id, s.stream_id, s.kind, ${EVENT_COLUMNS.map((name) => `e.${name}`).join(', ')} FROM events e JOIN streams s ON s.no = e.stream_no WHERE e.position > ? ORDER BY e.position ${AT_MOST}`,
  );
  const placesAfter = db.prepare<[number, number], StreamPlace & { seq: number; event_id: string; position: number }>(
    `SELECT s.app_id, s.stream_id, s.kind, e.seq, e.event_id, e.position FROM events e JOIN streams s ON s.no = e.stream_no WHERE e.position > ? ORDER BY e.position ${AT_MOST}`,
  );
  const messageColumns = MESSAGE_COLUMNS.map((name) => `m.${name}`).join(', ');
  // The text of an edited message stands in the fact at body_seq.
  const page = (order: string, scope: string) => db.prepare<number[], MessageRecordColumns<Buffer>>(
    `SELECT ${messageColumns}, m.client_id AS client_id, ifnull(b.payload, m.payload) AS payload FROM events m
       LEFT JOIN events b ON b.stream_no = m.stream_no AND b.seq = m.body_seq
      WHERE m.stream_no = ? AND m.seq BETWEEN ? AND ? AND ${scope} ORDER BY m.seq ${order} ${AT_MOST}`,
  );
  const pages = (scope: string) => ({ asc: page('ASC', scope), desc: page('DESC', scope) });
  const [inMain, inAny, inThread] = [pages('m.message BETWEEN 1 AND 2'), pages('m.message > 0'), pages('m.thread_seq = ? + 0')];
  /** By its text: a filter has few forms. */
  const byActivity = new Map<string, Statement<(Buffer | string | number)[], MemberColumns<Buffer> & StreamColumns & { member_marks: number }>>();
  function activityOf(filter: InboxFilter): Statement<(Buffer | string | number)[], MemberColumns<Buffer> & StreamColumns & { member_marks: number }> {
    const rank = '(m.pinned_ms IS NOT NULL)';
    const behind = '(s.head_position < ? OR (s.head_position = ? AND m.conversation_id > ?))';
    const kind = filter.kind === undefined ? '' : ' AND (SELECT c.kind FROM conversations c WHERE c.app_id = m.app_id AND c.id = m.conversation_id) = ?';
    const order = `${filter.pinnedFirst ? `${rank} DESC, ` : ''}s.head_position DESC, m.conversation_id`;
    // What is sorted is short: a number, not ids. The index has all that a member's row would give; whole rows are read for the page alone.
    const sql = `WITH page AS MATERIALIZED (
       SELECT s.no FROM members m INDEXED BY members_user CROSS JOIN streams s ON s.no = m.stream_no
        WHERE m.app_id = ? AND m.user_id = ? AND m.active = 1${kind}${inboxConditions(filter)}
          AND ${filter.pinnedFirst ? `(${rank} < ? OR (${rank} = ? AND ${behind}))` : behind}
        ORDER BY ${order} ${AT_MOST})
      SELECT ${MEMBER_COLUMNS.map((name) => `m.${name}${name === 'marks_version' ? ' AS member_marks' : ''}`).join(', ')}, ${STREAM_COLUMNS.map((name) => `s.${name}`).join(', ')}
        FROM page CROSS JOIN streams s ON s.no = page.no CROSS JOIN members m ON m.app_id = s.app_id AND m.conversation_id = s.stream_id AND m.user_id = ?
       ORDER BY ${order}`;
    // The moment of a filter for muted ones would make each text a new one.
    if (filter.muted !== undefined) return db.prepare(sql);
    const known = byActivity.get(sql) ?? db.prepare(sql);
    byActivity.set(sql, known);
    return known;
  }
  // What each hello and most inboxes ask.
  for (const filter of [ALL, { archived: false }]) activityOf(filter);
  const membersPage = db.prepare<[...Place, Buffer, number], MemberColumns<Buffer>>(
    `SELECT ${MEMBER_COLUMNS.join(', ')} FROM members WHERE app_id = ? AND conversation_id = ? AND user_id > ? AND active = 1 ORDER BY user_id ${AT_MOST}`,
  );
  // A bare parameter beside the condition of a partial index is planned for each time it is bound, as in LIMIT.
  const marksAfter = db.prepare<[...Place, number, number], { user_id: Buffer; delivered_seq: number; read_seq: number; public_read_seq: number; marks_version: number }>(
    `SELECT user_id, delivered_seq, read_seq, public_read_seq, marks_version FROM members INDEXED BY members_marks
      WHERE app_id = ? AND conversation_id = ? AND marks_version > ? + 0 AND marks_version > 0 AND active = 1 ORDER BY marks_version ${AT_MOST}`,
  );
  const receipts = (mark: string) => db.prepare<[number, number, ...Place, Buffer | null, number], ReceiptCounts>(
    `SELECT count(*) AS members, ifnull(sum(delivered_seq >= ?), 0) AS delivered, ifnull(sum(${mark} >= ?), 0) AS read FROM members
      WHERE app_id = ? AND conversation_id = ? AND active = 1 AND user_id IS NOT ? AND joined_seq < ?`,
  );
  const [sharedReceipts, ownReceipts] = [receipts('public_read_seq'), receipts('read_seq')];
  const deleted = db.prepare<[number, number, Buffer, number], { count: number }>(
    `SELECT count(*) AS count FROM (SELECT 1 FROM events INDEXED BY events_deleted WHERE stream_no = ? AND ordinal > ? AND deleted_ms IS NOT NULL AND message = 2
       AND actor_id IS NOT ? ${AT_MOST})`,
  );
  const deletedReplies = db.prepare<[number, number, number, Buffer, number], { count: number }>(
    `SELECT count(*) AS count FROM (SELECT 1 FROM events INDEXED BY events_thread WHERE stream_no = ? AND thread_seq = ? + 0 AND thread_seq IS NOT NULL AND seq > ?
       AND deleted_ms IS NOT NULL AND message BETWEEN 2 AND 3 AND actor_id IS NOT ? ${AT_MOST})`,
  );
  const first = Buffer.alloc(0);
  const place = (app: string, stream: string): Place => [ids.bytes(app), ids.bytes(stream)];

  return {
    ...lookups,
    each: (items, read) => items.map(read),
    eventsBetween: (app, stream, fromSeq, toSeq, limit) => between.all(numbers.of(app, stream), fromSeq, toSeq, limit).map((row) => eventRow(ids, app, stream, row)),
    eventsTargeting: (app, stream, targetFrom, targetTo, afterSeq, limit) =>
      targeting.all(numbers.of(app, stream), targetFrom, targetTo, afterSeq, limit).map((row) => eventRow(ids, app, stream, row)),
    eventIdAtPosition: (position) => atPosition.get(position)?.event_id,
    eventIdAt: (app, stream, seq) => eventId.get(numbers.of(app, stream), seq)?.event_id,
    lastAtPosition(app, stream, position, scan) {
      const head = lookups.stream(app, stream)?.headSeq ?? 0;
      const row = lastAt.get(numbers.of(app, stream), head - scan - 1, position);
      return row && { seq: row.seq, eventId: row.event_id };
    },
    factsAfterPosition: (position, limit) => afterPosition.all(position, limit).map((row) => eventRow(ids, ids.text('app', row.app_id), ids.text(streamIdKind(row.kind), row.stream_id), row)),
    moved(position, limit) {
      const places = placesAfter.all(position, limit).map((row) => ({
        app: ids.text('app', row.app_id), stream: ids.text(streamIdKind(row.kind), row.stream_id), seq: row.seq, eventId: row.event_id, position: row.position,
      }));
      return movedTo(places, limit);
    },
    messagesBetween(app, conversation, scope, fromSeq, toSeq, limit, order) {
      const at = [numbers.of(app, conversation), fromSeq, toSeq];
      const rows = typeof scope === 'number' ? inThread[order].all(...at, scope, limit) : (scope === 'main' ? inMain : inAny)[order].all(...at, limit);
      return rows.map((row) => messageRecord(ids, app, conversation, row));
    },
    conversationsByActivity(app, user, limit, after, filter) {
      const from = after?.position ?? Number.MAX_SAFE_INTEGER;
      const rank = after ? Number(after.pinned ?? false) : 1;
      const rows = activityOf(filter).all(
        ids.bytes(app), ids.bytes(user), ...filter.kind === undefined ? [] : [filter.kind], ...filter.pinnedFirst ? [rank, rank] : [], from, from, after ? ids.bytes(after.conversation) : first, limit,
        ids.bytes(user),
      );
      return rows.map((row) => {
        const member = memberRow(ids, app, { ...row, marks_version: row.member_marks });
        return { member, stream: streamRow(app, member.conversation, row) };
      });
    },
    membersPage: (app, conversation, limit, afterUser) =>
      membersPage.all(...place(app, conversation), afterUser ? ids.bytes(afterUser) : first, limit).map((row) => memberRow(ids, app, row)),
    marksAfter: (app, conversation, afterVersion, limit) =>
      marksAfter.all(...place(app, conversation), afterVersion, limit).map((row): MarkRow => ({
        user: ids.text('user', row.user_id), deliveredSeq: row.delivered_seq, readSeq: row.read_seq, publicReadSeq: row.public_read_seq, version: row.marks_version,
      })),
    countReceipts: (app, conversation, { seq, except, joinedBelowSeq, own }) =>
      (own ? ownReceipts : sharedReceipts).get(seq, seq, ...place(app, conversation), except === null ? null : ids.bytes(except), joinedBelowSeq)!,
    deletedReplies: (app, conversation, threadSeq, aboveSeq, user, cap) => deletedReplies.get(numbers.of(app, conversation), threadSeq, aboveSeq, ids.bytes(user), cap)?.count ?? 0,
    deletedOfOthers: (app, conversation, aboveOrdinal, user, cap) => deleted.get(numbers.of(app, conversation), aboveOrdinal, ids.bytes(user), cap)?.count ?? 0,
  };
}
