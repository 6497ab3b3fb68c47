import { isTombstone } from '@talaria/protocol';
import type { Command, Place } from './command.js';
import type { EntryLookups, EntryPlace } from './entries.js';
import type { EntryType } from './entry-types.js';
import { KnownRows, type RowSource } from './known-rows.js';
import { PendingEntries } from './pending-entries.js';
import type { CommandKeyRow, ConversationRow, EntryRow, EventRow, Interval, MemberRow, MessageRow, StreamRow, UserRow } from './rows.js';

/** What a driver looks up inside the open transaction. Each gives a fresh object that the unit of work may change. */
export interface RowLoader extends RowSource, EntryLookups {
  commandKey(app: string, actor: string, clientId: string): CommandKeyRow | undefined;
  /** Command ids whose time lies before this are no longer known (SND2). */
  keysFloorMs(): number;
  message(app: string, conversation: string, seq: number): MessageRow | undefined;
  /** The body of a fact, as JSON. */
  payload(app: string, stream: string, seq: number): string | undefined;
  /** The last message of anyone, or of one sender, at or below a seq. */
  messageAtOrBelow(app: string, conversation: string, seq: number, sender: string | null): MessageRow | undefined;
  /** The first message of a sender above a seq. */
  ownMessageAbove(app: string, conversation: string, seq: number, sender: string): MessageRow | undefined;
  directConversation(app: string, pair: string): string | undefined;
  /** When somebody was a member, ascending. */
  intervals(app: string, conversation: string, user: string): readonly Interval[];
  user(app: string, id: string): UserRow | undefined;
  /** Looks up several things that will be asked for one after the other. For a driver that waits for its database: it waits once for all. */
  readonly ahead?: (asks: readonly (() => unknown)[]) => void;
}

export interface WorkSource {
  readonly now: () => number;
  readonly newEventId: () => string;
  readonly newConversationId: () => string;
  /** The store-wide position of the last fact. */
  readonly lastPosition: number;
}

export interface DraftFact {
  readonly stream: string;
  readonly type: string;
  readonly payload: string;
  readonly targetSeq?: number;
  /** Of a reply: the message that its thread began with, whether it stands there only, and whether it counts there. */
  readonly thread?: { readonly seq: number; readonly only: boolean; readonly counts: boolean };
  /** Whose fact it is, and by which command of theirs, when it is not of whoever sends this command: null for nobody's. */
  readonly by?: { readonly user: string | null; readonly clientId: string };
  /** Of a message, and of what changes it. */
  readonly ordinals?: { readonly ordinal: number; readonly senderOrdinal: number };
  /** Of a new message: whether it counts (CNT1). */
  readonly countable?: boolean;
}

export interface IntervalChange {
  readonly app: string;
  readonly conversation: string;
  readonly user: string;
  readonly fromSeq: number;
  readonly toSeq: number | null;
}

const key = (app: string, place: string, name: string | number = ''): string => `${app}|${place}|${name}`;

/**
 * One transaction's rows in memory: the rules of the domain read and change them here, in the same way for every
 * database, and the driver writes what changed in one go. Commands of one batch see each other's effects, because
 * they share the rows. A command checks first and changes afterwards, so a refused one leaves no trace.
 */
export class UnitOfWork {
  readonly events: EventRow[] = [];
  readonly keys: CommandKeyRow[] = [];
  /** By the fact that began them. What has changed since then stands in `changedMessages` too. */
  readonly newMessages = new Map<EventRow, MessageRow>();
  readonly changedMessages = new Set<MessageRow>();
  readonly changedStreams = new Set<StreamRow>();
  readonly newStreams = new Set<StreamRow>();
  readonly newConversations: ConversationRow[] = [];
  readonly changedConversations = new Set<ConversationRow>();
  readonly newMembers: MemberRow[] = [];
  readonly changedMembers = new Set<MemberRow>();
  /** Members of whom only `senderOrdinal` is new: a send touches no index of theirs. */
  readonly countedMembers = new Set<MemberRow>();
  readonly openedIntervals: IntervalChange[] = [];
  readonly closedIntervals: IntervalChange[] = [];
  readonly newPairs: { app: string; pair: string; conversation: string }[] = [];
  readonly changedUsers = new Set<UserRow>();
  readonly entries: PendingEntries;
  /** Messages whose facts are to be emptied (VIS4). */
  readonly redactions: { readonly app: string; readonly conversation: string; readonly seq: number; readonly rest: string }[] = [];
  /** Counts changes, so that a driver can tell a clean refusal from a broken one. */
  changes = 0;

