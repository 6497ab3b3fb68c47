import type { DeadLetter } from '../port.js';
import type {
  AccountRow, AppRow, AttemptRow, CommandKeyRow, ConversationRow, EntryRow, EventRow, KeyRow, MemberRow, MessageRow, OperatorLinkRow, OperatorRow, OperatorSessionRow, RevocationRow, SessionRow, StreamRow, TenantRow, UsageRow, UserRow,
} from '../rows.js';
import type { EntryPlace } from '../entries.js';
import { firstState, type IndexState } from '../search/state.js';
import { inSeqOrder } from './sorted.js';

export interface StoredInterval {
  readonly fromSeq: number;
  toSeq: number | null;
}

export interface ConsumerState {
  position: number;
  owner: string;
  untilMs: number;
  fence: number;
}

/** A message in the index. */
export interface IndexedMessage {
  readonly app: string;
  readonly conversation: string;
  readonly seq: number;
  readonly position: number;
  readonly words: readonly string[];
  readonly marks: ReadonlySet<string>;
}

export interface MemoryIndex {
  state: IndexState;
  /** By place of the message. */
  readonly slots: readonly [Map<string, IndexedMessage>, Map<string, IndexedMessage>];
}

/**
 * What the driver keeps, as maps. Keys start with the app (ISO1). Rows never leave this folder, and none comes in:
 * whoever reads or writes copies them.
 */
export interface MemoryTables {
  readonly epoch: string;
  /** The highest of a fact; never goes back. */
  position: number;
  /** Transactions that have been begun ahead of their commit. */
  transactions: number;
  /** Places of those that are still open: nothing from there on is settled. */
  readonly open: Set<number>;
  /** Up to where facts were settled when that was last asked; never goes back. */
  settled: number;
  keysFloorMs: number;
  readonly streams: Map<string, StreamRow>;
  /** By stream, ascending by seq. */
  readonly events: Map<string, EventRow[]>;
  /** All facts, ascending by position. */
  log: EventRow[];
  readonly conversations: Map<string, ConversationRow>;
  readonly pairs: Map<string, string>;
  /** By conversation, then by user. */
  readonly members: Map<string, Map<string, MemberRow>>;
  /** By user: the conversations that they are or were a member of. */
  readonly memberships: Map<string, Set<string>>;
  /** By conversation and user, ascending. */
  readonly intervals: Map<string, StoredInterval[]>;
  /** By conversation, ascending by seq. */
  readonly messages: Map<string, MessageRow[]>;
  /** The same rows by conversation and sender. */
  readonly messagesBySender: Map<string, MessageRow[]>;
  readonly commandKeys: Map<string, CommandKeyRow>;
  readonly users: Map<string, UserRow>;
  /** User ids. */
  readonly usersByExternalId: Map<string, string>;
  /** By user and name. */
  readonly revocations: Map<string, RevocationRow>;
  /** By user; and users by login. */
  readonly accounts: Map<string, AccountRow>;
  readonly logins: Map<string, string>;
  readonly sessions: Map<string, SessionRow>;
  readonly attempts: Map<string, AttemptRow>;
  /** Times, by user. */
  readonly lastSeen: Map<string, number>;
  /** By stream, then by `entryKey`. */
  readonly entries: Map<string, Map<string, EntryRow>>;
  readonly tenants: Map<string, TenantRow>;
  readonly apps: Map<string, AppRow>;
  readonly apiKeys: Map<string, KeyRow>;
  readonly operators: Map<string, OperatorRow>;
  /** By hash. */
  readonly operatorLinks: Map<string, OperatorLinkRow>;
  readonly operatorSessions: Map<string, OperatorSessionRow>;
  readonly consumers: Map<string, ConsumerState>;
  readonly deadLetters: Map<string, DeadLetter>;
  readonly usage: Map<string, UsageRow>;
  readonly search: MemoryIndex;
}

export function createTables(epoch: string): MemoryTables {
  return {
    epoch, position: 0, transactions: 0, open: new Set(), settled: 0, keysFloorMs: 0, log: [],
    streams: new Map(), events: new Map(), conversations: new Map(), pairs: new Map(), members: new Map(), memberships: new Map(), intervals: new Map(),
    messages: new Map(), messagesBySender: new Map(), commandKeys: new Map(), users: new Map(), usersByExternalId: new Map(), lastSeen: new Map(), entries: new Map(), revocations: new Map(), accounts: new Map(), logins: new Map(), sessions: new Map(), attempts: new Map(), tenants: new Map(),
    apps: new Map(), apiKeys: new Map(), operators: new Map(), operatorLinks: new Map(), operatorSessions: new Map(), consumers: new Map(), deadLetters: new Map(), usage: new Map(), search: { state: firstState, slots: [new Map(), new Map()] },
  };
}

/** The key of a row. What may hold any character comes last. */
export function keyOf(...parts: readonly (string | number)[]): string {
  return parts.join('|');
}

/** The key of an entry in its stream. */
export const entryKey = ({ type, targetSeq, key }: Pick<EntryPlace, 'type' | 'targetSeq' | 'key'>): string => keyOf(type, targetSeq, key);

/** Whether a key belongs to an app. */
export function isOf(app: string, key: string): boolean {
  return key.startsWith(`${app}|`);
}

export function eventAt(tables: MemoryTables, app: string, stream: string, seq: number): EventRow | undefined {
  const events = tables.events.get(keyOf(app, stream)) ?? [];
  const found = events[inSeqOrder(events, seq)];
  return found?.seq === seq ? found : undefined;
}

export function messageAt(tables: MemoryTables, app: string, conversation: string, seq: number): MessageRow | undefined {
  const messages = tables.messages.get(keyOf(app, conversation)) ?? [];
  const found = messages[inSeqOrder(messages, seq)];
  return found?.seq === seq ? found : undefined;
}

/** The rows of one conversation, or of one sender in it, ascending by seq. */
export function messagesOf(tables: MemoryTables, app: string, conversation: string, sender: string | null): readonly MessageRow[] {
  const found = sender === null ? tables.messages.get(keyOf(app, conversation)) : tables.messagesBySender.get(keyOf(app, conversation, sender));
  return found ?? [];
}
