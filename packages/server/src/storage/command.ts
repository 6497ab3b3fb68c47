/** What can be appended. Commands are plain data: they cross threads, and later processes, as they are. */
import type { ErrorCode, Role } from '@talaria/protocol';
import type { ConversationKind, EventRow, HistoryPolicy, MarkRow } from './rows.js';

interface CommandBase {
  readonly app: string;
  /** Whose command keys: the user, or the app itself for its backend, so that a rotated key still finds them. */
  readonly actor: string;
  /** The user who acts, for permissions and for the fact; null when the backend acts as itself. */
  readonly user: string | null;
  readonly clientId: string;
  readonly requestHash: string;
  readonly traceId: string | null;
}

export interface SendMessage extends CommandBase {
  readonly kind: 'message.send';
  readonly conversation: string;
  /** The body as the log keeps it, made once (`bodyText`). */
  readonly payload: string;
  readonly silent: boolean;
}
export interface EditMessage extends CommandBase {
  readonly kind: 'message.edit';
  readonly conversation: string;
  readonly seq: number;
  readonly text: string | null;
  readonly data: string | null;
}
export interface DeleteMessage extends CommandBase {
  readonly kind: 'message.delete';
  readonly conversation: string;
  readonly seq: number;
}
export interface CreateConversation extends CommandBase {
  readonly kind: 'conversation.create';
  readonly conversationKind: ConversationKind;
  readonly name: string;
  readonly data: string;
  readonly history: HistoryPolicy;
  readonly members: readonly string[];
}
export interface UpdateConversation extends CommandBase {
  readonly kind: 'conversation.update';
  readonly conversation: string;
  readonly name: string | null;
  readonly data: string | null;
  readonly history: HistoryPolicy | null;
}
export interface AddMembers extends CommandBase {
  readonly kind: 'member.add';
  readonly conversation: string;
  readonly members: readonly string[];
  readonly role: Role;
}
export interface RemoveMember extends CommandBase {
  readonly kind: 'member.remove';
  readonly conversation: string;
  readonly member: string;
}
export interface UpdateMember extends CommandBase {
  readonly kind: 'member.update';
  readonly conversation: string;
  readonly member: string;
  readonly role: Role;
}
export interface MarkUnread extends CommandBase {
  readonly kind: 'conversation.mark_unread';
  readonly conversation: string;
  readonly fromSeq: number;
}

export type Command =
  | SendMessage | EditMessage | DeleteMessage | CreateConversation | UpdateConversation
  | AddMembers | RemoveMember | UpdateMember | MarkUnread;

/** The place in the log that a command has. `type` and `targetSeq` say what its answer's id is. */
export interface Place {
  readonly stream: string;
  readonly seq: number;
  readonly timeMs: number;
  readonly type: string;
  readonly targetSeq: number | null;
}

/** A refusal as data, so that it can cross threads. */
export interface RefusalData {
  readonly code: ErrorCode;
  readonly message: string;
  readonly field?: string;
  readonly retryAfterMs?: number;
}

export type AppendOutcome =
  | { readonly ok: true; readonly place: Place; readonly duplicate: boolean; readonly facts: readonly EventRow[] }
  | { readonly ok: false; readonly refusal: RefusalData };

/** A mark is a register: the largest value wins, and nothing is refused for being late (CNT3). */
export interface MarkUpdate {
  readonly app: string;
  readonly conversation: string;
  readonly user: string;
  readonly deliveredSeq: number;
  readonly readSeq: number;
}

export type MarkOutcome =
  | { readonly ok: true; readonly moved: MarkRow | null }
  | { readonly ok: false; readonly refusal: RefusalData };
