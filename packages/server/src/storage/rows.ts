/** What the log and its tables hold, as every driver gives it. Ids are in their shown form, JSON is text. */
import type { OperatorRole } from '@talaria/protocol/operations';
import type { EntryType } from './entry-types.js';

export type AppId = string;
/** A conversation's or a user's id. */
export type StreamId = string;
export type UserId = string;
export type ConversationId = string;

/** One fact. `position` is the store-wide place in commit order; it never leaves the server in clear (RES8). */
export interface EventRow {
  readonly app: AppId;
  readonly stream: StreamId;
  readonly seq: number;
  readonly position: number;
  readonly eventId: string;
  readonly type: string;
  readonly version: number;
  /** The user who did it; null for the backend. */
  readonly actor: UserId | null;
  readonly timeMs: number;
  /** The message that the fact is about. */
  readonly targetSeq: number | null;
  readonly clientId: string | null;
  /** 32 hex characters; null means the client_id's own 128 bits. */
  readonly traceId: string | null;
  readonly redacted: boolean;
  /** Countable messages up to and including this one, of everyone and of its sender (CNT1); 0 unless the fact is a message. */
  readonly ordinal: number;
  readonly senderOrdinal: number;
  /** The fact's body as JSON; `{}` when redacted. */
  readonly payload: string;
}

export interface StreamRow {
  readonly app: AppId;
  readonly stream: StreamId;
  headSeq: number;
  headPosition: number;
  headEventId: string;
  /** The last seq that retention removed; 0 when none (VIS5). */
  floorSeq: number;
  floorOrdinal: number;
  /** Countable messages so far (CNT1). */
  ordinal: number;
  marksVersion: number;
}

export type ConversationKind = 'direct' | 'group' | 'channel';
export type HistoryPolicy = 'from_join' | 'all';

export interface ConversationRow {
  readonly app: AppId;
  readonly id: ConversationId;
  readonly kind: ConversationKind;
  name: string;
  data: string;
  history: HistoryPolicy;
  /** JSON: `ConversationSettings`. */
  settings: string;
  memberCount: number;
  readonly createdMs: number;
  updatedMs: number;
}

/** A member, also after leaving. Marks and counters stand here, so that nothing is counted per member on a write. */
export interface MemberRow {
  readonly app: AppId;
  readonly conversation: ConversationId;
  readonly user: UserId;
  /** One of Talaria's, or one that the conversation defines. */
  role: string;
  active: boolean;
  joinedSeq: number;
  joinedMs: number;
  leftSeq: number | null;
  /** Own countable messages so far (CNT1). */
  senderOrdinal: number;
  deliveredSeq: number;
  readSeq: number;
  readOrdinal: number;
  readSenderOrdinal: number;
  /** "Mark unread": counts start before this seq until the next read (CNT3). */
  unreadFromSeq: number | null;
  unreadOrdinal: number;
  unreadSenderOrdinal: number;
  marksVersion: number;
  /** CNT3: what others are shown; it moves while the user shares receipts. */
  publicReadSeq: number;
  mutedUntilMs: number | null;
  pinnedMs: number | null;
  archivedMs: number | null;
  /** Hidden until something comes behind this seq. */
  hiddenSeq: number | null;
}

/** Both ends included; `toSeq` null while the user is a member. */
export interface Interval {
  readonly fromSeq: number;
  readonly toSeq: number | null;
}

/** State of a message beside its facts. Its text stands in the fact at `bodySeq` and nowhere else. */
export interface MessageRow {
  readonly app: AppId;
  readonly conversation: ConversationId;
  readonly seq: number;
  readonly sender: UserId | null;
  /** Countable messages up to and including this one. */
  readonly ordinal: number;
  /** The sender's own countable messages up to and including this one. */
  readonly senderOrdinal: number;
  readonly countable: boolean;
  /** Of a reply: the message that its thread began with. */
  readonly threadSeq: number | null;
  /** A reply that stands in its thread only, and not in the conversation's own history. */
  readonly inThreadOnly: boolean;
  /** Of a reply: whether it counts in its thread (CNT2). */
  readonly countsInThread: boolean;
  readonly createdMs: number;
  bodySeq: number;
  /** The last fact that changed it. */
  changedSeq: number;
  editedMs: number | null;
  deletedMs: number | null;
  /** JSON: what its later facts come to (`MessageState`); null when there are none. */
  state: string | null;
}

/**
 * State of a conversation or a user that has no table of its own. `type` says what it is (`entry-types.ts`), `key` of whom or of what;
 * with a `targetSeq` above 0 it is about a message of the conversation and goes with it (VIS4, VIS5).
 */
export interface EntryRow {
  readonly app: AppId;
  readonly stream: StreamId;
  readonly type: EntryType;
  readonly key: string;
  readonly targetSeq: number;
  /** The fact that set it. */
  readonly seq: number;
  /** JSON. */
  readonly value: string;
  /** When something has to happen. */
  readonly dueMs: number | null;
}

/** A message with what its facts say of it now. */
export interface MessageRecord extends MessageRow {
  readonly payload: string;
  readonly clientId: string | null;
}

/** A message as one viewer sees it. */
export interface SeenMessage extends MessageRecord {
  /** What the viewer has done with it: entries as JSON, by type. */
  readonly own: OwnEntries;
}

export interface OwnEntries {
  readonly reaction?: string;
  readonly vote?: string;
}

