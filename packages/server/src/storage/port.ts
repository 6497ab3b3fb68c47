/**
 * The storage port. Drivers keep these duties; the contract suite proves them for each.
 *
 * - `append` commits all of a command or nothing, with the configured durability, before it resolves (SND1).
 *   Commands that wait while a commit runs share the next one; a lone command commits at once, without a timer.
 * - Commands of one lane commit in the order in which they were handed over; after a retryable refusal the later
 *   ones of the lane are refused as `predecessor_refused` (SND4).
 * - Membership and keys are read inside the transaction that appends (ISO4, SND2). One refused command never
 *   fails its batch; a commit whose outcome is unknown is resolved through the command keys before it is answered.
 * - The app is the first parameter of every method, or a field of its query, and nothing of another app is ever
 *   returned (ISO1).
 * - A page is read in one snapshot (RES4).
 */
import type { AttemptRule, AttemptSettled } from './attempts.js';
import type { AppendOutcome, Command, MarkOutcome, MarkUpdate } from './command.js';
import type { EntryType } from './entry-types.js';
import type { InboxFilter, InboxPlace } from './inbox.js';
import type { Lane } from './lane.js';
import type { LinkAccepted, LinkOutcome, OperatorChange, OperatorChanged } from './operator-rules.js';
import type {
  AccountRow, AppRow, ConversationRow, EntryRow, EventRow, Interval, KeyRow, MarkRow, MemberRow, OperatorLinkRow, OperatorRow, OperatorSessionRow, RevocationRow, SeenMessage, SessionRow, StreamRow, TenantRow, UsageRow, UserRow,
} from './rows.js';
import type { MessagePlace, SearchCalls } from './search/port.js';
import type { Rotation, RotationOutcome } from './session-rotation.js';
import type { Omitted, Range } from './visible.js';
import type { UnreadTotal } from './unread.js';

/** Who reads: a user, or null for the app's backend. */
export type Viewer = string | null;

export interface FactsQuery {
  readonly app: string;
  readonly stream: string;
  readonly viewer: Viewer;
  readonly afterSeq: number;
  readonly limit: number;
  /** The page ends early when its bodies have this many characters; it has at least one fact. */
  readonly chars_max?: number;
  /** Also look up the event at `afterSeq`, to compare it with the client's cursor (RES5). */
  readonly withCursor?: boolean;
}

export interface FactsPage {
  readonly fromSeq: number;
  /** The cursor after this page: everything up to here is in `facts` or `omitted`. */
  readonly toSeq: number;
  readonly facts: readonly EventRow[];
  readonly omitted: readonly Omitted[];
  /** Where the stream ends for this viewer, in the same snapshot. */
  readonly endSeq: number;
  readonly endEventId: string;
  readonly floorSeq: number;
  /** The event at `afterSeq`, when it was asked for and is there. */
  readonly cursorEventId: string | null;
  readonly marksVersion: number;
  /** Whether facts after `endSeq` will concern the viewer too. */
  readonly active: boolean;
}

export interface ResumeQuery {
  readonly app: string;
  readonly user: string;
  /** Up to where the client has everything; null on a first connect. */
  readonly position: number | null;
  /** Streams for which the client names its own cursor: returned if the user is a member, and not looked up in the log. */
  readonly placed: readonly string[];
  /** How many of the most recent conversations are wanted, moved or not. */
  readonly recent: number;
  /** Most moved conversations to return. */
  readonly limit: number;
  /** Facts that may be scanned back to find a stream's place at `position`. */
  readonly scan: number;
}

export interface ResumeStream {
  readonly stream: string;
  readonly headSeq: number;
  readonly headEventId: string;
  readonly headPosition: number;
  readonly marksVersion: number;
  /** Facts from here to the head are visible. */
  readonly joinedSeq: number;
  /** Where the client is according to `position`; null when that is not known or too far back. */
  readonly atPosition: { readonly seq: number; readonly eventId: string } | null;
}

