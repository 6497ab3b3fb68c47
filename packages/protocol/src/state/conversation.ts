/**
 * The state of a conversation as one viewer's facts make it: the same that HTTP gives (ORD5). Servers are tested against it, and apps
 * build their screens from it.
 */
import { beginCall, callSeqOf, foldCall, type CallState } from '../calls/state.js';
import { messageId, parseMessageId } from '../ids.js';
import type { MessageMore } from '../messages/more.js';
import { foldReply, foldReplyGone, foldState, type MessageState } from '../messages/state.js';
import type { Conversation, Fact, Message } from '../generated/types.js';

/** A fact in its JSON form, as HTTP shows it. */
export type JsonFact = Fact;
/** A message, as HTTP shows it. */
export type MessageView = Message;

/** The settings of a conversation. */
export type SettingsView = Conversation['settings'];

const NO_SETTINGS: SettingsView = { frozen: false, slow_mode_s: 0, approval: null, message_timer: null, one_reaction: false, join: 'invited', roles: {} };

/** A member as the facts of the conversation say. */
export interface MemberState {
  readonly role: string;
  readonly active: boolean;
  readonly joined_seq: number;
  readonly left_seq: number | null;
}

/** What the facts of a conversation come to. */
export interface ConversationState {
  readonly id: string;
  /** Whose reactions and votes are one's own; null for a backend. */
  readonly viewer: string | null;
  kind: string;
  name: string;
  avatar_url: string | null;
  data: JsonFact['body'];
  history: string;
  settings: SettingsView;
  /** False: of a direct conversation in which nobody writes any more. */
  open: boolean;
  head_seq: number;
  /** By user, also those who have left. */
  readonly members: Map<string, MemberState>;
  /** By seq, ascending: those whose facts have been seen. */
  readonly messages: Map<number, MessageView>;
  /** What a message's later facts come to, beside how it is shown. */
  readonly states: Map<number, MessageState>;
  /** By the seq of the fact that began them, ascending: those of which every fact has been seen so far. At most the last one is on. */
  readonly calls: Map<number, CallState>;
}

/**
 * Where a fold begins.
 *
 * @param viewer whose facts will come; null for a backend
 * @param known what `conversations.get` shows. Needed by a viewer whose history does not reach back to the beginning: what a
 *   conversation is called was said before. Who joined before is known from `members.list`.
 */
export function emptyConversation(id: string, viewer: string | null, known?: Conversation): ConversationState {
  const { kind = '', name = '', avatar_url = null, data = {}, history = '', settings = NO_SETTINGS } = known ?? {};
  return { id, viewer, kind, name, avatar_url, data, history, settings, open: true, head_seq: 0, members: new Map(), messages: new Map(), states: new Map(), calls: new Map() };
}

/** Takes the next fact of the conversation. What it replaces are whole messages and members: they may be compared by identity. */
export function foldConversation(state: ConversationState, fact: JsonFact): void {
  if (state.head_seq > 0 && fact.seq > state.head_seq + 1) forgetLiveCall(state);
  state.head_seq = fact.seq;
  const { type, body } = fact;
  switch (type) {
    case 'conversation.created':
      state.kind = body['kind'] as string;
      describe(state, fact);
      return;
    case 'conversation.updated': describe(state, fact); return;
    case 'conversation.settings_set': state.settings = body as SettingsView; return;
    case 'contact.closed':
    case 'contact.opened': state.open = type === 'contact.opened'; return;
    case 'member.joined': state.members.set(body['user_id'] as string, { role: body['role'] as string, active: true, joined_seq: fact.seq, left_seq: null }); return;
    case 'member.left': changeMember(state, fact, { active: false, left_seq: fact.seq }); return;
    case 'member.updated': changeMember(state, fact, { role: body['role'] as string }); return;
    case 'message.created': addMessage(state, fact); return;
    case 'call.started': state.calls.set(fact.seq, beginCall(state.id, fact)); return;
    case 'call.answered':
    case 'call.declined':
    case 'call.left':
    case 'call.ended': changeCall(state, fact); return;
    default: if (fact.target_seq !== null) changeMessage(state, fact, fact.target_seq);
  }
}

/** What became of it was in facts that were not seen. What is on now, `calls.list` says. */
function forgetLiveCall(state: ConversationState): void {
  for (const [seq, call] of state.calls) if (call.state !== 'ended') state.calls.delete(seq);
}

function changeCall(state: ConversationState, fact: JsonFact): void {
  const seq = callSeqOf(fact);
  const call = seq === undefined ? undefined : state.calls.get(seq);
  // One that began before the first fact that was seen is not known.
  if (call) state.calls.set(call.seq, foldCall(call, fact));
}

function describe(state: ConversationState, { body }: JsonFact): void {
  state.name = body['name'] as string;
  state.avatar_url = (body['avatar_url'] ?? null) as string | null;
  state.data = body['data'] as JsonFact['body'];
  state.history = body['history'] as string;
}

function changeMember(state: ConversationState, { body }: JsonFact, change: Partial<MemberState>): void {
  const user = body['user_id'] as string;
  const known = state.members.get(user);
  if (known) state.members.set(user, { ...known, ...change });
}

type Body = JsonFact['body'] & MessageMore & { readonly text?: string; readonly data?: JsonFact['body']; readonly silent?: boolean; readonly system?: boolean };