export interface CommandKeyRow {
  readonly app: AppId;
  readonly actor: string;
  readonly clientId: string;
  readonly stream: StreamId;
  readonly seq: number;
  readonly timeMs: number;
  readonly type: string;
  readonly targetSeq: number | null;
  readonly requestHash: string;
}

export interface UserRow {
  readonly app: AppId;
  readonly id: UserId;
  readonly externalId: string;
  name: string;
  data: string;
  readonly createdMs: number;
  updatedMs: number;
  /** Tokens issued before this moment are revoked. */
  tokensNotBeforeMs: number;
  /** JSON: `UserSettings`. */
  settings: string;
  deactivatedMs: number | null;
}

/** RES6: tokens of a user that are revoked by a name that they carry. */
export interface RevocationRow {
  readonly app: AppId;
  readonly user: UserId;
  /** `token …`, `session …` or `device …`, and what the token says there. */
  readonly name: string;
  /** Those that were issued before. */
  readonly beforeMs: number;
  readonly revokedMs: number;
  /** Behind this moment none of them can live. */
  readonly untilMs: number;
}

/** A user of the built-in identity. */
export interface AccountRow {
  readonly app: AppId;
  readonly user: UserId;
  /** Small letters; null for a guest. */
  readonly login: string | null;
  readonly passwordHash: string | null;
  readonly createdMs: number;
  readonly changedMs: number;
}

/** Where a user is logged in. */
export interface SessionRow {
  readonly app: AppId;
  readonly id: string;
  readonly user: UserId;
  readonly device: string;
  readonly deviceName: string;
  readonly createdMs: number;
  readonly usedMs: number;
  readonly expiresMs: number;
  readonly endedMs: number | null;
  /** Of the refresh token that is good, and of the one before. */
  readonly tokenHash: string;
  readonly formerHash: string | null;
}

/** How often something was tried. */
export interface AttemptRow {
  readonly app: AppId;
  readonly name: string;
  readonly count: number;
  readonly lastMs: number;
  /** When it is forgotten. */
  readonly untilMs: number;
}

export interface MarkRow {
  readonly user: UserId;
  readonly deliveredSeq: number;
  readonly readSeq: number;
  /** What others are shown (CNT3). */
  readonly publicReadSeq: number;
  readonly version: number;
}

export interface TenantRow {
  readonly id: string;
  name: string;
  status: 'active' | 'suspended';
  readonly createdMs: number;
  /** URL of the database where the rows of its apps stand, sealed with the installation's secret; absent when they stand here. */
  readonly sealedDatabase?: string;
}

/** Whose tokens an app takes beside its own. */
export interface IssuerRow {
  /** As `iss` has it. */
  readonly issuer: string;
  readonly audiences: readonly string[];
  /** Where its keys are; null: where its OpenID configuration says. */
  readonly jwksUrl: string | null;
  /** Which claim is the app's own id of the user, and what stands before it there. */
  readonly userClaim: string;
  readonly userPrefix: string;
  readonly algorithms: readonly string[];
  /** Whether a token of an unknown user makes that user. */
  readonly createUsers: boolean;
}

/** How the built-in identity of an app works. */
export interface IdentityRow {
  /** Whether anybody may register; otherwise only the app's backend makes accounts. */
  readonly register: boolean;
  readonly guests: boolean;
  /** How long a user token of a session lives. */
  readonly tokenS: number;
  /** How long a session lives without being used. */
  readonly sessionDays: number;
}

export interface AppRow {
  readonly id: AppId;
  readonly tenant: string;
  name: string;
  readonly publicKey: string;
  /** The signing secret, sealed with the installation's key. */
  readonly sealedSecret: string;
  allowedOrigins: string[];
  retentionDays: number | null;
  createUsers: boolean;
  /** Whether links of messages get previews. */
  linkPreviews: boolean;
  /** Code points of a message's text. */
  textMax: number;
  issuers: readonly IssuerRow[];
  /** null: off. */
  identity: IdentityRow | null;
  readonly createdMs: number;
}

export interface KeyRow {
  readonly id: string;
  /** null for an admin key. */
  readonly app: AppId | null;
  name: string;
  readonly prefix: string;
  readonly hash: string;
  readonly scopes: string[];
  readonly createdMs: number;
  expiresMs: number | null;
  revokedMs: number | null;
  lastUsedMs: number | null;
}

export interface UsageRow {
  readonly app: AppId;
  readonly hourMs: number;
  messages: number;
  facts: number;
  bytes: number;
}

/** Somebody who runs the installation. */
export interface OperatorRow {
  readonly id: string;
  /** Small letters; null until the invitation has been taken up. */
  readonly login: string | null;
  readonly name: string;
  readonly role: OperatorRole;
  readonly passwordHash: string | null;
  readonly disabled: boolean;
  readonly createdMs: number;
  /** Exact to a minute; null for who has never been here. */
  readonly seenMs: number | null;
}

/** A link that is good once. It is known by its hash. */
export interface OperatorLinkRow {
  readonly hash: string;
  /** Whom it is for; null for the first owner, whoever that will be. */
  readonly operator: string | null;
  readonly createdMs: number;
  readonly expiresMs: number;
}

/** Where an operator is signed in. */
export interface OperatorSessionRow {
  readonly id: string;
  readonly operator: string;
  /** Of what the cookie holds. */
  readonly hash: string;
  readonly address: string;
  readonly agent: string;
  readonly createdMs: number;
  readonly usedMs: number;
  readonly expiresMs: number;
}