export interface ResumeAnswer {
  /** The last settled position in this snapshot. Streams may have moved beyond it. */
  readonly position: number;
  /** Of the fact at the position that was asked for; empty when there is none, or no more. */
  readonly positionEventId: string;
  readonly userStream: ResumeStream;
  /** Most recently moved first. */
  readonly conversations: readonly ResumeStream[];
  readonly more: boolean;
}

export interface ConversationRecord {
  readonly conversation: ConversationRow;
  readonly stream: StreamRow;
  readonly member: MemberRow | null;
  readonly unread: number;
  /** Unread messages that mention the member, or everyone. */
  readonly mentions: number;
  readonly lastMessage: SeenMessage | null;
  /** Where the conversation ends for this viewer. */
  readonly endSeq: number;
}

/** A thread that a user follows. */
export interface ThreadRecord {
  readonly root: SeenMessage;
  /** Replies of others behind the user's mark, up to `limits.unread_max`. */
  readonly unread: number;
}

export interface MessagesQuery {
  readonly app: string;
  readonly conversation: string;
  readonly viewer: Viewer;
  readonly anchor: { readonly kind: 'newest' } | { readonly kind: 'before' | 'after' | 'around'; readonly seq: number };
  readonly limit: number;
  /** The replies of a thread, in place of the conversation's own history. */
  readonly thread?: number;
}

export interface MessagesPage {
  readonly items: readonly SeenMessage[];
  /** The page covers these seqs; empty pages have `toSeq` below `fromSeq`. */
  readonly covers: Range;
  readonly hasBefore: boolean;
  readonly hasAfter: boolean;
  readonly headSeq: number;
  readonly omitted: readonly Omitted[];
}

export interface Paged<T> {
  readonly items: readonly T[];
  readonly more: boolean;
}

export interface Lease {
  readonly name: string;
  readonly position: number;
  /** Grows with every owner: a write with an older fence is refused. */
  readonly fence: number;
}

/** Usage is kept by the hour. */
export const HOUR_MS = 3_600_000;

export interface UsageDelta {
  readonly app: string;
  readonly hourMs: number;
  readonly messages: number;
  readonly facts: number;
  readonly bytes: number;
}

export interface StoreInfo {
  /** Changes when a back-up is restored (RES5). */
  readonly epoch: string;
  /** The last settled one. */
  readonly position: number;
  /** Of the fact there; empty when there is none, or no more. */
  readonly eventId: string;
  readonly schemaVersion: number;
}

/** Where a fact stands. */
export interface FactPlace {
  readonly app: string;
  readonly stream: string;
  readonly seq: number;
  readonly eventId: string;
  readonly position: number;
}

/** CLU3: what has been committed behind a position. */
export interface Moved {
  /** Of each stream the last fact among those that were looked at, ascending by position. */
  readonly places: readonly FactPlace[];
  /** The last fact among them up to which nothing will be added any more; null when none is. */
  readonly settled: { readonly position: number; readonly eventId: string } | null;
  /** The position behind which the next page begins; null at the end. */
  readonly next: number | null;
}

/** RES6: what has been revoked lately. */
export interface Revocations {
  /** Tokens of a user from before a moment. */
  readonly users: readonly { readonly app: string; readonly user: string; readonly beforeMs: number }[];
  readonly keys: readonly string[];
  /** Tokens of a user that carry a name. */
  readonly names: readonly Pick<RevocationRow, 'app' | 'user' | 'name' | 'beforeMs'>[];
}

/** Who a token is of. */
export interface TokenUser {
  readonly user: UserRow | null;
  /** Tokens with one of the names that were issued before this are revoked; 0 when none are. */
  readonly revokedBeforeMs: number;
}

/** When a user was last connected. */
export interface SeenRow {
  readonly app: string;
  readonly user: string;
  readonly seenMs: number;
}

