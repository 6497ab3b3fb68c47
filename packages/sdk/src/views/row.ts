/** A conversation of the inbox, as HTTP shows it, and what the next fact makes of it. */
import type { Conversation } from '@talaria/protocol/types';
import { emptyConversation, foldConversation } from '../state/index.js';
import type { Fact } from '../streams/fact.js';

/** As HTTP shows it. */
export type ConversationView = Conversation;

/** Where the server stops counting. */
const UNREAD_MAX = 1_000;
/** Facts that change a message, and nothing of its conversation's row unless it is the last one. */
const OF_MESSAGES = new Set(['reaction.added', 'reaction.removed', 'message.pinned', 'message.unpinned', 'poll.voted', 'poll.closed', 'message.previewed']);
/** Facts that no row shows. */
const ELSEWHERE = new Set(['invitation.created', 'invitation.ended', 'link.created', 'link.revoked', 'join.requested', 'join.denied', 'join.withdrawn', 'contact.closed', 'contact.opened', 'call.started', 'call.answered', 'call.declined', 'call.left', 'call.ended']);

/**
 * @param viewer whose row it is
 * @param hides whether the viewer is not shown what somebody says
 * @returns undefined where a fact alone does not say what the row is now: it must be read
 */
export function advance(row: ConversationView, fact: Fact, viewer: string, hides: (userId: string) => boolean): ConversationView | undefined {
  const { membership, last_message: last } = row;
  if (fact.seq <= row.head_seq) return row;
  // Who has left is shown what was then.
  if (!membership || membership.left_seq !== null || fact.seq !== row.head_seq + 1) return undefined;
  const next = { ...row, head_seq: fact.seq, membership: membership.hidden ? { ...membership, hidden: false } : membership };
  if (ELSEWHERE.has(fact.type)) return next;
  if (OF_MESSAGES.has(fact.type)) return fact.targetSeq === last?.seq ? undefined : next;
  if (fact.type !== 'message.created' || fact.redacted) return undefined;
  const { mentions, thread_seq: thread, in_main: inMain, silent, system } = fact.body;
  if (mentions !== undefined || (thread !== undefined && thread === last?.seq) || hides(fact.actor)) return undefined;
  if (thread !== undefined && inMain !== true) return next;
  // CNT1, CNT2: what counts.
  const counts = fact.actor !== '' && fact.actor !== viewer && silent !== true && system !== true;
  const unread = Math.min(membership.unread + (counts ? 1 : 0), UNREAD_MAX);
  return { ...next, membership: { ...next.membership, unread }, last_message: messageOf(row.id, fact) };
}

/** @returns undefined where the mark alone does not say how much is unread */
export function readTo(row: ConversationView, readSeq: number, deliveredSeq: number): ConversationView | undefined {
  const { membership } = row;
  if (!membership || (readSeq <= membership.read_seq && deliveredSeq <= membership.delivered_seq)) return row;
  if (readSeq > membership.read_seq && readSeq < row.head_seq) return undefined;
  const all = readSeq > membership.read_seq;
  return { ...row, membership: { ...membership, read_seq: Math.max(readSeq, membership.read_seq), delivered_seq: Math.max(deliveredSeq, membership.delivered_seq), ...(all && { unread: 0, mentions: 0 }) } };
}

/** CNT3, and what the user has chosen for themselves. @returns undefined where the fact alone does not say it */
export function advanceOwn(row: ConversationView, { type, body }: Fact): ConversationView | undefined {
  const { membership } = row;
  if (type !== 'conversation.preferences_set' || !membership) return undefined;
  const { muted_until_ms, pinned_ms, archived_ms, hidden_seq } = body as { readonly [field: string]: number | null };
  return { ...row, membership: { ...membership, muted_until_ms: muted_until_ms ?? null, pinned_ms: pinned_ms ?? null, archived_ms: archived_ms ?? null, hidden: hidden_seq != null && hidden_seq >= row.head_seq } };
}

function messageOf(conversationId: string, fact: Fact): ConversationView['last_message'] {
  const state = emptyConversation(conversationId, null);
  foldConversation(state, fact);
  return state.messages.get(fact.seq) ?? null;
}
