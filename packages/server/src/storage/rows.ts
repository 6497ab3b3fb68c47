/** What the log and its tables hold, as every driver gives it. Ids are in their shown form, JSON is text. */
import type { Role } from '@talaria/protocol';

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

export type ConversationKind = 'direct' | 'group';
export type HistoryPolicy = 'from_join' | 'all';

export interface ConversationRow {
  readonly app: AppId;
  readonly id: ConversationId;
  readonly kind: ConversationKind;
  name: string;
  data: string;
  history: HistoryPolicy;
  memberCount: number;
  readonly createdMs: number;
  updatedMs: number;
}

/** A member, also after leaving. Marks and counters stand here, so that nothing is counted per member on a write. */
export interface MemberRow {
  readonly app: AppId;
  readonly conversation: ConversationId;
  readonly user: UserId;
  role: Role;
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
  readonly createdMs: number;
  bodySeq: number;
  /** The last fact that changed it. */
  changedSeq: number;
  editedMs: number | null;
  deletedMs: number | null;
}

/** A message with what its facts say of it now. */
export interface MessageRecord extends MessageRow {
  readonly payload: string;
  readonly clientId: string | null;
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
