/** The log and the tables beside it, as the rules ask for them. */
import type { ReadTables } from '../read-tables.js';
import type { MarkRow, MessageRecord, StreamRow } from '../rows.js';
import { createEntryReads } from './entry-reads.js';
import { FIRST_UUID, type IdCodec } from './ids.js';
import { inTurn, type Lookups } from './lookups.js';
import { conversationsByActivity, QUESTIONS } from './questions.js';
import { conversationRow, eventRow, memberRow, messageRecord, messageRow, streamRow, type MessageRecordColumns } from '../columns.js';

export function createReadTables(lookups: Lookups, ids: IdCodec): ReadTables {
  const place = (app: string, stream: string): [string, string] => [ids.uuid(app), ids.uuid(stream)];
  const stream = (app: string, id: string): StreamRow | undefined => lookups.ask(QUESTIONS.stream, place(app, id), ([row]) => row && streamRow(app, id, row));
  return {
    ...createEntryReads(lookups, ids),
    stream,
    lastPosition: () => lookups.ask(QUESTIONS.lastPosition, [1], ([row]) => row?.position ?? 0),
    each: inTurn,
    conversation: (app, id) => lookups.ask(QUESTIONS.conversation, place(app, id), ([row]) => row && conversationRow(app, id, row)),
    member: (app, conversation, user) => lookups.ask(QUESTIONS.member, [...place(app, conversation), ids.uuid(user)], ([row]) => row && memberRow(ids, app, row)),
    intervals: (app, conversation, user) =>
      lookups.ask(QUESTIONS.intervals, [...place(app, conversation), ids.uuid(user)], (rows) => rows.map((row) => ({ fromSeq: row.from_seq, toSeq: row.to_seq }))),
    eventsBetween: (app, id, fromSeq, toSeq, limit) =>
      lookups.ask(QUESTIONS.eventsBetween, [...place(app, id), fromSeq, toSeq, limit], (rows) => rows.map((row) => eventRow(ids, app, id, row))),
    eventsTargeting: (app, id, targetFrom, targetTo, afterSeq, limit) =>
      lookups.ask(QUESTIONS.eventsTargeting, [...place(app, id), targetFrom, targetTo, limit, afterSeq], (rows) => rows.map((row) => eventRow(ids, app, id, row))),
    eventIdAt: (app, id, seq) => lookups.ask(QUESTIONS.eventIdAt, [...place(app, id), seq], ([row]) => row?.event_id),
    eventIdAtPosition: (position) => lookups.ask(QUESTIONS.eventIdAtPosition, [position], ([row]) => row?.event_id),
    lastAtPosition(app, id, position, scan) {
      const head = stream(app, id)?.headSeq ?? 0;
      return lookups.ask(QUESTIONS.lastAtPosition, [...place(app, id), head - scan - 1, position], ([row]) => row && { seq: row.seq, eventId: row.event_id });
    },
    messagesBetween(app, conversation, scope, fromSeq, toSeq, limit, order) {
      const at = [...place(app, conversation), fromSeq, toSeq, limit];
      const found = (rows: readonly MessageRecordColumns<string>[]): MessageRecord[] => rows.map((row) => messageRecord(ids, app, conversation, row));
      const ascending = order === 'asc';
      if (typeof scope === 'number') return lookups.ask(ascending ? QUESTIONS.repliesAscending : QUESTIONS.repliesDescending, [...at, scope], found);
      if (scope === 'main') return lookups.ask(ascending ? QUESTIONS.messagesAscending : QUESTIONS.messagesDescending, at, found);
      const rows = lookups.ask(QUESTIONS.anyMessages, at, found);
      return ascending ? rows : [...rows].reverse();
    },
    conversationsByActivity(app, user, limit, after, filter) {
      const from = after ? [Number(after.pinned ?? false), after.position, ids.uuid(after.conversation)] as const : [1, Number.MAX_SAFE_INTEGER, FIRST_UUID] as const;
      return lookups.ask(conversationsByActivity(filter), [ids.uuid(app), ids.uuid(user), ...from, limit], (rows) => rows.map((row) => {
        const member = memberRow(ids, app, { ...row, marks_version: row.member_marks });
        return { member, stream: streamRow(app, member.conversation, row) };
      }));
    },
    membersPage: (app, conversation, limit, afterUser) =>
      lookups.ask(QUESTIONS.membersPage, [...place(app, conversation), afterUser ? ids.uuid(afterUser) : FIRST_UUID, limit], (rows) => rows.map((row) => memberRow(ids, app, row))),
    marksAfter: (app, conversation, afterVersion, limit) =>
      lookups.ask(QUESTIONS.marksAfter, [...place(app, conversation), afterVersion, limit], (rows) => rows.map((row): MarkRow => ({
        user: ids.text('user', row.user_id), deliveredSeq: row.delivered_seq, readSeq: row.read_seq, publicReadSeq: row.public_read_seq, version: row.marks_version,
      }))),
    ownMessageAbove: (app, conversation, seq, sender) =>
      lookups.ask(QUESTIONS.ownMessageAbove, [...place(app, conversation), seq, ids.uuid(sender)], ([row]) => row && messageRow(ids, app, conversation, row)),
    countReceipts: (app, conversation, { seq, except, joinedBelowSeq, own }) =>
      lookups.ask(QUESTIONS.countReceipts, [...place(app, conversation), seq, except === null ? FIRST_UUID : ids.uuid(except), joinedBelowSeq, Number(own)], ([row]) => ({ members: row?.members ?? 0, delivered: row?.delivered ?? 0, read: row?.read ?? 0 })),
    deletedReplies: (app, conversation, threadSeq, aboveSeq, user, cap) =>
      lookups.ask(QUESTIONS.deletedReplies, [...place(app, conversation), threadSeq, aboveSeq, ids.uuid(user), cap], ([row]) => row?.count ?? 0),
    deletedOfOthers: (app, conversation, aboveOrdinal, user, cap) =>
      lookups.ask(QUESTIONS.deletedOfOthers, [...place(app, conversation), aboveOrdinal, ids.uuid(user), cap], ([row]) => row?.count ?? 0),
  };
}
