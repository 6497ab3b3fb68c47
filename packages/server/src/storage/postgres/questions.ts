/** What the rules look up, each an index range. All of them name the app and the stream (ISO1). */
import { inboxConditions, type InboxFilter } from '../inbox.js';
import { question, type Question } from './lookups.js';
import { LAST_SETTLED } from './positions.js';
import {
  columns, CONVERSATION_COLUMNS, ENTRY_COLUMNS, EVENT_COLUMNS, MEMBER_COLUMNS, MESSAGE_COLUMNS, STREAM_COLUMNS, USER_COLUMNS,
  type CommandKeyColumns, type ConversationColumns, type EntryColumns, type EventColumns, type MemberColumns, type MessageColumns, type MessageRecordColumns, type StreamColumns, type UserColumns,
} from '../columns.js';

const place = { app: 'uuid', stream: 'uuid' } as const;
const range = { from_seq: 'bigint', to_seq: 'bigint', rows_max: 'bigint' } as const;
const here = (table: string): string => `${table}.app_id = asked.app AND ${table}.stream_id = asked.stream`;
/** For each time that it is asked, rows of a range in order. */
const each = (sql: string): string => `SELECT asked.at, found.* FROM asked CROSS JOIN LATERAL (${sql}) AS found`;
// The text of an edited message stands in the fact at body_seq.
const page = (order: 'ASC' | 'DESC', scope: string): string => each(
  `SELECT ${columns(MESSAGE_COLUMNS, 'm')}, m.client_id, coalesce((SELECT b.payload FROM events b WHERE b.app_id = m.app_id AND b.stream_id = m.stream_id AND b.seq = m.body_seq), m.payload) AS payload
     FROM events m WHERE ${here('m')} AND m.seq BETWEEN asked.from_seq AND asked.to_seq AND ${scope} ORDER BY m.seq ${order} LIMIT asked.rows_max`,
);
const message = (condition: string): string => each(`SELECT ${columns(MESSAGE_COLUMNS, 'e')} FROM events e WHERE ${here('e')} AND e.message > 0 AND ${condition} LIMIT 1`);

