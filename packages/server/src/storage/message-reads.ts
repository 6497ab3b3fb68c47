/** The reads of messages that hold rules, written once over what a driver can look up in one snapshot. */
import { limits, type MessageState } from '@talaria/protocol';
import { seenBy, seenMessages } from './message-seen.js';
import type { MessagesPage, MessagesQuery, Paged, ReadCalls, ThreadRecord, Viewer } from './port.js';
import { paged } from './paged.js';
import type { ReadTables } from './read-tables.js';
import { createReceiptReads } from './receipt-reads.js';
import type { EntryRow, EventRow, MessageRecord, SeenMessage } from './rows.js';
import { parseStored } from './stored-json.js';
import { createStreamViews, type SeenStream } from './stream-view.js';
import { omittedIn, sees, type View } from './visible.js';

type MessageReads = Pick<ReadCalls, 'messages' | 'message' | 'messagesAt' | 'versions' | 'pins' | 'entriesAbout' | 'entries' | 'threads' | 'receipts'>;

export function createMessageReads(tables: ReadTables): MessageReads {
  const { streamOf, viewOf } = createStreamViews(tables);

  /** A message that the viewer may see, as it stands in the table. */
  function visibleMessage(app: string, viewer: Viewer, conversation: string, seq: number): { readonly seen: SeenStream; readonly found: MessageRecord } | undefined {
    const seen = viewOf(app, streamOf(app, conversation), viewer);
    if (!seen || !sees(seen.view, seq)) return undefined;
    const found = tables.messagesBetween(app, conversation, 'any', seq, seq, 1, 'asc')[0];
    return found && { seen, found };
  }

  function message(app: string, viewer: Viewer, conversation: string, seq: number): SeenMessage | null {
    const place = visibleMessage(app, viewer, conversation, seq);
    return place ? seenBy(tables, place.seen, viewer, place.found) : null;
  }

  /** VIS2: what a viewer has hidden is not shown in part either. */
  function shownMessage(app: string, viewer: Viewer, conversation: string, seq: number): { readonly seen: SeenStream } | undefined {
    const place = visibleMessage(app, viewer, conversation, seq);
    return place && seenBy(tables, place.seen, viewer, place.found) ? place : undefined;
  }

  function thread(app: string, user: string, entry: EntryRow): ThreadRecord | null {
    const slash = entry.key.indexOf('/');
    const place = visibleMessage(app, user, entry.key.slice(0, slash), Number(entry.key.slice(slash + 1)));
    const root = place && seenBy(tables, place.seen, user, place.found);
    if (!root) return null;
    // As in the conversation: a former member has nothing unread.
    return { root, unread: place.seen.member?.active === false ? 0 : unreadReplies(tables, user, root, parseStored(entry.value) as ReadMark) };
  }

  return {
    ...createReceiptReads(tables),
    message,
    messages(query): MessagesPage | null {
      const stream = streamOf(query.app, query.conversation);
      const seen = viewOf(query.app, stream, query.viewer);
      return seen ? messagesPage(tables, query, seen) : null;
    },
    messagesAt: (app, viewer, places) => tables.each(places, ({ conversation, seq }) => message(app, viewer, conversation, seq)),
    versions(app, viewer, conversation, seq, limit): Paged<EventRow> | null {
      const place = shownMessage(app, viewer, conversation, seq);
      if (!place) return null;
      const [own] = tables.eventsBetween(app, conversation, seq, seq, 1);
      const edits = tables.eventsTargeting(app, conversation, seq, seq, seq, limits.changes_per_message_max).filter((event) => event.type === 'message.updated' && sees(place.seen.view, event.seq));
      return paged([...own ? [own] : [], ...edits].filter((event) => !event.redacted), limit);
    },
    pins(app, viewer, conversation) {
      const seen = viewOf(app, streamOf(app, conversation), viewer);
      if (!seen) return null;
      const pinned = tables.entriesOfKey(app, conversation, 'pin', '', 1, seen.view.endSeq, limits.pins_max).filter(({ seq, targetSeq }) => sees(seen.view, targetSeq) && sees(seen.view, seq));
      return tables.each(pinned, ({ targetSeq }) => message(app, viewer, conversation, targetSeq)).filter((one) => one !== null);
    },
    entriesAbout(app, viewer, conversation, seq, type, limit, afterKey): Paged<EntryRow> | null {
      const place = shownMessage(app, viewer, conversation, seq);
      if (!place) return null;
      const found = paged(tables.entriesAbout(app, conversation, seq, type, afterKey, limit + 1), limit);
      return { ...found, items: found.items.filter((row) => sees(place.seen.view, row.seq)) };
    },
    entries: (app, stream, type, limit, afterKey) => paged(tables.entriesOfType(app, stream, type, afterKey, limit + 1), limit),
    threads(app, user) {
      const followed = tables.entriesOfType(app, user, 'thread', null, limits.threads_max);
      return tables.each(followed, (entry) => thread(app, user, entry)).filter((one) => one !== null);
    },
  };
}

interface ReadMark { readonly read_seq: number; readonly read_ordinal: number; readonly read_deleted: number }

/** CNT2, of a thread: what came behind the mark, less what was deleted of it. An own reply moves the mark, so that none stands behind it. */
function unreadReplies(tables: ReadTables, user: string, root: SeenMessage, mark: ReadMark): number {
  const { thread } = root.state === null ? ({} as MessageState) : parseStored(root.state) as MessageState;
  const since = (thread?.ordinal ?? 0) - mark.read_ordinal;
  if (!thread || since <= 0) return 0;
  const deleted = thread.ordinal - thread.replies === mark.read_deleted ? 0 : tables.deletedReplies(root.app, root.conversation, root.seq, mark.read_seq, user, limits.unread_max);
  return Math.min(Math.max(since - deleted, 0), limits.unread_max);
}

/** A page of history in ascending order, with the range it covers. */
function messagesPage(tables: ReadTables, query: MessagesQuery, seen: SeenStream): MessagesPage {
  const { view } = seen;
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
  return { items: seenMessages(tables, seen, query.viewer, items), covers, hasBefore, hasAfter, headSeq: view.endSeq, omitted: omittedIn(view, covers.fromSeq, covers.toSeq) };
}

/** Where an empty page would begin: everything below has been asked about, or lies before. */
function anchorOf(query: MessagesQuery, view: View): number {
  if (query.anchor.kind === 'newest') return view.endSeq + 1;
  // Seqs begin at 1: before 0 is before everything, and no page ends below 0.
  if (query.anchor.kind !== 'after') return Math.max(1, query.anchor.seq);
  // A page may begin far behind the end, but not where numbers end.
  return Math.min(query.anchor.seq, Number.MAX_SAFE_INTEGER - 1) + 1;
}

/** As many as there are in the view, of a range; also those that the viewer has hidden, so that a page knows what it covers. */
function collect(tables: ReadTables, query: MessagesQuery, view: View, fromSeq: number, toSeq: number, limit: number, order: 'asc' | 'desc'): MessageRecord[] {
  const ranges = order === 'asc' ? view.ranges : [...view.ranges].reverse();
  const items: MessageRecord[] = [];
  for (const range of ranges) {
    const from = Math.max(range.fromSeq, fromSeq);
    const to = Math.min(range.toSeq, toSeq);
    if (from > to || items.length >= limit) continue;
    items.push(...tables.messagesBetween(query.app, query.conversation, query.thread ?? 'main', from, to, limit - items.length, order));
  }
  return items;
}