/** What is known of a user beside whether they are there, and whether a viewer has anything to do with them. */
export interface SeenUser {
  readonly user: string;
  /** Null when that is not known. */
  readonly seenMs: number | null;
  /** As the user's row has them. */
  readonly settings: string;
  /** The viewer has blocked the user, or the other way round. */
  readonly blocked: boolean;
}

/** Of a user so many live sessions are told at once: more than there should be, so that those that are too many are seen. */
export const SESSIONS_LISTED_MAX = 200;

/** Of how many of their newest conversations a viewer knows the members. */
export const SHARED_MAX = 1_000;

export interface ReceiptCounts {
  readonly members: number;
  readonly delivered: number;
  readonly read: number;
}

export interface Receipts extends ReceiptCounts {
  /** By user; null where there are more members than `limits.receipts_named_max`. */
  readonly items: readonly { readonly user: string; readonly delivered: boolean; readonly read: boolean }[] | null;
}

/** Reads. None of them waits for a write to commit. */
export interface ReadCalls {
  info(): StoreInfo;
  facts(query: FactsQuery): FactsPage | null;
  /**
   * A stream's head, for the feed only: it asks nobody's permission. `atPosition` is the store's in the same snapshot. A user's stream
   * is there, and empty, before its first fact. @returns null when there is no such conversation
   */
  head(app: string, stream: string): (StreamRow & { readonly atPosition: number }) | null;
  /** Of the marks of several streams at once, for a node that may have missed some (CNT3); 0 where there is no such stream. */
  marksVersions(places: readonly { readonly app: string; readonly stream: string }[]): readonly number[];
  changes(query: { app: string; conversation: string; viewer: Viewer; afterSeq: number; range: Range; limit: number }): Paged<EventRow> | null;
  resume(query: ResumeQuery): ResumeAnswer;
  /**
   * Which streams of every app have moved behind a position, settled or not: by this, feeds find what was not announced (CLU3).
   * Facts have an order in the whole store that never changes, but some databases know it only a little later.
   */
  moved(position: number, limit: number): Moved;
  /** Settled facts of every app in the order of the store: for consumers, never for clients (CLU3). */
  factsAfterPosition(position: number, limit: number): readonly EventRow[];
  conversation(app: string, viewer: Viewer, id: string): ConversationRecord | null;
  /** The direct conversation of a pair (`directPair`), by its name. */
  directConversation(app: string, pair: string): string | null;
  /** All of an app, those made last first. @param beforeId goes on from there */
  conversations(app: string, limit: number, beforeId: string | null): Paged<ConversationRow>;
  /** Latest activity first; with `pinnedFirst`, what the user has pinned before the rest. */
  inbox(app: string, user: string, limit: number, after: InboxPlace | null, filter?: InboxFilter): Paged<ConversationRecord>;
  /** What is unread in those together that the filter lets through, up to `limits.unread_conversations_max` of them. */
  unread(app: string, user: string, filter: InboxFilter): UnreadTotal;
  members(app: string, viewer: Viewer, conversation: string, limit: number, afterUser: string | null): Paged<MemberRow> | null;
  intervals(app: string, conversation: string, user: string): readonly Interval[];
  /** SND2: whether a command with this client id has been committed. */
  commandKnown(app: string, actor: string, clientId: string): boolean;
  messages(query: MessagesQuery): MessagesPage | null;
  message(app: string, viewer: Viewer, conversation: string, seq: number): SeenMessage | null;
  /** Several messages of any conversations, each as the viewer sees it; null where they do not. */
  messagesAt(app: string, viewer: Viewer, places: readonly MessagePlace[]): readonly (SeenMessage | null)[];
  /** What a message has said, the oldest first: its own fact and its edits, as far as the viewer sees them. */
  versions(app: string, viewer: Viewer, conversation: string, seq: number, limit: number): Paged<EventRow> | null;
  /** Pinned messages, ascending. */
  pins(app: string, viewer: Viewer, conversation: string): readonly SeenMessage[] | null;
  /** Entries about one message, ascending by key. Null when the viewer does not see it. */
  entriesAbout(app: string, viewer: Viewer, conversation: string, seq: number, type: EntryType, limit: number, afterKey: string | null): Paged<EntryRow> | null;
  /** Entries of a user's or a conversation's own, ascending by key. It asks nobody's permission. */
  entries(app: string, stream: string, type: EntryType, limit: number, afterKey: string | null): Paged<EntryRow>;
  /**
   * Calls of a conversation as entries, the newest first: the one that is on, for who is a member, and those of which the viewer sees
   * every fact. Null when the viewer sees nothing of the conversation. @param beforeSeq of the fact that began a call
   */
  calls(app: string, viewer: Viewer, conversation: string, limit: number, beforeSeq: number | null): Paged<EntryRow> | null;
  /** The calls that are on in the conversations of a user that moved last, so many of them. */
  liveCalls(app: string, user: string, conversations: number): readonly EntryRow[];
  /** Threads that a user follows and may read, in no order. */
  threads(app: string, user: string): readonly ThreadRecord[];
  marks(app: string, viewer: Viewer, conversation: string, afterVersion: number, limit: number): (Paged<MarkRow> & { readonly version: number }) | null;
  /** Who has got and read a message. Reads every member's row. Null when the viewer does not see it, or is no member any more. */
  receipts(app: string, viewer: Viewer, conversation: string, seq: number): Receipts | null;
  user(app: string, id: string): UserRow | null;
  userByExternalId(app: string, externalId: string): UserRow | null;
  /** @param names that the token carries; a few */
  userOfToken(app: string, externalId: string, names: readonly string[]): TokenUser;
  account(app: string, user: string): AccountRow | null;
  accountByLogin(app: string, login: string): AccountRow | null;
  session(app: string, id: string): SessionRow | null;
  /** Those of a user that are live, newest first; at most `SESSIONS_LISTED_MAX`. */
  sessions(app: string, user: string, nowMs: number): readonly SessionRow[];
  /** Whether the name was noted by `settleAttempt`, and is not forgotten. */
  attemptKnown(app: string, name: string, nowMs: number): boolean;
  usersById(app: string, ids: readonly string[]): readonly UserRow[];
  users(app: string, limit: number, afterId: string | null): Paged<UserRow>;
  /**
   * When users were last connected, and what decides who may know it; in no order. Who does not exist is left out, and so is whom a
   * viewer shares no conversation with, among the `SHARED_MAX` newest that the viewer is in.
   */
  lastSeen(app: string, viewer: Viewer, users: readonly string[]): readonly SeenUser[];
  tenant(id: string): TenantRow | null;
  tenants(limit: number, afterId: string | null): Paged<TenantRow>;
  app(id: string): AppRow | null;
  appByPublicKey(publicKey: string): AppRow | null;
  apps(tenant: string | null, limit: number, afterId: string | null): Paged<AppRow>;
  key(id: string): KeyRow | null;
  keys(app: string | null, limit: number, afterId: string | null): Paged<KeyRow>;
  operator(id: string): OperatorRow | null;
  operatorByLogin(login: string): OperatorRow | null;
  operators(limit: number, afterId: string | null): Paged<OperatorRow>;
  /** Whether there is an owner who can sign in. */
  ownerKnown(): boolean;
  /** Also one that has expired. */
  operatorLink(hash: string): OperatorLinkRow | null;
  /** Also one that has expired. @param hash of what the cookie holds */
  operatorSession(hash: string): { readonly session: OperatorSessionRow; readonly operator: OperatorRow } | null;
  /** Newest first, with those that have expired and are not forgotten yet. */
  operatorSessions(operator: string): readonly OperatorSessionRow[];
  /** Users whose tokens were revoked, all or by name, and keys, since a moment; for nodes that may not have heard of it (RES6). */
  revocations(sinceMs: number): Revocations;
  usage(app: string, fromMs: number, toMs: number): readonly UsageRow[];
  /** What the next facts of the store come to, by app and hour, and where they end; null when there are none. */
  usageAfterPosition(position: number, limit: number): UsageTally | null;
  deadLetters(name: string, limit: number): readonly DeadLetter[];
  /** How far consumers are, by their names. For who looks after the installation: nothing hangs on it. */
  consumers(): readonly ConsumerState[];
  /** What the database takes of its disk. A large one may have to add up for a moment. */
  bytes(): number;
  /** What has to happen, of every app, the longest due first; and when the next will be, null when nothing waits. */
  due(nowMs: number, limit: number): { readonly items: readonly EntryRow[]; readonly nextMs: number | null };
}

