/** The reads that hold rules (visibility, resume, unread), written once over what a driver can look up in one snapshot. */
import { isUserStream } from '@talaria/protocol';
import type { ConversationRecord, FactPlace, FactsPage, FactsQuery, MessagesPage, MessagesQuery, Moved, Paged, ReadCalls, ResumeAnswer, ResumeQuery, ResumeStream, Viewer } from './port.js';
import type { ConversationRow, EventRow, Interval, MarkRow, MemberRow, MessageRecord, StreamRow } from './rows.js';
import { unreadCount, type UnreadTables } from './unread.js';
import { memberView, omittedIn, sees, wholeView, type View } from './visible.js';

export interface UserConversation {
  readonly member: MemberRow;
  readonly stream: StreamRow;
}

/** Lookups inside one snapshot. */
export interface ReadTables extends UnreadTables {
  /** Reads for each of several things. A driver that has to wait for its database waits once for all. */
  each<T, R>(items: readonly T[], read: (item: T) => R): R[];
  lastPosition(): number;
  eventIdAtPosition(position: number): string | undefined;
  stream(app: string, stream: string): StreamRow | undefined;
  conversation(app: string, id: string): ConversationRow | undefined;
  member(app: string, conversation: string, user: string): MemberRow | undefined;
  intervals(app: string, conversation: string, user: string): readonly Interval[];
  eventsBetween(app: string, stream: string, fromSeq: number, toSeq: number, limit: number): readonly EventRow[];
  eventsTargeting(app: string, stream: string, targetFrom: number, targetTo: number, afterSeq: number, limit: number): readonly EventRow[];
  eventIdAt(app: string, stream: string, seq: number): string | undefined;
  /** The last fact at or below a position, looking back over at most `scan` facts from the head. */
  lastAtPosition(app: string, stream: string, position: number, scan: number): { seq: number; eventId: string } | undefined;
  messagesBetween(app: string, conversation: string, fromSeq: number, toSeq: number, limit: number, order: 'asc' | 'desc'): readonly MessageRecord[];
  /** A user's active conversations, the most recently moved first, in one query (RES2). */
  conversationsByActivity(app: string, user: string, limit: number, after: { position: number; conversation: string } | null): readonly UserConversation[];
  membersPage(app: string, conversation: string, limit: number, afterUser: string | null): readonly MemberRow[];
  marksAfter(app: string, conversation: string, afterVersion: number, limit: number): readonly MarkRow[];
}

type RuleReads = Pick<ReadCalls, 'facts' | 'head' | 'marksVersions' | 'changes' | 'resume' | 'conversation' | 'inbox' | 'members' | 'intervals' | 'messages' | 'message' | 'messagesAt' | 'marks'>;

const NO_STREAM = { headSeq: 0, headPosition: 0, headEventId: '', floorSeq: 0, floorOrdinal: 0, ordinal: 0, marksVersion: 0 };

