/** What can be appended. Commands are plain data: they cross threads, and later processes, as they are. */
import type { CustomRoles, ErrorCode, LinkPreview, MessageMore } from '@talaria/protocol';
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
  /** Empty for none. */
  readonly avatarUrl: string;
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
  /** Empty for none; null leaves it as it is. */
  readonly avatarUrl: string | null;
}
/** What a conversation chooses: only what changes is named, and null takes it back. */
export interface SetSettings extends CommandBase {
  readonly kind: 'conversation.settings';
  readonly conversation: string;
  readonly change: SettingsChange;
}
export interface SettingsChange {
  readonly frozen?: boolean;
  readonly slow_mode_s?: number;
  readonly approval?: { readonly timeout_s: number } | null;
  readonly message_timer?: { readonly after: 'sent' | 'read'; readonly seconds: number } | null;
  readonly one_reaction?: boolean;
  readonly join?: 'invited' | 'on_request' | 'open';
  readonly roles?: CustomRoles;
}
/** How one member wants to see a conversation. Only what changes is named. */
export interface SetPreferences extends CommandBase {
  readonly kind: 'preferences.set';
  readonly conversation: string;
  readonly change: { readonly muted_until_ms?: number | null; readonly pinned?: boolean; readonly archived?: boolean; readonly hidden?: boolean };
}
export interface TransferConversation extends CommandBase {
  readonly kind: 'conversation.transfer';
  readonly conversation: string;
  readonly member: string;
}
export interface Invite extends CommandBase {
  readonly kind: 'invitation.create';
  readonly conversation: string;
  readonly members: readonly string[];
  readonly role: string | null;
  readonly expiresMs: number | null;
}
export interface AnswerInvitation extends CommandBase {
  readonly kind: 'invitation.answer';
  readonly conversation: string;
  readonly accept: boolean;
}
export interface RevokeInvitation extends CommandBase {
  readonly kind: 'invitation.revoke';
  readonly conversation: string;
  readonly member: string;
}
export interface CreateLink extends CommandBase {
  readonly kind: 'link.create';
  readonly conversation: string;
  readonly role: string | null;
  readonly expiresMs: number | null;
  readonly usesMax: number | null;
  /** Whoever comes by it asks to be let in. */
  readonly approval: boolean;
}
/** Of a link, which is named by the fact that made it. */
interface AboutLink extends CommandBase {
  readonly conversation: string;
  readonly linkSeq: number;
}
export interface RevokeLink extends AboutLink {
  readonly kind: 'link.revoke';
}
export interface JoinByLink extends AboutLink {
  readonly kind: 'link.join';
}
export interface RequestJoin extends CommandBase {
  readonly kind: 'join.request';
  readonly conversation: string;
  readonly text: string;
}
export interface DecideRequest extends CommandBase {
  readonly kind: 'join.decide';
  readonly conversation: string;
  readonly member: string;
  readonly accept: boolean;
}
/** Takes back that the user has asked to join. */
export interface WithdrawRequest extends CommandBase {
  readonly kind: 'join.withdraw';
  readonly conversation: string;
}
/** Sends a message at its time. */
export interface ScheduleMessage extends CommandBase {
  readonly kind: 'schedule.create';
  readonly conversation: string;
  readonly payload: string;
  readonly silent: boolean;
  readonly more: MessageMore | null;
  readonly followers: readonly string[];
  readonly sendAtMs: number;
}
/** Of a scheduled message, which is named by its owner and the fact in their stream. */
interface AboutScheduled extends CommandBase {
  readonly owner: string;
  readonly scheduledSeq: number;
}
export interface CancelScheduled extends AboutScheduled {
  readonly kind: 'schedule.cancel';
}
export interface ReleaseScheduled extends AboutScheduled {
  readonly kind: 'schedule.release';
  readonly conversation: string;
  /** Who may come to follow its thread. */
  readonly followers: readonly string[];
}
/** Of a message that waits for approval, which is named likewise. */
export interface DecideHeld extends CommandBase {
  readonly kind: 'held.decide';
  readonly conversation: string;
  readonly sender: string;
  readonly heldSeq: number;
  readonly approve: boolean;
  readonly reason: string;
  readonly followers: readonly string[];
}
/** Lets a message disappear whose time has come. */
export interface ExpireMessage extends AboutMessage {
  readonly kind: 'message.expire';
}
/** Says what a message's links lead to. */
export interface PreviewMessage extends AboutMessage {
  readonly kind: 'message.preview';
  /** The fact that has the text with the links: another text has other ones. */
  readonly bodySeq: number;
  readonly previews: readonly LinkPreview[];
}
/** Calls everybody else in a conversation. */
export interface StartCall extends CommandBase {
  readonly kind: 'call.start';
  readonly conversation: string;
  readonly callKind: string;
  readonly device: string;
  /** JSON object. */
  readonly data: string;
  readonly ringMs: number;
  /** Null for whenever it arrives. */
  readonly notAfterMs: number | null;
}
/** Of a call, which is named by the fact that began it. */
interface AboutCall extends CommandBase {
  readonly conversation: string;
  readonly callSeq: number;
}
export interface AnswerCall extends AboutCall {
  readonly kind: 'call.answer';
  readonly device: string;
}
export interface DeclineCall extends AboutCall {
  readonly kind: 'call.decline';
}
export interface LeaveCall extends AboutCall {
  readonly kind: 'call.leave';
}
export interface EndCall extends AboutCall {
  readonly kind: 'call.end';
  readonly failed: boolean;
}
/** Ends a call whose time has come: nobody has answered it, or nobody has ended it. */
export interface OverdueCall extends AboutCall {
  readonly kind: 'call.overdue';
  /** Of the entry that was due: one that has changed since is not. */
  readonly entrySeq: number;
}
/** Of one user, who may be somebody else than who acts. */
interface AboutUser extends CommandBase {
  readonly subject: string;
}
export interface UpdateUser extends AboutUser {
  readonly kind: 'user.update';
  readonly name: string | null;
  readonly data: string | null;
  /** Empty for none; null leaves it as it is. */
  readonly avatarUrl: string | null;
}
export interface SetPrivacy extends AboutUser {
  readonly kind: 'privacy.set';
  readonly change: { readonly last_seen?: boolean; readonly receipts?: boolean; readonly typing?: boolean; readonly hide_blocked?: boolean };
}
export interface SetActive extends AboutUser {
  readonly kind: 'user.active';
  readonly on: boolean;
}
export interface SetBlock extends AboutUser {
  readonly kind: 'block.set';
  readonly other: string;
  readonly on: boolean;
  /** The direct conversation of the two, when there is one. */
  readonly direct: string | null;
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
  | HideMessage | SetReaction | SetPin | VotePoll | ClosePoll | SetBookmark | FollowThread | ReadThread | SetDraft
  | SetSettings | SetPreferences | TransferConversation | Invite | AnswerInvitation | RevokeInvitation | CreateLink | RevokeLink | JoinByLink | RequestJoin | WithdrawRequest | DecideRequest
  | ScheduleMessage | CancelScheduled | ReleaseScheduled | DecideHeld | ExpireMessage | PreviewMessage
  | StartCall | AnswerCall | DeclineCall | LeaveCall | EndCall | OverdueCall | UpdateUser | SetPrivacy | SetActive | SetBlock;

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
  | { readonly ok: true; readonly moved: MarkRow }
  /** It changes nothing. */
  | { readonly ok: true; readonly moved: null; readonly stands: MarkRow }
  | { readonly ok: false; readonly refusal: RefusalData };

/** Kinds that say something of the user who acts in that user's own stream. */
const OF_ONESELF: ReadonlySet<Command['kind']> = new Set([
  'conversation.mark_unread', 'message.hide', 'poll.vote', 'bookmark.set', 'thread.follow', 'thread.read', 'draft.set', 'preferences.set',
  'invitation.answer', 'link.join', 'join.request', 'join.withdraw', 'schedule.create',
]);

/** Users to whose own streams a command may append. Whatever the rules append to must be named here: some drivers lock it before they run. */
export function userStreamsOf(command: Command): readonly string[] {
  const own = command.user === null ? [] : [command.user];
  switch (command.kind) {
    case 'conversation.create': return [...own, ...command.members];
    case 'member.add':
    case 'invitation.create': return command.members;
    case 'member.remove':
    case 'invitation.revoke':
    case 'join.decide': return [command.member];
    case 'message.send': return command.followers ?? [];
    case 'schedule.cancel': return [command.owner];
    case 'schedule.release': return [command.owner, ...command.followers];
    case 'user.update':
    case 'privacy.set':
    case 'user.active':
    case 'block.set': return [command.subject];
    case 'held.decide': return [command.sender, ...command.followers];
    default: return OF_ONESELF.has(command.kind) ? own : [];
  }
}