export const QUESTIONS = {
  lastPosition: question<{ position: number }>('lastPosition', { once: 'bigint' }, `SELECT asked.at, ${LAST_SETTLED} AS position FROM asked`),
  stream: question<StreamColumns>('stream', place, `SELECT asked.at, ${columns(STREAM_COLUMNS, 's')} FROM asked JOIN streams s ON ${here('s')}`),
  conversation: question<ConversationColumns>('conversation', { app: 'uuid', id: 'uuid' },
    `SELECT asked.at, ${columns(CONVERSATION_COLUMNS, 'c')} FROM asked JOIN conversations c ON c.app_id = asked.app AND c.id = asked.id`),
  member: question<MemberColumns<string>>('member', { ...place, member: 'uuid' },
    `SELECT asked.at, ${columns(MEMBER_COLUMNS, 'm')} FROM asked JOIN members m ON m.app_id = asked.app AND m.conversation_id = asked.stream AND m.user_id = asked.member`),
  intervals: question<{ from_seq: number; to_seq: number | null }>('intervals', { ...place, member: 'uuid' },
    `SELECT asked.at, i.from_seq, i.to_seq FROM asked JOIN member_intervals i ON i.app_id = asked.app AND i.conversation_id = asked.stream AND i.user_id = asked.member ORDER BY asked.at, i.from_seq`),
  eventsBetween: question<EventColumns<string>>('eventsBetween', { ...place, ...range },
    each(`SELECT ${columns(EVENT_COLUMNS, 'e')} FROM events e WHERE ${here('e')} AND e.seq BETWEEN asked.from_seq AND asked.to_seq ORDER BY e.seq LIMIT asked.rows_max`)),
  eventsTargeting: question<EventColumns<string>>('eventsTargeting', { ...place, ...range, after_seq: 'bigint' },
    each(`SELECT ${columns(EVENT_COLUMNS, 'e')} FROM events e WHERE ${here('e')} AND e.target_seq BETWEEN asked.from_seq AND asked.to_seq AND e.seq > asked.after_seq ORDER BY e.seq LIMIT asked.rows_max`)),
  eventIdAt: question<{ event_id: string }>('eventIdAt', { ...place, seq: 'bigint' }, `SELECT asked.at, e.event_id FROM asked JOIN events e ON ${here('e')} AND e.seq = asked.seq`),
  eventIdAtPosition: question<{ event_id: string }>('eventIdAtPosition', { position: 'bigint' }, 'SELECT asked.at, e.event_id FROM asked JOIN events e ON e.position = asked.position'),
  lastAtPosition: question<{ seq: number; event_id: string }>('lastAtPosition', { ...place, above_seq: 'bigint', position: 'bigint' },
    each(`SELECT e.seq, e.event_id FROM events e WHERE ${here('e')} AND e.seq > asked.above_seq AND e.position <= asked.position ORDER BY e.seq DESC LIMIT 1`)),
  messagesAscending: question<MessageRecordColumns<string>>('messagesAscending', { ...place, ...range }, page('ASC', 'm.message BETWEEN 1 AND 2')),
  messagesDescending: question<MessageRecordColumns<string>>('messagesDescending', { ...place, ...range }, page('DESC', 'm.message BETWEEN 1 AND 2')),
  anyMessages: question<MessageRecordColumns<string>>('anyMessages', { ...place, ...range }, page('ASC', 'm.message > 0')),
  repliesAscending: question<MessageRecordColumns<string>>('repliesAscending', { ...place, ...range, thread: 'bigint' }, page('ASC', 'm.thread_seq = asked.thread')),
  repliesDescending: question<MessageRecordColumns<string>>('repliesDescending', { ...place, ...range, thread: 'bigint' }, page('DESC', 'm.thread_seq = asked.thread')),
  membersPage: question<MemberColumns<string>>('membersPage', { ...place, after_user: 'uuid', rows_max: 'bigint' },
    each(`SELECT ${columns(MEMBER_COLUMNS, 'm')} FROM members m WHERE m.app_id = asked.app AND m.conversation_id = asked.stream AND m.user_id > asked.after_user AND m.active ORDER BY m.user_id LIMIT asked.rows_max`)),
  marksAfter: question<{ user_id: string; delivered_seq: number; read_seq: number; public_read_seq: number; marks_version: number }>('marksAfter', { ...place, version: 'bigint', rows_max: 'bigint' },
    each(`SELECT m.user_id, m.delivered_seq, m.read_seq, m.public_read_seq, m.marks_version FROM members m
      WHERE m.app_id = asked.app AND m.conversation_id = asked.stream AND m.marks_version > asked.version AND m.marks_version > 0 AND m.active ORDER BY m.marks_version LIMIT asked.rows_max`)),
  countReceipts: question<{ members: number; delivered: number; read: number }>('countReceipts', { ...place, seq: 'bigint', sender: 'uuid', joined_below: 'bigint', own: 'bigint' },
    each(`SELECT count(*) AS members, count(*) FILTER (WHERE m.delivered_seq >= asked.seq) AS delivered,
         count(*) FILTER (WHERE CASE WHEN asked.own = 1 THEN m.read_seq ELSE m.public_read_seq END >= asked.seq) AS read FROM members m
      WHERE m.app_id = asked.app AND m.conversation_id = asked.stream AND m.active AND m.user_id <> asked.sender AND m.joined_seq < asked.joined_below`)),
  deletedOfOthers: question<{ count: number }>('deletedOfOthers', { ...place, ordinal: 'bigint', member: 'uuid', rows_max: 'bigint' },
    each(`SELECT count(*) AS count FROM (SELECT 1 FROM events e WHERE ${here('e')} AND e.ordinal > asked.ordinal AND e.deleted_ms IS NOT NULL AND e.message = 2
       AND e.actor_id IS DISTINCT FROM asked.member LIMIT asked.rows_max) AS counted`)),
  deletedReplies: question<{ count: number }>('deletedReplies', { ...place, thread: 'bigint', above_seq: 'bigint', member: 'uuid', rows_max: 'bigint' },
    each(`SELECT count(*) AS count FROM (SELECT 1 FROM events e WHERE ${here('e')} AND e.thread_seq = asked.thread AND e.seq > asked.above_seq AND e.deleted_ms IS NOT NULL
       AND e.message BETWEEN 2 AND 3 AND e.actor_id IS DISTINCT FROM asked.member LIMIT asked.rows_max) AS counted`)),
  message: question<MessageColumns<string>>('message', { ...place, seq: 'bigint' }, message('e.seq = asked.seq')),
  messageAtOrBelow: question<MessageColumns<string>>('messageAtOrBelow', { ...place, seq: 'bigint' }, message('e.seq <= asked.seq ORDER BY e.seq DESC')),
  ownMessageAtOrBelow: question<MessageColumns<string>>('ownMessageAtOrBelow', { ...place, seq: 'bigint', member: 'uuid' }, message('e.actor_id = asked.member AND e.seq <= asked.seq ORDER BY e.seq DESC')),
  ownMessageAbove: question<MessageColumns<string>>('ownMessageAbove', { ...place, seq: 'bigint', member: 'uuid' }, message('e.actor_id = asked.member AND e.seq > asked.seq ORDER BY e.seq')),
  payload: question<{ payload: string }>('payload', { ...place, seq: 'bigint' }, `SELECT asked.at, e.payload FROM asked JOIN events e ON ${here('e')} AND e.seq = asked.seq`),
  commandKey: question<CommandKeyColumns<string>>('commandKey', { app: 'uuid', actor: 'uuid', client_id: 'text' },
    'SELECT asked.at, k.stream_id, k.kind, k.seq, k.time_ms, k.type, k.target_seq, k.request_hash FROM asked JOIN command_keys k ON k.app_id = asked.app AND k.actor_id = asked.actor AND k.client_id = asked.client_id'),
  pair: question<{ conversation_id: string }>('pair', { app: 'uuid', pair: 'text' }, 'SELECT asked.at, p.conversation_id FROM asked JOIN direct_pairs p ON p.app_id = asked.app AND p.pair = asked.pair'),
  user: question<UserColumns<string>>('user', { app: 'uuid', member: 'uuid' }, `SELECT asked.at, ${columns(USER_COLUMNS, 'u')} FROM asked JOIN users u ON u.app_id = asked.app AND u.id = asked.member`),
  entry: question<EntryColumns>('entry', { ...place, kind: 'text', name: 'text', target: 'bigint' },
    `SELECT asked.at, ${columns(ENTRY_COLUMNS, 'e')} FROM asked JOIN entries e ON ${here('e')} AND e.type = asked.kind AND e.key = asked.name AND e.target_seq = asked.target`),
  entriesOfKey: question<EntryColumns>('entriesOfKey', { ...place, kind: 'text', name: 'text', ...range },
    each(`SELECT ${columns(ENTRY_COLUMNS, 'e')} FROM entries e WHERE ${here('e')} AND e.type = asked.kind AND e.key = asked.name
       AND e.target_seq BETWEEN asked.from_seq AND asked.to_seq ORDER BY e.target_seq LIMIT asked.rows_max`)),
  lastEntriesOfKey: question<EntryColumns>('lastEntriesOfKey', { ...place, kind: 'text', name: 'text', ...range },
    each(`SELECT ${columns(ENTRY_COLUMNS, 'e')} FROM entries e WHERE ${here('e')} AND e.type = asked.kind AND e.key = asked.name
       AND e.target_seq BETWEEN asked.from_seq AND asked.to_seq ORDER BY e.target_seq DESC LIMIT asked.rows_max`)),
  entriesOfType: question<EntryColumns>('entriesOfType', { ...place, kind: 'text', after: 'text', rows_max: 'bigint' },
    each(`SELECT ${columns(ENTRY_COLUMNS, 'e')} FROM entries e WHERE ${here('e')} AND e.type = asked.kind AND e.key > asked.after AND e.target_seq = 0 ORDER BY e.key LIMIT asked.rows_max`)),
  entriesAbout: question<EntryColumns>('entriesAbout', { ...place, target: 'bigint', kind: 'text', after: 'text', rows_max: 'bigint' },
    each(`SELECT ${columns(ENTRY_COLUMNS, 'e')} FROM entries e WHERE ${here('e')} AND e.target_seq = asked.target AND e.target_seq > 0 AND e.type = asked.kind AND e.key > asked.after
       ORDER BY e.key LIMIT asked.rows_max`)),
  countEntries: question<{ count: number }>('countEntries', { ...place, kind: 'text', name: 'text', other: 'text', above_seq: 'bigint', rows_max: 'bigint' },
    each(`SELECT count(*) AS count FROM (SELECT 1 FROM entries e WHERE ${here('e')} AND e.type = asked.kind AND e.key IN (asked.name, asked.other) AND e.target_seq > asked.above_seq LIMIT asked.rows_max) AS counted`)),
} as const;