/** Cuts a list that was read one item too long. */
export function paged<T>(items: readonly T[], limit: number): Paged<T> {
  return { items: items.slice(0, limit), more: items.length > limit };
}

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
  const streamOf = (app: string, stream: string): StreamRow => tables.stream(app, stream) ?? { app, stream, ...NO_STREAM };

  /** What the viewer sees of a stream; undefined when it does not exist for them (ISO1, ISO2). */
  function viewOf(app: string, stream: StreamRow, viewer: Viewer): { view: View; member: MemberRow | null } | undefined {
    if (viewer === stream.stream) return { view: wholeView(stream.headSeq, stream.floorSeq), member: null };
    const conversation = tables.conversation(app, stream.stream);
    if (!conversation) return undefined;
    if (viewer === null) return { view: wholeView(stream.headSeq, stream.floorSeq), member: null };
    const member = tables.member(app, stream.stream, viewer);
    const view = memberView(member, tables.intervals(app, stream.stream, viewer), conversation.history, stream.headSeq, stream.floorSeq);
    return view && member ? { view, member } : undefined;
  }

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
      cursorEventId: query.withCursor ? tables.eventIdAt(query.app, query.stream, query.afterSeq) ?? null : null, role: member?.active ? member.role : null, active: member?.active ?? true,
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
      marksVersion: stream.marksVersion, joinedSeq: member?.joinedSeq ?? 1, role: member?.role ?? null,
      atPosition: !moved ? atHead : lookBack ? placeAt(query, stream, query.position) : null,
    };
  }

  function resume(query: ResumeQuery): ResumeAnswer {
    const placed = new Set(query.placed);
    const rows = tables.conversationsByActivity(query.app, query.user, Math.max(query.recent, query.limit) + 1, null);
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

  function record(conversation: ConversationRow, viewer: Viewer): ConversationRecord | null {
    const stream = streamOf(conversation.app, conversation.id);
    const seen = viewOf(conversation.app, stream, viewer);
    if (!seen) return null;
    const last = seen.view.ranges.at(-1);
    const lastMessage = last ? tables.messagesBetween(conversation.app, conversation.id, last.fromSeq, last.toSeq, 1, 'desc')[0] : undefined;
    return {
      conversation: seen.member?.active === false ? asLeft(conversation) : conversation, stream, member: seen.member, endSeq: seen.view.endSeq, lastMessage: lastMessage ? asSeen(tables, seen.view, lastMessage) : null,
      unread: seen.member ? unreadCount(tables, stream, seen.member) : 0,
    };
  }

  function messageAt(app: string, viewer: Viewer, conversation: string, seq: number): MessageRecord | null {
    const seen = viewOf(app, streamOf(app, conversation), viewer);
    if (!seen || !sees(seen.view, seq)) return null;
    const found = tables.messagesBetween(app, conversation, seq, seq, 1, 'asc')[0];
    return found ? asSeen(tables, seen.view, found) : null;
  }

  function messages(query: MessagesQuery): MessagesPage | null {
    const stream = streamOf(query.app, query.conversation);
    const seen = viewOf(query.app, stream, query.viewer);
    return seen ? messagesPage(tables, query, seen.view) : null;
  }

  return {
    facts, changes, resume, messages,
    head(app, stream) {
      const row = isUserStream(stream) ? streamOf(app, stream) : tables.stream(app, stream);
      return row ? { ...row, atPosition: tables.lastPosition() } : null;
    },
    marksVersions: (places) => tables.each(places, ({ app, stream }) => tables.stream(app, stream)?.marksVersion ?? 0),
    conversation(app, viewer, id) {
      const row = tables.conversation(app, id);
      return row ? record(row, viewer) : null;
    },
    inbox(app, user, limit, after) {
      const rows = paged(tables.conversationsByActivity(app, user, limit + 1, after), limit);
      const items = tables.each(rows.items, (row) => {
        const conversation = tables.conversation(app, row.stream.stream);
        return conversation ? record(conversation, user) : null;
      });
      return { items: items.filter((item) => item !== null), more: rows.more };
    },
    members(app, viewer, conversation, limit, afterUser) {
      const seen = viewOf(app, streamOf(app, conversation), viewer);
      // A former member sees facts of their time, not who is there now.
      if (!seen || (seen.member && !seen.member.active)) return null;
      return paged(tables.membersPage(app, conversation, limit + 1, afterUser), limit);
    },
    intervals: (app, conversation, user) => tables.intervals(app, conversation, user),
    message: messageAt,
    messagesAt: (app, viewer, places) => tables.each(places, ({ conversation, seq }) => messageAt(app, viewer, conversation, seq)),
    marks(app, viewer, conversation, afterVersion, limit) {
      const stream = streamOf(app, conversation);
      const seen = viewOf(app, stream, viewer);
      if (!seen || (seen.member && !seen.member.active)) return null;
      return { ...paged(tables.marksAfter(app, conversation, afterVersion, limit + 1), limit), version: stream.marksVersion };
    },
  };
}

