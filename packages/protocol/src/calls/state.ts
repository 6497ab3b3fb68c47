/**
 * What the facts of a call come to. The server keeps it beside the log and an app can make it from the facts: both by this one
 * function, so that they are the same (ORD5).
 */
import type { Call, CallParticipant } from '../generated/types.js';
import { placeId } from '../ids.js';
import type { StateFact } from '../messages/state.js';

/** Why a call is over. */
export const CALL_REASONS = ['hung_up', 'cancelled', 'declined', 'missed', 'failed', 'expired', 'blocked'] as const;
/** Why a call ended. */
export type CallReason = (typeof CALL_REASONS)[number];

/** A call, as HTTP shows it. */
export type CallState = Call;
export type { CallParticipant };

/** Of more it is not told who has declined. */
export const CALL_DECLINED_MAX = 100;

/** The call that a fact is about, by the seq of the fact that began it; undefined when it is about none. */
export function callSeqOf(fact: StateFact): number | undefined {
  switch (fact.type) {
    case 'call.started': return fact.seq;
    case 'call.answered':
    case 'call.declined':
    case 'call.left':
    case 'call.ended': return fact.body['call_seq'] as number;
    default: return undefined;
  }
}

/** The participant that a user is now. @returns undefined when the user is not in the call */
export function inCall(call: CallState, user: string): CallParticipant | undefined {
  return call.participants.find((one) => one.user_id === user && one.left_ms === null);
}

/** What `call.started` begins. */
export function beginCall(conversationId: string, { seq, actor, time_ms, body }: StateFact): CallState {
  const user = actor ?? '';
  return {
    id: placeId('call', conversationId, seq), conversation_id: conversationId, seq, changed_seq: seq, state: 'ringing', kind: body['kind'] as string, data: body['data'] as CallState['data'], started_by: user, started_ms: time_ms,
    rings_until_ms: time_ms + (body['ring_ms'] as number), answered_ms: null, ended_ms: null, ended_by: null, reason: null, duration_ms: null,
    participants: [{ user_id: user, device_id: body['device_id'] as string, joined_seq: seq, joined_ms: time_ms, left_ms: null }], declined: [],
  };
}

/** Takes a later fact of the call; one that the call has seen already changes nothing. @returns a new one */
export function foldCall(before: CallState, fact: StateFact): CallState {
  if (fact.seq <= before.changed_seq) return before;
  const call = { ...before, changed_seq: fact.seq };
  const { type, time_ms, body } = fact;
  const user = body['user_id'] as string;
  switch (type) {
    case 'call.answered': return { ...call, state: 'ongoing', answered_ms: call.answered_ms ?? time_ms, participants: joined(call, fact, user), declined: call.declined.filter((one) => one !== user) };
    case 'call.declined': return call.declined.length < CALL_DECLINED_MAX ? { ...call, declined: [...call.declined, user] } : call;
    case 'call.left': return { ...call, participants: call.participants.map((one) => (one.user_id === user ? { ...one, left_ms: time_ms } : one)) };
    case 'call.ended': return {
      ...call, state: 'ended', ended_ms: time_ms, ended_by: fact.actor, reason: body['reason'] as CallReason, duration_ms: body['duration_ms'] as number | null,
      participants: call.participants.map((one) => (one.left_ms === null ? { ...one, left_ms: time_ms } : one)),
    };
    default: return call;
  }
}

function joined({ participants }: CallState, { seq, time_ms, body }: StateFact, user: string): readonly CallParticipant[] {
  const one: CallParticipant = { user_id: user, device_id: body['device_id'] as string, joined_seq: seq, joined_ms: time_ms, left_ms: null };
  return participants.some((before) => before.user_id === user) ? participants.map((before) => (before.user_id === user ? one : before)) : [...participants, one];
}