type Activity = Question<MemberColumns<string> & StreamColumns & { member_marks: number }>;

/** A user's conversations as a filter wants them, the latest activity first. */
export function conversationsByActivity(filter: InboxFilter): Activity {
  const rank = filter.pinnedFirst ? '(m.pinned_ms IS NOT NULL)::int' : '0';
  const kind = filter.kind === undefined ? '' : ` AND (SELECT c.kind FROM conversations c WHERE c.app_id = m.app_id AND c.id = m.conversation_id) = '${filter.kind}'`;
  const sql = each(`SELECT ${MEMBER_COLUMNS.map((name) => `m.${name}${name === 'marks_version' ? ' AS member_marks' : ''}`).join(', ')}, ${columns(STREAM_COLUMNS, 's')}
       FROM members m JOIN streams s ON s.app_id = m.app_id AND s.stream_id = m.conversation_id
      WHERE m.app_id = asked.app AND m.user_id = asked.member AND m.active${kind}${inboxConditions(filter)}
        AND (${rank} < asked.place OR (${rank} = asked.place AND (s.head_position < asked.position OR (s.head_position = asked.position AND m.conversation_id > asked.conversation))))
      ORDER BY ${filter.pinnedFirst ? `${rank} DESC, ` : ''}s.head_position DESC, m.conversation_id LIMIT asked.rows_max`);
  return question(`conversationsByActivity ${JSON.stringify(filter)}`, { app: 'uuid', member: 'uuid', place: 'bigint', position: 'bigint', conversation: 'uuid', rows_max: 'bigint' }, sql);
}
