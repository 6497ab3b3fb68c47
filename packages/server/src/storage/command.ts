/** What can be appended. Commands are plain data: they cross threads, and later processes, as they are. */
import type { ErrorCode, MessageMore } from '@talaria/protocol';
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

/** A command about a message that is there. */
interface AboutMessage extends CommandBase {
  readonly conversation: string;
  readonly seq: number;
}

export interface SendMessage extends CommandBase {
  readonly kind: 'message.send';
  readonly conversation: string;
  /** The body as the log keeps it, made once (`bodyText`). */
  readonly payload: string;
  readonly silent: boolean;
  /** What `payload` holds beside text and data, as far as the rules look at it; null for most messages. */
  readonly more: MessageMore | null;
  /** Users who may come to follow its thread by it: their own streams say so. */
  readonly followers?: readonly string[];
}
export interface EditMessage extends AboutMessage {
  readonly kind: 'message.edit';
  readonly text: string | null;
  readonly data: string | null;
  readonly mentions: NonNullable<MessageMore['mentions']> | null;
}
export interface DeleteMessage extends AboutMessage {
  readonly kind: 'message.delete';
}
export interface HideMessage extends AboutMessage {
  readonly kind: 'message.hide';
}
export interface SetReaction extends AboutMessage {
  readonly kind: 'reaction.set';
  readonly reaction: string;
  readonly on: boolean;
}
export interface SetPin extends AboutMessage {
  readonly kind: 'pin.set';
  readonly on: boolean;
}
export interface VotePoll extends AboutMessage {
  readonly kind: 'poll.vote';
  /** Ids, each once. */
  readonly options: readonly string[];
}
export interface ClosePoll extends AboutMessage {
  readonly kind: 'poll.close';
}
export interface SetBookmark extends AboutMessage {
  readonly kind: 'bookmark.set';
  readonly note: string;
  readonly on: boolean;
}
export interface FollowThread extends AboutMessage {
  readonly kind: 'thread.follow';
  readonly on: boolean;
}
export interface ReadThread extends AboutMessage {
  readonly kind: 'thread.read';
  readonly readSeq: number;
}
export interface SetDraft extends CommandBase {
  readonly kind: 'draft.set';
  readonly conversation: string;
  /** Of the thread that the draft is for; 0 for the conversation's own. */
  readonly threadSeq: number;
  readonly text: string;
  /** JSON object, or empty. */
  readonly data: string;
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
  /** Null for that of whoever joins a conversation of its kind. */
  readonly role: string | null;
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
  readonly role: string;
}
export interface MarkUnread extends CommandBase {
  readonly kind: 'conversation.mark_unread';
  readonly conversation: string;
  readonly fromSeq: number;
}

export type Command =
  | SendMessage | EditMessage | DeleteMessage | CreateConversation | UpdateConversation
  | AddMembers | RemoveMember | UpdateMember | MarkUnread
  | HideMessage | SetReaction | SetPin | VotePoll | ClosePoll | SetBookmark | FollowThread | ReadThread | SetDraft;

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

/** Kinds that say something of the user who acts in that user's own stream. */
const OF_ONESELF: ReadonlySet<Command['kind']> = new Set([
  'conversation.mark_unread', 'message.hide', 'poll.vote', 'bookmark.set', 'thread.follow', 'thread.read', 'draft.set',
]);

/** Users to whose own streams a command may append. Whatever the rules append to must be named here: some drivers lock it before they run. */
export function userStreamsOf(command: Command): readonly string[] {
  const own = command.user === null ? [] : [command.user];
  switch (command.kind) {
    case 'conversation.create': return [...own, ...command.members];
    case 'member.add': return command.members;
    case 'member.remove': return [command.member];
    case 'message.send': return command.followers ?? [];
    default: return OF_ONESELF.has(command.kind) ? own : [];
  }
}