export interface UsageTally {
  readonly position: number;
  readonly deltas: readonly UsageDelta[];
}

/** What is stored of a consumer. */
export interface ConsumerState {
  readonly name: string;
  readonly position: number;
  readonly owner: string;
  /** Of its lease. */
  readonly untilMs: number;
  /** Settled facts behind its position, and when the first of them came; null when there is none. */
  readonly lag: number;
  readonly behindSinceMs: number | null;
  /** Up to `DEAD_LETTERS_COUNTED_MAX`. */
  readonly deadLetters: number;
}
export const DEAD_LETTERS_COUNTED_MAX = 100;

/** How many transactions have committed appends, and how long they took together, in ms. */
export interface CommitCounts {
  readonly count: number;
  readonly ms: number;
}

export interface DeadLetter {
  readonly name: string;
  readonly position: number;
  readonly app: string;
  readonly stream: string;
  readonly seq: number;
  readonly error: string;
  readonly timeMs: number;
}

/** Writes that are no facts. Each is a transaction of its own. */
export interface WriteCalls {
  /** Makes the user, or gives the one that has this external id. */
  createUser(row: UserRow): UserRow;
  updateUser(app: string, id: string, change: { name?: string; data?: string; tokensNotBeforeMs?: number; updatedMs: number }): UserRow | null;
  /** Of many users of any apps at once. An earlier time than the known one changes nothing, and neither does a user that does not exist. */
  addSeen(rows: readonly SeenRow[]): void;
  /** A later moment takes the place of an earlier one, and never the other way round. @param rows of the app */
  addRevocations(app: string, rows: readonly RevocationRow[]): void;
  /** Makes the user and the account, or neither where the login is taken. @returns whether they were made */
  createAccount(account: AccountRow, user: UserRow): boolean;
  /**
   * Makes or changes the account of a user that there is.
   *
   * @param former the password hash that the account must still have; without it, it may have any, or not be there yet
   * @returns `taken` when another account has the login, `outdated` when there is another password by now; nothing is changed then
   */
  setAccount(account: AccountRow, former?: string | null): 'done' | 'taken' | 'outdated';
  createSession(row: SessionRow): void;
  /** Those of the user among them end. */
  endSessions(app: string, user: string, ids: readonly string[], endedMs: number): void;
  rotateSession(app: string, id: string, rotation: Rotation): RotationOutcome;
  /** Counts an attempt by all of the rules, or by none. @returns 0, or how long to wait when it must not be made now */
  takeAttempt(app: string, rules: readonly AttemptRule[], nowMs: number): number;
  settleAttempt(app: string, settled: AttemptSettled, nowMs: number): void;
  /** Forgets what cannot matter any more; of each kind at most `limit`. @returns how much it was */
  pruneIdentity(nowMs: number, limit: number): number;
  createTenant(row: TenantRow): TenantRow;
  updateTenant(id: string, change: { name?: string; status?: TenantRow['status'] }): TenantRow | null;
  deleteTenant(id: string): boolean;
  createApp(row: AppRow): AppRow;
  updateApp(id: string, change: Partial<Pick<AppRow, 'name' | 'allowedOrigins' | 'retentionDays' | 'createUsers' | 'linkPreviews' | 'textMax' | 'issuers' | 'identity'>>): AppRow | null;
  deleteApp(id: string): boolean;
  createKey(row: KeyRow): KeyRow;
  updateKey(id: string, change: Partial<Pick<KeyRow, 'expiresMs' | 'revokedMs' | 'lastUsedMs'>>): KeyRow | null;
  createOperator(row: OperatorRow): void;
  /** There stays an owner who can sign in. Sessions end as `operator-rules.ts` says. */
  changeOperator(id: string, change: OperatorChange): OperatorChanged;
  /** With links and sessions. There stays an owner who can sign in. */
  deleteOperator(id: string): 'done' | 'absent' | 'last_owner';
  /** In place of others of the operator. */
  addOperatorLink(row: OperatorLinkRow): void;
  /** Uses a link: it, and others of the operator, or of the first owner, are not good any more, and the operator's sessions end. */
  acceptOperatorLink(hash: string, accepted: LinkAccepted): LinkOutcome;
  /**
   * Begins a session and notes that the operator was here; of more than `sessions_max` the oldest end.
   *
   * @param passwordHash that was shown to be right: @returns false when the operator has another one by now, or is disabled
   */
  createOperatorSession(row: OperatorSessionRow, passwordHash: string, sessions_max: number): boolean;
  /** Notes that a session was used, and its operator was here. */
  useOperatorSession(id: string, nowMs: number): void;
  /** Those of the operator among them. @returns how many there were */
  endOperatorSessions(operator: string, ids: readonly string[]): number;
  /** Takes or renews the lease; null while another owner holds it. One whose end only a wrong clock can have written is nobody's. */
  lease(name: string, owner: string, nowMs: number, ttlMs: number): Lease | null;
  /** Commits a consumer's work and its cursor in one transaction; false when the lease is not held any more. */
  commitProgress(lease: Lease, position: number, deltas: readonly UsageDelta[]): boolean;
  addDeadLetter(letter: DeadLetter): void;
  /** VIS5: removes facts and messages older than a moment and raises the floor; returns the streams that changed. */
  applyRetention(app: string, beforeMs: number, limit: number): readonly { stream: string; floorSeq: number }[];
  /**
   * SND2: forgets command keys that are older than a moment by both the server's and the client's time, and refuses client
   * ids from before it from now on. Walks at most `limit` keys after `after`; `next` is null at the end.
   */
  pruneKeys(beforeMs: number, limit: number, after: string | null): { readonly pruned: number; readonly next: string | null };
}

