import type { Command, Place } from './command.js';
import type { CommandKeyRow, ConversationRow, EventRow, MemberRow, MessageRow, StreamRow } from './rows.js';

/** What a driver looks up inside the open transaction. Each gives a fresh object that the unit of work may change. */
export interface RowLoader {
  commandKey(app: string, actor: string, clientId: string): CommandKeyRow | undefined;
  /** Command ids whose time lies before this are no longer known (SND2). */
  keysFloorMs(): number;
  stream(app: string, stream: string): StreamRow | undefined;
  conversation(app: string, id: string): ConversationRow | undefined;
  member(app: string, conversation: string, user: string): MemberRow | undefined;
  message(app: string, conversation: string, seq: number): MessageRow | undefined;
  /** The body of a fact, as JSON. */
  payload(app: string, stream: string, seq: number): string | undefined;
  /** The last message of anyone, or of one sender, at or below a seq. */
  messageAtOrBelow(app: string, conversation: string, seq: number, sender: string | null): MessageRow | undefined;
  /** The first message of a sender above a seq. */
  ownMessageAbove(app: string, conversation: string, seq: number, sender: string): MessageRow | undefined;
  directConversation(app: string, pair: string): string | undefined;
  userExists(app: string, user: string): boolean;
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

/** Rows as they were last committed, for a driver that alone writes its database: what is busy need not be read each time. */
export interface KnownRows {
  readonly streams: Map<string, StreamRow | undefined>;
  readonly conversations: Map<string, ConversationRow | undefined>;
  readonly members: Map<string, MemberRow | undefined>;
}

export const noRows = (): KnownRows => ({ streams: new Map(), conversations: new Map(), members: new Map() });

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
  /** Messages whose facts are to be emptied (VIS4). */
  readonly redactions: { app: string; conversation: string; seq: number }[] = [];
  /** Counts changes, so that a driver can tell a clean refusal from a broken one. */
  changes = 0;

  private position: number;
  private keysFloor: number | undefined;
  private readonly messages = new Map<string, MessageRow | undefined>();
  private readonly keysByName = new Map<string, CommandKeyRow>();
  private readonly pairs = new Map<string, string>();

  /** @param known is changed together with the transaction, and of no use when that is rolled back */
  constructor(private readonly loader: RowLoader, private readonly source: WorkSource, private readonly known: KnownRows = noRows()) {
    this.position = source.lastPosition;
  }

  now(): number {
    return this.source.now();
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
    return this.keysByName.get(key(app, actor, clientId)) ?? this.loader.commandKey(app, actor, clientId);
  }

  conversation(app: string, id: string): ConversationRow | undefined {
    return through(this.known.conversations, key(app, id), () => this.loader.conversation(app, id));
  }

  member(app: string, conversation: string, user: string): MemberRow | undefined {
    return through(this.known.members, key(app, conversation, user), () => this.loader.member(app, conversation, user));
  }

  message(app: string, conversation: string, seq: number): MessageRow | undefined {
    return through(this.messages, key(app, conversation, seq), () => this.loader.message(app, conversation, seq));
  }

  payload(app: string, stream: string, seq: number): string | undefined {
    const fresh = this.events.find((event) => event.app === app && event.stream === stream && event.seq === seq);
    return fresh?.payload ?? this.loader.payload(app, stream, seq);
  }

  userExists(app: string, user: string): boolean {
    return this.loader.userExists(app, user);
  }

  directConversation(app: string, pair: string): string | undefined {
    return this.pairs.get(key(app, pair)) ?? this.loader.directConversation(app, pair);
  }

  /** The stream's row; a stream begins with its first fact. */
  stream(app: string, id: string): StreamRow {
    const row = through(this.known.streams, key(app, id), () => this.loader.stream(app, id));
    if (row) return row;
    const fresh: StreamRow = {
      app, stream: id, headSeq: 0, headPosition: 0, headEventId: '', floorSeq: 0, floorOrdinal: 0, ordinal: 0, marksVersion: 0,
    };
    this.known.streams.set(key(app, id), fresh);
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
      type: draft.type, version: 1, actor: command.user, timeMs: this.source.now(), targetSeq: draft.targetSeq ?? null,
      clientId: command.clientId, traceId: command.traceId, redacted: false,
      ordinal: draft.ordinals?.ordinal ?? 0, senderOrdinal: draft.ordinals?.senderOrdinal ?? 0, payload: draft.payload,
    };
    stream.headSeq = event.seq;
    stream.headPosition = event.position;
    stream.headEventId = event.eventId;
    this.changedStreams.add(stream);
    this.events.push(event);
    if (draft.countable !== undefined) this.begin(event, draft.countable);
    return event;
  }

  /** Remembers the command beside its fact, in the same commit (SND2). */
  remember(command: Command, place: Place): void {
    const row: CommandKeyRow = { app: command.app, actor: command.actor, clientId: command.clientId, requestHash: command.requestHash, ...place };
    this.changes += 1;
    this.keys.push(row);
    this.keysByName.set(key(row.app, row.actor, row.clientId), row);
  }

  changeMessage(row: MessageRow): void {
    this.changes += 1;
    this.changedMessages.add(row);
  }

  /** VIS4: empties every fact about the message, in this transaction. */
  redact(app: string, conversation: string, seq: number): void {
    this.changes += 1;
    this.redactions.push({ app, conversation, seq });
    // Facts of this very batch are emptied here, so that the answer to whoever wrote them holds what the log holds.
    for (const event of this.events) {
      if (event.app !== app || event.stream !== conversation || event.type === 'message.deleted') continue;
      if (event.seq === seq || event.targetSeq === seq) Object.assign(event, { redacted: true, payload: '{}' });
    }
  }

  addConversation(row: ConversationRow): void {
    this.changes += 1;
    this.newConversations.push(row);
    this.known.conversations.set(key(row.app, row.id), row);
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
    this.known.members.set(key(row.app, row.conversation, row.user), row);
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

  private begin(event: EventRow, countable: boolean): void {
    const { app, stream, seq, actor, timeMs, ordinal, senderOrdinal } = event;
    const row: MessageRow = {
      app, conversation: stream, seq, sender: actor, ordinal, senderOrdinal, countable, createdMs: timeMs, bodySeq: seq, changedSeq: seq, editedMs: null, deletedMs: null,
    };
    this.newMessages.set(event, row);
    this.messages.set(key(app, stream, seq), row);
  }

  private messageAtOrBelow(app: string, conversation: string, seq: number, sender: string | null): MessageRow | undefined {
    let found: MessageRow | undefined;
    for (const row of this.newMessages.values()) {
      if (row.app === app && row.conversation === conversation && row.seq <= seq && (sender === null || row.sender === sender)) found = row;
    }
    return found ?? this.loader.messageAtOrBelow(app, conversation, seq, sender);
  }

  /** Without an own message at or below the seq (retention may have removed it), the next one above tells the count. */
  private ownBefore(app: string, conversation: string, seq: number, member: MemberRow): number {
    const next = this.loader.ownMessageAbove(app, conversation, seq, member.user)
      ?? [...this.newMessages.values()].find((row) => row.app === app && row.conversation === conversation && row.seq > seq && row.sender === member.user);
    return next ? next.senderOrdinal - (next.countable ? 1 : 0) : member.senderOrdinal;
  }
}

function through<T>(cache: Map<string, T | undefined>, name: string, load: () => T | undefined): T | undefined {
  if (cache.has(name)) return cache.get(name);
  const row = load();
  cache.set(name, row);
  return row;
}
