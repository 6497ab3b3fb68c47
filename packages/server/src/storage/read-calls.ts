/** The reads that hold rules (visibility, resume, unread), written once over what a driver can look up in one snapshot. */
import { isUserStream, limits } from '@talaria/protocol';
import { hiddenSenders } from './hidden-senders.js';
import { seenBy, seenMessages } from './message-seen.js';
import type { InboxFilter } from './inbox.js';
import type { ConversationRecord, FactPlace, FactsPage, FactsQuery, Moved, ReadCalls, ResumeAnswer, ResumeQuery, ResumeStream, Viewer } from './port.js';
import { paged } from './paged.js';
import type { ReadTables } from './read-tables.js';
import type { ConversationRow, EventRow, MemberRow, MessageRecord, SeenMessage, StreamRow } from './rows.js';
import { createStreamViews, type SeenStream } from './stream-view.js';
import { mentionCount, unreadCount } from './unread.js';
import { omittedIn, type View } from './visible.js';

type RuleReads = Pick<ReadCalls, 'facts' | 'head' | 'marksVersions' | 'changes' | 'resume' | 'conversation' | 'inbox' | 'unread' | 'members' | 'intervals' | 'marks'>;

/** Whatever a user has: what they have hidden, too, is followed and resumed. */
export const ALL: InboxFilter = { hidden: true };

/** What a page of facts says of their streams. @param settled how many of the facts are; all, where transactions end in the order of their positions */
export function movedTo(facts: readonly FactPlace[], limit: number, settled = facts.length): Moved {
  const last = facts.at(-1);
  const lastSettled = facts[Math.min(settled, facts.length) - 1];
  const byStream = new Map<string, FactPlace>();
  for (const fact of facts) {
    const key = `${fact.app}/${fact.stream}`;
    if ((byStream.get(key)?.seq ?? 0) < fact.seq) byStream.set(key, fact);
  }
  return {
    places: [...byStream.values()].sort((left, right) => left.position - right.position),
    settled: lastSettled ? { position: lastSettled.position, eventId: lastSettled.eventId } : null, next: last && facts.length >= limit ? last.position : null,
  };
}

/** As many facts as fit, and at least one. */
function cut(facts: readonly EventRow[], charsMax: number | undefined): readonly EventRow[] {
  if (charsMax === undefined) return facts;
  let chars = 0;
  const end = facts.findIndex((fact) => (chars += fact.payload.length) > charsMax);
  return end < 0 ? facts : facts.slice(0, Math.max(end, 1));
}

