/** Reads of the log and of the tables beside it, inside one call and so in one snapshot. */
import type { InboxFilter } from '../inbox.js';
import type { ReadCalls } from '../port.js';
import { movedTo } from '../read-calls.js';
import type { MessageScope, ReadTables, UserConversation } from '../read-tables.js';
import type { EventRow, MarkRow, MemberRow, MessageRecord, MessageRow, StreamRow } from '../rows.js';
import { createLookups } from './lookups.js';
import { byText, inPositionOrder, inSeqOrder, settledEnd } from './sorted.js';
import { eventAt, keyOf, messagesOf, type MemoryTables } from './tables.js';

export function createReadTables(tables: MemoryTables): ReadTables & Pick<ReadCalls, 'factsAfterPosition' | 'moved'> {
  const lookups = createLookups(tables);
  const eventsOf = (app: string, stream: string): readonly EventRow[] => tables.events.get(keyOf(app, stream)) ?? [];
  const activeMembers = (app: string, conversation: string): MemberRow[] =>
    [...tables.members.get(keyOf(app, conversation))?.values() ?? []].filter((row) => row.active);

  return {
    ...lookups,
    each: (items, read) => items.map(read),
    eventsBetween(app, stream, fromSeq, toSeq, limit) {
      const events = eventsOf(app, stream);
      return events.slice(inSeqOrder(events, fromSeq), inSeqOrder(events, toSeq + 1)).slice(0, limit).map((row) => ({ ...row }));
    },
    eventsTargeting(app, stream, targetFrom, targetTo, afterSeq, limit) {
      const events = eventsOf(app, stream);
      const found = events.slice(inSeqOrder(events, afterSeq + 1)).filter((row) => row.targetSeq !== null && row.targetSeq >= targetFrom && row.targetSeq <= targetTo);
      return found.slice(0, limit).map((row) => ({ ...row }));
    },
    eventIdAtPosition(position) {
      const found = tables.log[inPositionOrder(tables.log, position)];
      return found?.position === position ? found.eventId : undefined;
    },
    eventIdAt: (app, stream, seq) => eventAt(tables, app, stream, seq)?.eventId,
    lastAtPosition(app, stream, position, scan) {
      const events = eventsOf(app, stream);
      const from = (lookups.stream(app, stream)?.headSeq ?? 0) - scan;
      const found = events[inPositionOrder(events, position + 1) - 1];
      return found && found.seq >= from ? { seq: found.seq, eventId: found.eventId } : undefined;
    },
    factsAfterPosition(position, limit) {
      const from = inPositionOrder(tables.log, position + 1);
      return tables.log.slice(from, Math.min(from + limit, settledEnd(tables))).map((row) => ({ ...row }));
    },
    moved(position, limit) {
      const from = inPositionOrder(tables.log, position + 1);
      const places = tables.log.slice(from, from + limit).map((row) => ({ app: row.app, stream: row.stream, seq: row.seq, eventId: row.eventId, position: row.position }));
      return movedTo(places, limit, settledEnd(tables) - from);
    },
    messagesBetween(app, conversation, scope, fromSeq, toSeq, limit, order) {
      const messages = messagesOf(tables, app, conversation, null);
      const found = messages.slice(inSeqOrder(messages, fromSeq), inSeqOrder(messages, toSeq + 1)).filter((row) => inScope(row, scope));
      return (order === 'asc' ? found : found.reverse()).slice(0, limit).flatMap((row) => recordOf(tables, row) ?? []);
    },
    conversationsByActivity(app, user, limit, after, filter) {
      const found = [...tables.memberships.get(keyOf(app, user)) ?? []].flatMap((conversation) => {
        const member = lookups.member(app, conversation, user);
        const stream = lookups.stream(app, conversation);
        const kind = lookups.conversation(app, conversation)?.kind;
        return member?.active && stream && isWanted(member, stream, kind, filter) ? [{ member, stream }] : [];
      });
      const rank = (one: UserConversation): number => (filter.pinnedFirst && one.member.pinnedMs !== null ? 1 : 0);
      const order = (left: UserConversation, right: UserConversation): number =>
        rank(right) - rank(left) || right.stream.headPosition - left.stream.headPosition || byText(left.stream.stream, right.stream.stream);
      const behind = ({ member, stream }: UserConversation): boolean => {
        if (!after) return true;
        const by = (after.pinned ? 1 : 0) - rank({ member, stream }) || after.position - stream.headPosition;
        return by > 0 || (by === 0 && stream.stream > after.conversation);
      };
      return found.filter(behind).sort(order).slice(0, limit);
    },
    membersPage(app, conversation, limit, afterUser) {
      const found = activeMembers(app, conversation).filter((row) => afterUser === null || row.user > afterUser);
      return found.sort((left, right) => byText(left.user, right.user)).slice(0, limit).map((row) => ({ ...row }));
    },
    marksAfter(app, conversation, afterVersion, limit) {
      const found = activeMembers(app, conversation).filter((row) => row.marksVersion > afterVersion).sort((left, right) => left.marksVersion - right.marksVersion);
      return found.slice(0, limit).map((row): MarkRow => ({ user: row.user, deliveredSeq: row.deliveredSeq, readSeq: row.readSeq, publicReadSeq: row.publicReadSeq, version: row.marksVersion }));
    },
    countReceipts(app, conversation, { seq, except, joinedBelowSeq, own }) {
      const found = activeMembers(app, conversation).filter((row) => row.user !== except && row.joinedSeq < joinedBelowSeq);
      const count = (has: (row: MemberRow) => boolean): number => found.filter(has).length;
      return { members: found.length, delivered: count((row) => row.deliveredSeq >= seq), read: count((row) => (own ? row.readSeq : row.publicReadSeq) >= seq) };
    },
    deletedReplies(app, conversation, threadSeq, aboveSeq, user, cap) {
      const counted = (row: MessageRow): boolean => row.threadSeq === threadSeq && row.seq > aboveSeq && row.countsInThread && row.deletedMs !== null && row.sender !== user;
      return Math.min(messagesOf(tables, app, conversation, null).filter(counted).length, cap);
    },
    deletedOfOthers(app, conversation, aboveOrdinal, user, cap) {
      const counted = (row: MessageRow): boolean => row.countable && row.deletedMs !== null && row.ordinal > aboveOrdinal && row.sender !== user;
      return Math.min(messagesOf(tables, app, conversation, null).filter(counted).length, cap);
    },
  };
}