function addMessage(state: ConversationState, fact: JsonFact): void {
  const body = fact.body as Body;
  const named = (seq: number | undefined): string | null => (seq === undefined ? null : messageId(state.id, seq));
  state.messages.set(fact.seq, {
    id: messageId(state.id, fact.seq), conversation_id: state.id, seq: fact.seq, sender_id: fact.actor, created_ms: fact.time_ms, edited_ms: null, client_id: fact.client_id,
    // When it went is told by the fact that says so, if that is ever seen.
    deleted_ms: fact.redacted ? fact.time_ms : null,
    ...contentOf(body), silent: body.silent ?? false, system: body.system ?? false, thread_id: named(body.thread_seq), in_main: body.thread_seq === undefined || body.in_main === true,
    reactions: [], pinned: null, thread: null, previews: [],
    poll: body.poll ? {
      question: body.poll.question, options: body.poll.options.map((option) => ({ ...option, votes: 0 })), multiple: body.poll.multiple ?? false, anonymous: body.poll.anonymous ?? false,
      closes_ms: body.poll.closes_ms ?? null, closed_ms: null, voters: 0, own: [],
    } : null,
    quoted_id: named(body.quote_seq), forwarded: body.forwarded ? { ...body.forwarded } : null, expires_ms: body.expires_ms ?? null,
  });
  if (body.thread_seq === undefined) return;
  const counts = countsInThread(fact.actor, body.silent);
  putState(state, body.thread_seq, foldReply(state.states.get(body.thread_seq) ?? {}, fact, counts && !fact.redacted));
}

/** What an edit changes. */
function contentOf(body: Body): Pick<MessageView, 'text' | 'data' | 'mentions'> {
  return { text: body.text ?? '', data: body.data ?? {}, mentions: { user_ids: [...body.mentions?.user_ids ?? []], here: body.mentions?.here ?? false, everyone: body.mentions?.everyone ?? false } };
}

function changeMessage(state: ConversationState, fact: JsonFact, seq: number): void {
  const message = state.messages.get(seq);
  if (!message) return;
  // VIS4: it is emptied, because its message is gone; what it did went with that.
  if (fact.redacted && fact.type !== 'message.updated') return;
  switch (fact.type) {
    case 'message.updated': state.messages.set(seq, { ...message, ...contentOf(fact.body), edited_ms: fact.time_ms }); return;
    case 'message.deleted':
    case 'message.expired': removeContent(state, fact, message); break;
    case 'reaction.added':
    case 'reaction.removed':
      if (fact.actor !== null && fact.actor === state.viewer) ownReaction(state, message, fact);
      break;
    case 'poll.voted': if (fact.actor !== null && fact.actor === state.viewer) ownVote(state, message, fact); break;
    default:
  }
  putState(state, seq, foldState(state.states.get(seq) ?? {}, fact));
}

function removeContent(state: ConversationState, fact: JsonFact, message: MessageView): void {
  if (message.thread_id !== null && message.deleted_ms === null) noteReplyGone(state, message);
  // Nothing is left but its place, and that it was a reply.
  state.messages.set(message.seq, {
    ...message, ...contentOf({}), silent: message.thread_id !== null && message.silent, system: false, reactions: [], deleted_ms: fact.time_ms, poll: null, quoted_id: null, forwarded: null, expires_ms: null,
  });
}

const countsInThread = (sender: string | null, silent = false): boolean => sender !== null && !silent;

function noteReplyGone(state: ConversationState, reply: MessageView): void {
  const root = parseMessageId(reply.thread_id ?? '')?.seq ?? 0;
  putState(state, root, foldReplyGone(state.states.get(root) ?? {}, countsInThread(reply.sender_id, reply.silent)));
}

function ownReaction(state: ConversationState, message: MessageView, fact: JsonFact): void {
  const reaction = fact.body['reaction'] as string;
  const own = fact.type === 'reaction.added';
  // The count follows from the state; here is only whose it is.
  const known = message.reactions.some((one) => one.reaction === reaction);
  const reactions = known ? message.reactions.map((one) => (one.reaction === reaction ? { ...one, own } : one)) : [...message.reactions, { reaction, count: 0, own }];
  state.messages.set(message.seq, { ...message, reactions });
}

function ownVote(state: ConversationState, message: MessageView, fact: JsonFact): void {
  if (!message.poll) return;
  const removed = new Set(fact.body['removed'] as string[]);
  const own = [...message.poll.own.filter((id) => !removed.has(id)), ...fact.body['added'] as string[]].sort((left, right) => Number(left) - Number(right));
  state.messages.set(message.seq, { ...message, poll: { ...message.poll, own } });
}

/** Shows a message with what its facts come to. */
function putState(state: ConversationState, seq: number, next: MessageState): void {
  state.states.set(seq, next);
  const message = state.messages.get(seq);
  if (!message) return;
  const mine = new Set(message.reactions.filter(({ own }) => own).map(({ reaction }) => reaction));
  const { thread, poll } = next;
  state.messages.set(seq, {
    ...message, pinned: next.pinned ?? null, previews: [...next.previews ?? []], thread: thread ? { replies: thread.replies, last_seq: thread.last_seq, last_ms: thread.last_ms, user_ids: [...thread.user_ids] } : null,
    reactions: Object.entries(next.reactions ?? {}).map(([reaction, count]) => ({ reaction, count, own: mine.has(reaction) })),
    poll: message.poll && { ...message.poll, options: message.poll.options.map((option) => ({ ...option, votes: poll?.votes[option.id] ?? 0 })), voters: poll?.voters ?? 0, closed_ms: poll?.closed_ms ?? null },
  });
}