export function createRuleReads(tables: ReadTables): RuleReads {
  const { streamOf, viewOf, viewIn, viewOfMember } = createStreamViews(tables);

  function visibleEvents(query: FactsQuery, view: View): EventRow[] {
    const facts: EventRow[] = [];
    for (const range of view.ranges) {
      const from = Math.max(range.fromSeq, query.afterSeq + 1);
      if (from > range.toSeq) continue;
      if (facts.length >= query.limit) break;
      facts.push(...tables.eventsBetween(query.app, query.stream, from, range.toSeq, query.limit - facts.length));
    }
    return facts;
  }

  function facts(query: FactsQuery): FactsPage | null {
    const stream = streamOf(query.app, query.stream);
    const seen = viewOf(query.app, stream, query.viewer);
    if (!seen) return null;
    const { view, member } = seen;
    const all = visibleEvents(query, view);
    const found = cut(all, query.chars_max);
    const full = found.length < all.length || found.length >= query.limit;
    const toSeq = Math.max(query.afterSeq, full ? found.at(-1)!.seq : view.endSeq);
    return {
      facts: found, fromSeq: query.afterSeq + 1, toSeq, omitted: omittedIn(view, query.afterSeq + 1, toSeq),
      endSeq: view.endSeq, endEventId: view.endSeq === stream.headSeq ? stream.headEventId : tables.eventIdAt(query.app, query.stream, view.endSeq) ?? '',
      floorSeq: stream.floorSeq, marksVersion: stream.marksVersion,
      cursorEventId: query.withCursor ? tables.eventIdAt(query.app, query.stream, query.afterSeq) ?? null : null, active: member?.active ?? true,
    };
  }

  const changes: ReadCalls['changes'] = (query) => {
    const seen = viewOf(query.app, streamOf(query.app, query.conversation), query.viewer);
    if (!seen) return null;
    const { fromSeq, toSeq } = query.range;
    const found: EventRow[] = [];
    // Range by range, so that a run of changes that the viewer does not see neither fills a page nor ends the walk.
    for (const range of seen.view.ranges) {
      const after = Math.max(query.afterSeq, range.fromSeq - 1);
      if (found.length > query.limit || after >= range.toSeq) continue;
      const changed = tables.eventsTargeting(query.app, query.conversation, fromSeq, toSeq, after, query.limit + 1 - found.length);
      found.push(...changed.filter((event) => event.seq <= range.toSeq));
    }
    return paged(found, query.limit);
  };

  /** Where a client that has everything up to the position is in a stream; null when that is too far back. */
  function placeAt(query: ResumeQuery, stream: StreamRow, position: number): ResumeStream['atPosition'] {
    const last = tables.lastAtPosition(query.app, stream.stream, position, query.scan);
    if (last) return last;
    // RES1: with every fact looked at and none so old, the client stands before the first.
    return stream.floorSeq === 0 && stream.headSeq <= query.scan ? { seq: 0, eventId: '' } : null;
  }

  function resumeStream(query: ResumeQuery, stream: StreamRow, member: MemberRow | null, placed: ReadonlySet<string>): ResumeStream {
    const moved = query.position === null || stream.headPosition > query.position;
    const atHead = { seq: stream.headSeq, eventId: stream.headEventId };
    const lookBack = query.position !== null && moved && !placed.has(stream.stream);
    return {
      stream: stream.stream, headSeq: stream.headSeq, headEventId: stream.headEventId, headPosition: stream.headPosition,
      marksVersion: stream.marksVersion, joinedSeq: member?.joinedSeq ?? 1,
      atPosition: !moved ? atHead : lookBack ? placeAt(query, stream, query.position) : null,
    };
  }

  function resume(query: ResumeQuery): ResumeAnswer {
    const placed = new Set(query.placed);
    const rows = tables.conversationsByActivity(query.app, query.user, Math.max(query.recent, query.limit) + 1, null, ALL);
    // To a client that has nothing yet, everything has moved.
    const wanted = rows.filter((row, at) => at < query.recent || placed.has(row.stream.stream) || query.position === null || row.stream.headPosition > query.position);
    return {
      position: tables.lastPosition(),
      positionEventId: query.position === null ? '' : tables.eventIdAtPosition(query.position) ?? '',
      userStream: resumeStream(query, streamOf(query.app, query.user), null, placed),
      conversations: tables.each(wanted.slice(0, query.limit), (row) => resumeStream(query, row.stream, row.member, placed)),
      more: wanted.length > query.limit,
    };
  }

  function record(conversation: ConversationRow, stream: StreamRow, seen: SeenStream, viewer: Viewer, hiding?: ReadonlySet<string>): ConversationRecord {
    const { view, member } = seen;
    return {
      conversation: member?.active === false ? asLeft(conversation) : conversation, stream, member, endSeq: view.endSeq, lastMessage: lastShown(tables, conversation, seen, viewer, hiding),
      unread: member ? unreadCount(tables, stream, member) : 0, mentions: member ? mentionCount(tables, stream, member) : 0,
    };
  }

  return {
    facts, changes, resume,
    head(app, stream) {
      const row = isUserStream(stream) ? streamOf(app, stream) : tables.stream(app, stream);
      return row ? { ...row, atPosition: tables.lastPosition() } : null;
    },
    marksVersions: (places) => tables.each(places, ({ app, stream }) => tables.stream(app, stream)?.marksVersion ?? 0),
    conversation(app, viewer, id) {
      const row = tables.conversation(app, id);
      if (!row) return null;
      const stream = streamOf(app, id);
      const seen = viewIn(row, stream, viewer);
      return seen ? record(row, stream, seen, viewer) : null;
    },
    inbox(app, user, limit, after, filter = ALL) {
      const rows = paged(tables.conversationsByActivity(app, user, limit + 1, after, filter), limit);
      const hiding = hiddenSenders(tables, app, user);
      // The page has read each member and stream already.
      const items = tables.each(rows.items, ({ stream, member }) => {
        const conversation = tables.conversation(app, stream.stream);
        const seen = conversation && viewOfMember(conversation, stream, member);
        return seen ? record(conversation, stream, seen, user, hiding) : null;
      });
      return { items: items.filter((item) => item !== null), more: rows.more };
    },
    unread(app, user, filter) {
      const cap = limits.unread_conversations_max;
      const rows = paged(tables.conversationsByActivity(app, user, cap + 1, null, { ...filter, unread: true }), cap);
      // CNT2: arithmetic alone. No message is read, and no conversation.
      const counts = tables.each(rows.items, ({ stream, member }) => ({ messages: unreadCount(tables, stream, member), mentions: mentionCount(tables, stream, member), marked: member.unreadFromSeq !== null }));
      const sum = (field: 'messages' | 'mentions'): number => counts.reduce((total, one) => total + one[field], 0);
      // What had been unread may be deleted since.
      return { conversations: counts.filter(({ messages, marked }) => messages > 0 || marked).length, messages: sum('messages'), mentions: sum('mentions'), complete: !rows.more };
    },
    members(app, viewer, conversation, limit, afterUser) {
      const seen = viewOf(app, streamOf(app, conversation), viewer);
      // A former member sees facts of their time, not who is there now.
      if (!seen || (seen.member && !seen.member.active)) return null;
      return paged(tables.membersPage(app, conversation, limit + 1, afterUser), limit);
    },
    intervals: (app, conversation, user) => tables.intervals(app, conversation, user),
    marks(app, viewer, conversation, afterVersion, limit) {
      const stream = streamOf(app, conversation);
      const seen = viewOf(app, stream, viewer);
      if (!seen || (seen.member && !seen.member.active)) return null;
      const page = paged(tables.marksAfter(app, conversation, afterVersion, limit + 1), limit);
      // CNT3: others are shown what a user shares; the user's own devices, and the app's backend, where the mark is.
      const items = page.items.map((mark) => (viewer === null || viewer === mark.user ? mark : { ...mark, readSeq: mark.publicReadSeq }));
      return { ...page, items, version: stream.marksVersion };
    },
  };
}

/** Hidden messages that are looked over for the last one that is shown. */
const HIDDEN_MAX = 20;

/** The last message that the viewer is shown; null also when many at the end are hidden (VIS2). */
function lastShown(tables: ReadTables, { app, id }: ConversationRow, seen: SeenStream, viewer: Viewer, hiding?: ReadonlySet<string>): SeenMessage | null {
  const last = seen.view.ranges.at(-1);
  if (!last) return null;
  const newest = (limit: number): readonly MessageRecord[] => tables.messagesBetween(app, id, 'main', last.fromSeq, last.toSeq, limit, 'desc');
  const [first] = newest(1);
  return first ? seenBy(tables, seen, viewer, first, hiding) ?? seenMessages(tables, seen, viewer, newest(HIDDEN_MAX), hiding)[0] ?? null : null;
}

/** ISO3: what a group is called today, and how many are in it, is none of a former member's business. */
function asLeft(conversation: ConversationRow): ConversationRow {
  return { ...conversation, name: '', data: '{}', settings: '{}', memberCount: 0, updatedMs: conversation.createdMs };
}
