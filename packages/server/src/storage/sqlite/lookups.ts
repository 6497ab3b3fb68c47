/** Single-row lookups that both the appending transaction and the reads use. */
import type { Database } from 'better-sqlite3';
import type { EntryReads } from '../entries.js';
import type { ConversationRow, Interval, MemberRow, MessageRow, StreamRow } from '../rows.js';
import { createEntryReads } from './entry-reads.js';
import type { IdCodec } from './ids.js';
import type { StreamNumbers } from './stream-numbers.js';
import {
  CONVERSATION_COLUMNS, conversationRow, MEMBER_COLUMNS, memberRow, MESSAGE_COLUMNS, messageRow, STREAM_COLUMNS, streamRow,
  type ConversationColumns, type MemberColumns, type MessageColumns, type StreamColumns,
} from '../columns.js';

/** Where the log ends. The store's own row only knows where it ended when facts were last removed. */
export const LAST_POSITION = 'max(position, ifnull((SELECT max(position) FROM events), 0))';
/** Before facts are removed: a position is never given twice. */
export const KEEP_POSITION = `UPDATE store SET position = ${LAST_POSITION}`;

export interface Lookups extends EntryReads {
  lastPosition(): number;
  stream(app: string, stream: string): StreamRow | undefined;
  conversation(app: string, id: string): ConversationRow | undefined;
  member(app: string, conversation: string, user: string): MemberRow | undefined;
  intervals(app: string, conversation: string, user: string): Interval[];
  message(app: string, conversation: string, seq: number): MessageRow | undefined;
  messageAtOrBelow(app: string, conversation: string, seq: number, sender: string | null): MessageRow | undefined;
  ownMessageAbove(app: string, conversation: string, seq: number, sender: string): MessageRow | undefined;
}

export function createLookups(db: Database, ids: IdCodec, numbers: StreamNumbers): Lookups {
  const position = db.prepare<[], { position: number }>(`SELECT ${LAST_POSITION} AS position FROM store`);
  const stream = db.prepare<[Buffer, Buffer], StreamColumns>(`SELECT ${STREAM_COLUMNS.join(', ')} FROM streams WHERE app_id = ? AND stream_id = ?`);
  const conversation = db.prepare<[Buffer, Buffer], ConversationColumns>(`SELECT ${CONVERSATION_COLUMNS.join(', ')} FROM conversations WHERE app_id = ? AND id = ?`);
  const member = db.prepare<[Buffer, Buffer, Buffer], MemberColumns<Buffer>>(`SELECT ${MEMBER_COLUMNS.join(', ')} FROM members WHERE app_id = ? AND conversation_id = ? AND user_id = ?`);
  const intervals = db.prepare<[Buffer, Buffer, Buffer], Interval>('SELECT from_seq AS fromSeq, to_seq AS toSeq FROM member_intervals WHERE app_id = ? AND conversation_id = ? AND user_id = ? ORDER BY from_seq');
  const columns = MESSAGE_COLUMNS.join(', ');
  const message = db.prepare<[number, number], MessageColumns<Buffer>>(`SELECT ${columns} FROM events WHERE stream_no = ? AND seq = ? AND message > 0`);
  const below = db.prepare<[number, number], MessageColumns<Buffer>>(`SELECT ${columns} FROM events WHERE stream_no = ? AND seq <= ? AND message > 0 ORDER BY seq DESC LIMIT 1`);
  const ownBelow = db.prepare<[number, Buffer, number], MessageColumns<Buffer>>(`SELECT ${columns} FROM events INDEXED BY events_sender WHERE stream_no = ? AND actor_id = ? AND seq <= ? AND message > 0 ORDER BY seq DESC LIMIT 1`);
  const ownAbove = db.prepare<[number, Buffer, number], MessageColumns<Buffer>>(`SELECT ${columns} FROM events INDEXED BY events_sender WHERE stream_no = ? AND actor_id = ? AND seq > ? AND message > 0 ORDER BY seq LIMIT 1`);
  const asMessage = (app: string, place: string, row: MessageColumns<Buffer> | undefined): MessageRow | undefined => row && messageRow(ids, app, place, row);
  return {
    ...createEntryReads(db, ids),
    lastPosition: () => position.get()?.position ?? 0,
    stream(app, id) {
      const row = stream.get(ids.bytes(app), ids.bytes(id));
      return row && streamRow(app, id, row);
    },
    conversation(app, id) {
      const row = conversation.get(ids.bytes(app), ids.bytes(id));
      return row && conversationRow(app, id, row);
    },
    member(app, place, user) {
      const row = member.get(ids.bytes(app), ids.bytes(place), ids.bytes(user));
      return row && memberRow(ids, app, row);
    },
    intervals: (app, place, user) => intervals.all(ids.bytes(app), ids.bytes(place), ids.bytes(user)),
    message: (app, place, seq) => asMessage(app, place, message.get(numbers.of(app, place), seq)),
    messageAtOrBelow(app, place, seq, sender) {
      if (sender === null) return asMessage(app, place, below.get(numbers.of(app, place), seq));
      return asMessage(app, place, ownBelow.get(numbers.of(app, place), ids.bytes(sender), seq));
    },
    ownMessageAbove: (app, place, seq, sender) => asMessage(app, place, ownAbove.get(numbers.of(app, place), ids.bytes(sender), seq)),
  };
}
