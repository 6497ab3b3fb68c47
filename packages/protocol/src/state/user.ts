/** What a user's own stream says of them: the same on all of their devices, and what HTTP gives (ORD5). */
import { messageId } from '../ids.js';
import type { ConversationState, JsonFact, MessageView } from './conversation.js';

/** What the user has begun to write. */
export interface DraftState {
  readonly text: string;
  readonly data: JsonFact['body'];
  readonly time_ms: number;
}

/** How the user wants a conversation shown. */
export interface PreferencesState {
  readonly muted_until_ms: number | null;
  readonly pinned_ms: number | null;
  readonly archived_ms: number | null;
  readonly hidden_seq: number | null;
}

/** An invitation that waits for the user. */
export interface InvitationState {
  readonly kind: string;
  readonly name: string;
  readonly role: string;
  readonly invited_by: string | null;
  readonly expires_ms: number | null;
}

/** A message that has no seq in its conversation yet (VIS3). */
export interface WaitingState {
  readonly conversation_id: string;
  readonly text: string;
  readonly data: JsonFact['body'];
  /** When it is sent, or turned away. */
  readonly time_ms: number;
}

/** A message that the user has bookmarked. */
export interface BookmarkState {
  readonly note: string;
  readonly time_ms: number;
}

/** Maps are by the id of a message. */
export interface UserState {
  readonly id: string;
  head_seq: number;
  /** Conversations that the user is a member of, with the role at the time of joining. */
  readonly conversations: Map<string, { readonly joined_seq: number; readonly role: string }>;
  /** Conversations shown as unread from a seq on, until they are read (CNT3). */
  readonly unread: Map<string, number>;
  readonly hidden: Set<string>;
  /** What the user chose in anonymous polls. */
  readonly votes: Map<string, readonly string[]>;
  readonly bookmarks: Map<string, BookmarkState>;
  /** By conversation, or by the message that a thread began with. */
  readonly drafts: Map<string, DraftState>;
  /** Threads that the user follows, by the message that they began with. */
  readonly threads: Map<string, { readonly read_seq: number; readonly read_ordinal: number }>;
  /** By conversation: mute, pin, archive, hide. */
  readonly preferences: Map<string, PreferencesState>;
  /** By conversation: invitations that wait for an answer. */
  readonly invitations: Map<string, InvitationState>;
  /** Conversations that the user has asked to join, until somebody answers. */
  readonly asked: Map<string, { readonly time_ms: number }>;
  /** Other users. */
  readonly blocked: Set<string>;
  /** By the seq of their fact. */
  readonly scheduled: Map<number, WaitingState>;
  readonly held: Map<number, WaitingState>;
  profile: JsonFact['body'] | undefined;
  privacy: JsonFact['body'] | undefined;
  active: boolean;
}

/** A user's stream before its first fact. @param id Talaria's id of the user */
export function emptyUser(id: string): UserState {
  return {
    id, head_seq: 0, conversations: new Map(), unread: new Map(), hidden: new Set(), votes: new Map(), bookmarks: new Map(), drafts: new Map(), threads: new Map(),
    preferences: new Map(), invitations: new Map(), asked: new Map(), blocked: new Set(), scheduled: new Map(), held: new Map(), profile: undefined, privacy: undefined, active: true,
  };
}

