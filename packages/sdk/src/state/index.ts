/**
 * The entry `@talaria/sdk/state`: what the facts of a stream come to. The same code makes what the server's API shows, so that an app
 * that folds the facts it consumes holds what it would read (ORD5).
 */
import { foldConversation as foldIntoConversation, foldUser as foldIntoUser, type ConversationState, type JsonFact, type UserState } from '@talaria/protocol/state';
import type { Fact } from '../streams/fact.js';

export { emptyConversation, emptyUser, shownMessages } from '@talaria/protocol/state';
export type {
  BookmarkState, CallParticipant, CallReason, CallState, ConversationState, DraftState, InvitationState, JsonFact, MemberState, MessageView, PreferencesState, SettingsView, UserState, WaitingState,
} from '@talaria/protocol/state';

/**
 * Takes the next fact of a conversation. What it replaces are whole messages and members: they may be compared by identity.
 *
 * @param state changed in place; of `emptyConversation`, or one that began with the first fact of a view
 * @param fact the next one: each once, in order, as `consume` gives them (ORD1, ORD2)
 */
export function foldConversation(state: ConversationState, fact: Fact): void {
  foldIntoConversation(state, jsonFact(fact));
}

/**
 * Takes the next fact of the user's own stream.
 *
 * @param state changed in place; of `emptyUser`
 * @param fact the next one: each once, in order, as `consume` gives them (ORD1, ORD2)
 */
export function foldUser(state: UserState, fact: Fact): void {
  foldIntoUser(state, jsonFact(fact));
}

/** A fact as HTTP shows it. */
export function jsonFact(fact: Fact): JsonFact {
  return {
    seq: fact.seq, event_id: fact.eventId, type: fact.type, version: fact.version, actor: fact.actor || null, time_ms: fact.timeMs, target_seq: fact.targetSeq || null,
    client_id: fact.clientId || null, trace_id: fact.traceId, redacted: fact.redacted, body: fact.body as JsonFact['body'],
  };
}