/** ISO3: what a group is called today, and how many are in it, is none of a former member's business. */
function asLeft(conversation: ConversationRow): ConversationRow {
  return { ...conversation, name: '', data: '{}', memberCount: 0, updatedMs: conversation.createdMs };
}

/** A page of history in ascending order, with the range it covers. */
function messagesPage(tables: ReadTables, query: MessagesQuery, view: View): MessagesPage {
  const older = (below: number, limit: number): MessageRecord[] => collect(tables, query, view, 1, below - 1, limit, 'desc').reverse();
  const newer = (above: number, limit: number): MessageRecord[] => collect(tables, query, view, above + 1, view.endSeq, limit, 'asc');
  let items: MessageRecord[];
  switch (query.anchor.kind) {
    case 'newest': items = older(view.endSeq + 1, query.limit); break;
    case 'before': items = older(query.anchor.seq, query.limit); break;
    case 'after': items = newer(query.anchor.seq, query.limit); break;
    case 'around': {
      const half = Math.floor(query.limit / 2);
      items = [...older(query.anchor.seq, half), ...newer(query.anchor.seq - 1, query.limit - half)];
      break;
    }
  }
  const anchorSeq = anchorOf(query, view);
  const first = items[0]?.seq ?? anchorSeq;
  const last = items.at(-1)?.seq ?? anchorSeq - 1;
  const hasBefore = collect(tables, query, view, 1, first - 1, 1, 'desc').length > 0;
  const hasAfter = collect(tables, query, view, last + 1, view.endSeq, 1, 'asc').length > 0;
  const covers = { fromSeq: hasBefore ? first : 1, toSeq: hasAfter ? last : view.endSeq };
  return { items, covers, hasBefore, hasAfter, headSeq: view.endSeq, omitted: omittedIn(view, covers.fromSeq, covers.toSeq) };
}

/** Where an empty page would begin: everything below has been asked about, or lies before. */
function anchorOf(query: MessagesQuery, view: View): number {
  if (query.anchor.kind === 'newest') return view.endSeq + 1;
  // Seqs begin at 1: before 0 is before everything, and no page ends below 0.
  if (query.anchor.kind !== 'after') return Math.max(1, query.anchor.seq);
  // A page may begin far behind the end, but not where numbers end.
  return Math.min(query.anchor.seq, Number.MAX_SAFE_INTEGER - 1) + 1;
}

/**
 * ISO2, ISO3: a message as the last fact about it says that the viewer may see: an edit from outside of their time is none of
 * their business. A deletion is, because the text is gone for everyone (VIS4).
 */
function asSeen(tables: ReadTables, view: View, message: MessageRecord): MessageRecord {
  if (message.deletedMs !== null || sees(view, message.bodySeq)) return message;
  const { app, conversation, seq } = message;
  const edits = tables.eventsTargeting(app, conversation, seq, seq, seq, Number.MAX_SAFE_INTEGER);
  const body = edits.findLast((event) => sees(view, event.seq)) ?? tables.eventsBetween(app, conversation, seq, seq, 1)[0];
  if (!body) return message;
  return { ...message, payload: body.payload, bodySeq: body.seq, changedSeq: body.seq, editedMs: body.seq === seq ? null : body.timeMs };
}

function collect(tables: ReadTables, query: MessagesQuery, view: View, fromSeq: number, toSeq: number, limit: number, order: 'asc' | 'desc'): MessageRecord[] {
  const ranges = order === 'asc' ? view.ranges : [...view.ranges].reverse();
  const items: MessageRecord[] = [];
  for (const range of ranges) {
    const from = Math.max(range.fromSeq, fromSeq);
    const to = Math.min(range.toSeq, toSeq);
    if (from > to || items.length >= limit) continue;
    const found = tables.messagesBetween(query.app, query.conversation, from, to, limit - items.length, order);
    items.push(...tables.each(found, (message) => asSeen(tables, view, message)));
  }
  return items;
}
