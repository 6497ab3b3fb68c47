import { limits } from '@talaria/protocol';
import { EVERYONE, everyoneBut, type EntryReads } from './entries.js';
import type { MemberRow, MessageRow, StreamRow } from './rows.js';

export interface UnreadTables {
  /** The first message of a sender above a seq. */
  ownMessageAbove(app: string, conversation: string, seq: number, sender: string): MessageRow | undefined;
  /** Deleted countable messages of others whose ordinal is above a number, counted up to `cap`. */
  deletedOfOthers(app: string, conversation: string, aboveOrdinal: number, user: string, cap: number): number;
}

/** What a user has not read, in several conversations together. */
export interface UnreadTotal {
  readonly conversations: number;
  readonly messages: number;
  readonly mentions: number;
  /** False where more have moved than are counted. */
  readonly complete: boolean;
}

/**
 * CNT2: unread is arithmetic on ordinals: what came since the mark, less one's own, less what was deleted since.
 * Below the floor nothing counts any more. A former member has nothing unread.
 */
export function unreadCount(tables: UnreadTables, stream: StreamRow, member: MemberRow): number {
  if (!member.active) return 0;
  // CNT3: "mark unread" brings messages back; it hides none that the mark has not reached yet.
  let ordinal = member.unreadFromSeq === null ? member.readOrdinal : Math.min(member.readOrdinal, member.unreadOrdinal);
  let own = member.unreadFromSeq === null ? member.readSenderOrdinal : Math.min(member.readSenderOrdinal, member.unreadSenderOrdinal);
  if (stream.floorOrdinal > ordinal) {
    ordinal = stream.floorOrdinal;
    const next = tables.ownMessageAbove(member.app, member.conversation, stream.floorSeq, member.user);
    own = Math.max(own, next ? next.senderOrdinal - (next.countable ? 1 : 0) : member.senderOrdinal);
  }
  const since = stream.ordinal - ordinal - (member.senderOrdinal - own);
  if (since <= 0) return 0;
  const deleted = tables.deletedOfOthers(member.app, member.conversation, ordinal, member.user, limits.unread_max);
  return Math.min(Math.max(since - deleted, 0), limits.unread_max);
}

/** Unread messages that mention a member, or everyone. Marked unread from further back, those count again. Below the floor nothing does. */
export function mentionCount(tables: Pick<EntryReads, 'countEntries'>, stream: StreamRow, member: MemberRow): number {
  if (!member.active) return 0;
  const readSeq = member.unreadFromSeq === null ? member.readSeq : Math.min(member.readSeq, member.unreadFromSeq - 1);
  const above = Math.max(readSeq, stream.floorSeq, member.joinedSeq);
  if (above >= stream.headSeq) return 0;
  const count = (keys: readonly [string, string], cap: number): number => tables.countEntries(member.app, member.conversation, 'mention', keys, above, cap);
  const found = count([member.user, EVERYONE], limits.unread_max);
  if (found === 0) return 0;
  const own = everyoneBut(member.user);
  const ofOwn = count([own, own], limits.unread_max);
  // At its bound, the count does not say what would be left without the own ones.
  return found < limits.unread_max || ofOwn === 0 ? found - ofOwn : Math.min(count([member.user, EVERYONE], limits.unread_max + ofOwn) - ofOwn, limits.unread_max);
}
