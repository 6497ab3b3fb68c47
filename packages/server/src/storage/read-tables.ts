/** What a driver can look up in one snapshot, for the reads that hold rules. */
import type { EntryReads } from './entries.js';
import type { InboxFilter, InboxPlace } from './inbox.js';
import type { ReceiptCounts } from './port.js';
import type { ConversationRow, EventRow, Interval, MarkRow, MemberRow, MessageRecord, StreamRow } from './rows.js';
import type { UnreadTables } from './unread.js';

export interface UserConversation {
  readonly member: MemberRow;
  readonly stream: StreamRow;
}

/** Which messages of a conversation: those of its own history, all, or the replies of the thread that began with a message. */
export type MessageScope = 'main' | 'any' | number;

export interface ReceiptsQuery {
  readonly seq: number;
  /** Who does not count: the message's sender. */
  readonly except: string | null;
  readonly joinedBelowSeq: number;
  /** Whether marks count as they are, and not as they are shared. */
  readonly own: boolean;
}

/** Lookups inside one snapshot. */
export interface ReadTables extends UnreadTables, EntryReads {
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
  messagesBetween(app: string, conversation: string, scope: MessageScope, fromSeq: number, toSeq: number, limit: number, order: 'asc' | 'desc'): readonly MessageRecord[];
  /** Replies of a thread behind a seq that had counted and are deleted, of others than a user, up to `cap`. */
  deletedReplies(app: string, conversation: string, threadSeq: number, aboveSeq: number, user: string, cap: number): number;
  /** A user's active conversations, the most recently moved first, in one query (RES2). */
  conversationsByActivity(app: string, user: string, limit: number, after: InboxPlace | null, filter: InboxFilter): readonly UserConversation[];
  membersPage(app: string, conversation: string, limit: number, afterUser: string | null): readonly MemberRow[];
  marksAfter(app: string, conversation: string, afterVersion: number, limit: number): readonly MarkRow[];
  /** How many active members but one, of those who joined before a seq, have got and read as far. */
  countReceipts(app: string, conversation: string, query: ReceiptsQuery): ReceiptCounts;
}
