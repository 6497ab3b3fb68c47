import type { EntryReads } from '../entries.js';
import type { ConversationRow, Interval, MemberRow, MessageRow, StreamRow } from '../rows.js';
import { createEntryReads } from './entry-reads.js';
import { inSeqOrder, settledEnd } from './sorted.js';
import { keyOf, messageAt, messagesOf, type MemoryTables } from './tables.js';

/** Single rows that both the appending transaction and the reads look up, each a copy. */
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

/** A flat row's copy. */
export function copy<T extends object>(row: T | undefined): T | undefined {
  return row && { ...row };
}

export function createLookups(tables: MemoryTables): Lookups {
  return {
    ...createEntryReads(tables),
    lastPosition() {
      const last = tables.open.size === 0 ? tables.position : tables.log[settledEnd(tables) - 1]?.position ?? 0;
      tables.settled = Math.max(tables.settled, last);
      return tables.settled;
    },
    stream: (app, id) => copy(tables.streams.get(keyOf(app, id))),
    conversation: (app, id) => copy(tables.conversations.get(keyOf(app, id))),
    member: (app, conversation, user) => copy(tables.members.get(keyOf(app, conversation))?.get(user)),
    intervals: (app, conversation, user) => (tables.intervals.get(keyOf(app, conversation, user)) ?? []).map((one) => ({ ...one })),
    message: (app, conversation, seq) => copy(messageAt(tables, app, conversation, seq)),
    messageAtOrBelow(app, conversation, seq, sender) {
      const rows = messagesOf(tables, app, conversation, sender);
      return copy(rows[inSeqOrder(rows, seq + 1) - 1]);
    },
    ownMessageAbove(app, conversation, seq, sender) {
      const rows = messagesOf(tables, app, conversation, sender);
      return copy(rows[inSeqOrder(rows, seq + 1)]);
    },
  };
}