  private position: number;
  private keysFloor: number | undefined;
  private readonly messages = new Map<string, MessageRow | undefined>();
  /** By client id, which two actors may have chosen alike. */
  private readonly keysByClientId = new Map<string, CommandKeyRow[]>();
  private readonly pairs = new Map<string, string>();
  private readonly users = new Map<string, UserRow | undefined>();

  /** @param known is changed together with the transaction, and of no use when that is rolled back */
  constructor(private readonly loader: RowLoader, private readonly source: WorkSource, private readonly known: KnownRows = new KnownRows(loader)) {
    this.position = source.lastPosition;
    this.entries = new PendingEntries(loader);
  }

  now(): number {
    return this.source.now();
  }

  /** Before a loop over what a command names: what each turn looks up. The rules may ask only so often (decision 0022). */
  ahead(asks: readonly (() => unknown)[]): void {
    this.loader.ahead?.(asks);
  }

  newConversationId(): string {
    return this.source.newConversationId();
  }

  /** Constant within a transaction. */
  keysFloorMs(): number {
    this.keysFloor ??= this.loader.keysFloorMs();
    return this.keysFloor;
  }

  commandKey(app: string, actor: string, clientId: string): CommandKeyRow | undefined {
    const fresh = this.keysByClientId.get(clientId)?.find((row) => row.actor === actor && row.app === app);
    return fresh ?? this.loader.commandKey(app, actor, clientId);
  }

  conversation(app: string, id: string): ConversationRow | undefined {
    return this.known.conversation(app, id);
  }

  member(app: string, conversation: string, user: string): MemberRow | undefined {
    return this.known.member(app, conversation, user);
  }

  message(app: string, conversation: string, seq: number): MessageRow | undefined {
    const name = key(app, conversation, seq);
    if (this.messages.has(name)) return this.messages.get(name);
    const row = this.newMessagesOf(app, conversation).find((one) => one.seq === seq) ?? this.loader.message(app, conversation, seq);
    this.messages.set(name, row);
    return row;
  }

  payload(app: string, stream: string, seq: number): string | undefined {
    const fresh = this.events.find((event) => event.app === app && event.stream === stream && event.seq === seq);
    return fresh?.payload ?? this.loader.payload(app, stream, seq);
  }

  user(app: string, id: string): UserRow | undefined {
    const name = key(app, id);
    if (!this.users.has(name)) this.users.set(name, this.loader.user(app, id));
    return this.users.get(name);
  }

  /** An entry as it is now. */
  entry(place: EntryPlace): EntryRow | undefined {
    return this.entries.entry(place);
  }

  putEntry(row: EntryRow): void {
    this.changes += 1;
    this.entries.put(row);
  }

  removeEntry(place: EntryPlace): void {
    this.changes += 1;
    this.entries.remove(place);
  }

  /** Of one key, about messages, ascending by them. */
  entriesOfKey(app: string, stream: string, type: EntryType, name: string, limit: number): readonly EntryRow[] {
    return this.entries.ofKey(app, stream, type, name, limit);
  }

  /** The same, about messages of a range of seqs. */
  entriesOfKeyBetween(app: string, stream: string, type: EntryType, name: string, fromSeq: number, toSeq: number, limit: number): readonly EntryRow[] {
    return this.entries.ofKey(app, stream, type, name, limit, fromSeq, toSeq);
  }