function isWanted(member: MemberRow, stream: StreamRow, kind: string | undefined, filter: InboxFilter): boolean {
  const unread = member.unreadFromSeq !== null || stream.ordinal - member.readOrdinal - (member.senderOrdinal - member.readSenderOrdinal) > 0;
  const is = (wanted: boolean | undefined, so: boolean): boolean => wanted === undefined || wanted === so;
  return is(filter.pinned, member.pinnedMs !== null) && is(filter.archived, member.archivedMs !== null) && is(filter.muted, (member.mutedUntilMs ?? 0) > (filter.nowMs ?? 0))
    && (filter.kind === undefined || filter.kind === kind) && (!filter.unread || unread) && (filter.hidden === true || member.hiddenSeq === null || stream.headSeq > member.hiddenSeq);
}

function inScope(row: MessageRow, scope: MessageScope): boolean {
  if (scope === 'any') return true;
  return scope === 'main' ? !row.inThreadOnly : row.threadSeq === scope;
}

/** The text stands in the fact at `bodySeq`; the client id in the message's own fact. */
function recordOf(tables: MemoryTables, row: MessageRow): MessageRecord | undefined {
  const body = eventAt(tables, row.app, row.conversation, row.bodySeq);
  const own = eventAt(tables, row.app, row.conversation, row.seq);
  return body && own && { ...row, payload: body.payload, clientId: own.clientId };
}