/** Takes the next fact of the user's stream. */
export function foldUser(state: UserState, fact: JsonFact): void {
  state.head_seq = fact.seq;
  const { type, time_ms, body } = fact;
  const conversation = body['conversation_id'] as string;
  const message = (field: 'seq' | 'thread_seq'): string => messageId(conversation, body[field] as number);
  switch (type) {
    case 'conversation.preferences_set': state.preferences.set(conversation, pick(body, ['muted_until_ms', 'pinned_ms', 'archived_ms', 'hidden_seq'])); return;
    case 'invitation.received': state.invitations.set(conversation, pick(body, ['kind', 'name', 'role', 'invited_by', 'expires_ms'])); return;
    case 'invitation.gone': state.invitations.delete(conversation); return;
    case 'join.asked': state.asked.set(conversation, { time_ms }); return;
    case 'join.answered':
    case 'join.unasked': state.asked.delete(conversation); return;
    case 'user.blocked': state.blocked.add(body['user_id'] as string); return;
    case 'user.unblocked': state.blocked.delete(body['user_id'] as string); return;
    case 'user.updated': state.profile = body; return;
    case 'privacy.set': state.privacy = body; return;
    case 'user.deactivated':
    case 'user.reactivated': state.active = type === 'user.reactivated'; return;
    // What was sent, decided or cancelled is empty in the log.
    case 'message.scheduled': if (!fact.redacted) state.scheduled.set(fact.seq, waiting(fact, 'send_at_ms')); return;
    case 'message.unscheduled': state.scheduled.delete(body['scheduled_seq'] as number); return;
    case 'message.held': if (!fact.redacted) state.held.set(fact.seq, waiting(fact, 'expires_ms')); return;
    case 'message.released':
    case 'message.rejected': state.held.delete(body['held_seq'] as number); return;
    case 'conversation.added':
      state.asked.delete(conversation);
      // Who comes back has chosen nothing yet.
      state.preferences.delete(conversation);
      state.unread.delete(conversation);
      state.conversations.set(conversation, { joined_seq: body['joined_seq'] as number, role: body['role'] as string });
      return;
    case 'conversation.removed': state.conversations.delete(conversation); return;
    case 'conversation.unread_set': state.unread.set(conversation, body['from_seq'] as number); return;
    case 'message.hidden': state.hidden.add(message('seq')); return;
    case 'poll.own_vote': state.votes.set(message('seq'), body['options'] as string[]); return;
    case 'bookmark.added': state.bookmarks.set(message('seq'), { note: body['note'] as string, time_ms }); return;
    case 'bookmark.removed': state.bookmarks.delete(message('seq')); return;
    // A draft that another has taken the place of is empty in the log.
    case 'draft.set': if (!fact.redacted) state.drafts.set(draftKey(fact), { text: body['text'] as string, data: body['data'] as JsonFact['body'], time_ms }); return;
    case 'draft.cleared': state.drafts.delete(draftKey(fact)); return;
    case 'thread.followed':
    case 'thread.read': state.threads.set(message('thread_seq'), { read_seq: body['read_seq'] as number, read_ordinal: body['read_ordinal'] as number }); return;
    case 'thread.unfollowed': state.threads.delete(message('thread_seq')); return;
    default:
  }
}

function pick<T>(body: JsonFact['body'], fields: readonly (keyof T & string)[]): T {
  return Object.fromEntries(fields.map((field) => [field, body[field] ?? null])) as T;
}

function waiting({ body }: JsonFact, time: 'send_at_ms' | 'expires_ms'): WaitingState {
  return { conversation_id: body['conversation_id'] as string, text: body['text'] as string, data: body['data'] as JsonFact['body'], time_ms: body[time] as number };
}

function draftKey({ body }: JsonFact): string {
  const [conversation, threadSeq] = [body['conversation_id'] as string, body['thread_seq'] as number];
  return threadSeq === 0 ? conversation : messageId(conversation, threadSeq);
}

/**
 * The messages of a conversation as the user is shown them, ascending: without what they have hidden, in groups also without what is
 * of those whom they block, if they want that (VIS2), and with what they chose in secret.
 */
export function shownMessages(conversation: ConversationState, user: UserState): readonly MessageView[] {
  const hidesBlocked = user.privacy?.['hide_blocked'] === true && conversation.kind !== 'direct';
  return [...conversation.messages.values()].flatMap((message) => {
    if (user.hidden.has(message.id) || (hidesBlocked && user.blocked.has(message.sender_id ?? ''))) return [];
    const own = message.poll?.anonymous ? user.votes.get(message.id) : undefined;
    return own && message.poll ? [{ ...message, poll: { ...message.poll, own: [...own] } }] : [message];
  });
}