type Async<T> = {
  [K in keyof T]: T[K] extends (...args: infer A) => infer R ? (...args: A) => Promise<R> : never;
};

export interface Storage extends Async<ReadCalls>, Async<WriteCalls>, Async<SearchCalls> {
  /** The name that logs and status show. */
  readonly driver: string;
  append(command: Command, lane: Lane): Promise<AppendOutcome>;
  mark(update: MarkUpdate): Promise<MarkOutcome>;
  /** Whether so many appends wait that the next one of the app would be refused as `overloaded` (FLW2). */
  full(app: string): boolean;
  /** Whether writes are possible; false while the disk refuses them, or has not answered one for 3 s. */
  ready(): boolean;
  /** Since the start, of all databases together. */
  commits(): CommitCounts;
  /** Answers what was handed over, then closes. */
  stop(): Promise<void>;
}

/**
 * Reads that a replica may answer, which is a little behind: pages and lists on which no cursor, no credential and no command hangs.
 * Each is one snapshot of the past (RES4).
 */
export const LAGGING_READS = ['messages', 'inbox', 'members', 'conversations', 'users', 'tenants', 'apps', 'usage'] as const satisfies readonly (keyof ReadCalls)[];
export type LaggingReads = Pick<Storage, (typeof LAGGING_READS)[number]>;

/** What the drivers are given to decide with: the rules of the domain, the same for every database. */
export interface Rules {
  readonly decide: (work: import('./unit-of-work.js').UnitOfWork, command: Command) => AppendOutcome;
  readonly decideMark: (work: import('./unit-of-work.js').UnitOfWork, update: MarkUpdate) => MarkOutcome;
}