  /** About no message, ascending by key. */
  entriesOfType(app: string, stream: string, type: EntryType, limit: number): readonly EntryRow[] {
    return this.entries.ofType(app, stream, type, limit);
  }

  directConversation(app: string, pair: string): string | undefined {
    return this.pairs.get(key(app, pair)) ?? this.loader.directConversation(app, pair);
  }

  /** When somebody was a member, ascending, with what this transaction has begun and ended. */
  intervals(app: string, conversation: string, user: string): readonly Interval[] {
    const ofUser = (one: IntervalChange): boolean => one.app === app && one.conversation === conversation && one.user === user;
    const closed = new Map(this.closedIntervals.filter(ofUser).map(({ fromSeq, toSeq }) => [fromSeq, toSeq]));
    return [...this.loader.intervals(app, conversation, user), ...this.openedIntervals.filter(ofUser)].map(({ fromSeq, toSeq }) => ({ fromSeq, toSeq: toSeq ?? closed.get(fromSeq) ?? null }));
  }

  /** The stream's row; a stream begins with its first fact. */
  stream(app: string, id: string): StreamRow {
    const row = this.known.stream(app, id);
    if (row) return row;
    const fresh: StreamRow = {
      app, stream: id, headSeq: 0, headPosition: 0, headEventId: '', floorSeq: 0, floorOrdinal: 0, ordinal: 0, marksVersion: 0,
    };
    this.known.addStream(fresh);
    this.newStreams.add(fresh);
    return fresh;
  }

  /** Ordinals at a seq (CNT1): of everyone's messages and of one sender's, whether or not it is a message itself. */
  ordinalsAt(app: string, conversation: string, seq: number, member: MemberRow): { ordinal: number; senderOrdinal: number } {
    const stream = this.stream(app, conversation);
    if (seq >= stream.headSeq) return { ordinal: stream.ordinal, senderOrdinal: member.senderOrdinal };
    const last = this.messageAtOrBelow(app, conversation, seq, null);
    const own = this.messageAtOrBelow(app, conversation, seq, member.user);
    return { ordinal: last?.ordinal ?? stream.floorOrdinal, senderOrdinal: own?.senderOrdinal ?? this.ownBefore(app, conversation, seq, member) };
  }

  /** Appends a fact to its stream: the next seq, the next position (ORD1). */
  append(command: Command, draft: DraftFact): EventRow {
    const stream = this.stream(command.app, draft.stream);
    this.position += 1;
    this.changes += 1;
    const event: EventRow = {
      app: command.app, stream: draft.stream, seq: stream.headSeq + 1, position: this.position, eventId: this.source.newEventId(),
      type: draft.type, version: 1, actor: draft.by ? draft.by.user : command.user, timeMs: this.source.now(), targetSeq: draft.targetSeq ?? null,
      clientId: draft.by?.clientId ?? command.clientId, traceId: command.traceId, redacted: false,
      ordinal: draft.ordinals?.ordinal ?? 0, senderOrdinal: draft.ordinals?.senderOrdinal ?? 0, payload: draft.payload,
    };
    stream.headSeq = event.seq;
    stream.headPosition = event.position;
    stream.headEventId = event.eventId;
    this.changedStreams.add(stream);
    this.events.push(event);
    if (draft.countable !== undefined) this.begin(event, draft.countable, draft.thread);
    return event;
  }

  /** Remembers the command beside its fact, in the same commit (SND2). */
  remember(command: Command, place: Place): void {
    const row: CommandKeyRow = { app: command.app, actor: command.actor, clientId: command.clientId, requestHash: command.requestHash, ...place };
    this.changes += 1;
    this.keys.push(row);
    const alike = this.keysByClientId.get(row.clientId);
    if (alike) alike.push(row);
    else this.keysByClientId.set(row.clientId, [row]);
  }

  changeMessage(row: MessageRow): void {
    this.changes += 1;
    this.changedMessages.add(row);
  }

  /**
   * VIS4: empties every fact about the message, in this transaction.
   *
   * @param rest what stays of its own fact's body
   */
  redact(app: string, conversation: string, seq: number, rest = '{}'): void {
    this.changes += 1;
    this.redactions.push({ app, conversation, seq, rest });
    this.entries.removeAbout(app, conversation, seq);
    // Facts of this very batch are emptied here, so that the answer to whoever wrote them holds what the log holds.
    for (const event of this.events) {
      if (event.app !== app || event.stream !== conversation || isTombstone(event.type)) continue;
      if (event.seq === seq || event.targetSeq === seq) Object.assign(event, { redacted: true, payload: event.seq === seq ? rest : '{}' });
    }
  }

  addConversation(row: ConversationRow): void {
    this.changes += 1;
    this.newConversations.push(row);
    this.known.addConversation(row);
  }

  changeConversation(row: ConversationRow): void {
    this.changes += 1;
    if (!this.newConversations.includes(row)) this.changedConversations.add(row);
  }

  addPair(app: string, pair: string, conversation: string): void {
    this.changes += 1;
    this.newPairs.push({ app, pair, conversation });
    this.pairs.set(key(app, pair), conversation);
  }

  addMember(row: MemberRow): void {
    this.changes += 1;
    this.newMembers.push(row);
    this.known.addMember(row);
  }

  changeMember(row: MemberRow): void {
    this.changes += 1;
    if (!this.newMembers.includes(row)) this.changedMembers.add(row);
  }

  /** A member's own messages are one more (CNT1). */
  countMember(row: MemberRow): void {
    this.changes += 1;
    this.countedMembers.add(row);
  }

  changeUser(row: UserRow): void {
    this.changes += 1;
    this.changedUsers.add(row);
  }

  changeStream(row: StreamRow): void {
    this.changes += 1;
    this.changedStreams.add(row);
  }

  openInterval(member: MemberRow, fromSeq: number): void {
    this.changes += 1;
    this.openedIntervals.push({ app: member.app, conversation: member.conversation, user: member.user, fromSeq, toSeq: null });
  }

  closeInterval(member: MemberRow, toSeq: number): void {
    this.changes += 1;
    this.closedIntervals.push({ app: member.app, conversation: member.conversation, user: member.user, fromSeq: member.joinedSeq, toSeq });
  }

  private begin(event: EventRow, countable: boolean, thread: DraftFact['thread']): void {
    const { app, stream, seq, actor, timeMs, ordinal, senderOrdinal } = event;
    this.newMessages.set(event, {
      app, conversation: stream, seq, sender: actor, ordinal, senderOrdinal, countable, threadSeq: thread?.seq ?? null, inThreadOnly: thread?.only ?? false, countsInThread: thread?.counts ?? false, createdMs: timeMs,
      bodySeq: seq, changedSeq: seq, editedMs: null, deletedMs: null, state: null,
    });
  }

  /** Of this batch, ascending. Gathered when it is asked for: few messages are asked for in the batch that begins them. */
  private newMessagesOf(app: string, conversation: string): readonly MessageRow[] {
    const rows: MessageRow[] = [];
    for (const row of this.newMessages.values()) if (row.app === app && row.conversation === conversation) rows.push(row);
    return rows;
  }

  private messageAtOrBelow(app: string, conversation: string, seq: number, sender: string | null): MessageRow | undefined {
    const fresh = this.newMessagesOf(app, conversation).findLast((row) => row.seq <= seq && (sender === null || row.sender === sender));
    return fresh ?? this.loader.messageAtOrBelow(app, conversation, seq, sender);
  }

  /** Without an own message at or below the seq (retention may have removed it), the next one above tells the count. */
  private ownBefore(app: string, conversation: string, seq: number, member: MemberRow): number {
    const next = this.loader.ownMessageAbove(app, conversation, seq, member.user)
      ?? this.newMessagesOf(app, conversation).find((row) => row.seq > seq && row.sender === member.user);
    return next ? next.senderOrdinal - (next.countable ? 1 : 0) : member.senderOrdinal;
  }
}
