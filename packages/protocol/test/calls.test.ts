import { describe, expect, it } from 'vitest';
import { beginCall, CALL_DECLINED_MAX, callSeqOf, foldCall, inCall, type CallState } from '../src/calls/state.js';
import { laneOf } from '../src/lane.js';
import type { StateFact } from '../src/messages/state.js';
import { emptyConversation, foldConversation, type JsonFact } from '../src/state/index.js';

const CONVERSATION = 'c_06aqx7m4e5v2k8r0d1f3g5h7j8';

function fact(seq: number, type: string, actor: string, body: JsonFact['body'] = {}): JsonFact {
  return { seq, event_id: `e${seq}`, type, version: 1, actor, time_ms: seq * 1_000, target_seq: null, client_id: null, trace_id: '', redacted: false, body };
}

const started = (seq: number): JsonFact => fact(seq, 'call.started', 'ann', { kind: 'audio', device_id: 'desk', ring_ms: 30_000, data: {} });
const answered = (seq: number, user: string, device = 'phone', call = 5): JsonFact => fact(seq, 'call.answered', user, { call_seq: call, user_id: user, device_id: device });
const left = (seq: number, user: string): JsonFact => fact(seq, 'call.left', user, { call_seq: 5, user_id: user });
const declined = (seq: number, user: string): JsonFact => fact(seq, 'call.declined', user, { call_seq: 5, user_id: user });
const begun = (): CallState => beginCall(CONVERSATION, started(5));
const folded = (...facts: readonly StateFact[]): CallState => facts.reduce(foldCall, begun());

describe('a call', () => {
  it('begins with whoever started it, and rings for as long as the fact says', () => {
    expect(begun()).toMatchObject({ seq: 5, state: 'ringing', started_by: 'ann', started_ms: 5_000, rings_until_ms: 35_000, participants: [{ user_id: 'ann', device_id: 'desk', left_ms: null }] });
  });

  it('takes each fact once, whatever is read before it arrives', () => {
    const facts = [answered(6, 'ben'), left(7, 'ben'), answered(8, 'ben', 'tablet')];
    const whole = folded(...facts);
    expect(inCall(whole, 'ben')).toMatchObject({ device_id: 'tablet', joined_seq: 8 });
    expect(facts.reduce(foldCall, whole)).toBe(whole);
  });

  it('keeps who came first in front, and of whoever comes again the last device', () => {
    const call = folded(answered(6, 'ben'), left(7, 'ann'), answered(8, 'ann', 'car'));
    expect(call.participants.map(({ user_id, device_id }) => [user_id, device_id])).toEqual([['ann', 'car'], ['ben', 'phone']]);
    expect(call.answered_ms).toBe(6_000);
  });

  it('names so many who have declined, and those no more who answer', () => {
    const users = Array.from({ length: CALL_DECLINED_MAX + 5 }, (_, at) => `u${at}`);
    const call = folded(...users.map((user, at) => declined(6 + at, user)), answered(500, 'u0'));
    expect(call.declined).toEqual(users.slice(1, CALL_DECLINED_MAX));
  });

  it('is over for all who were in it', () => {
    const call = folded(answered(6, 'ben'), left(7, 'ben'), fact(9, 'call.ended', 'ann', { call_seq: 5, reason: 'hung_up', duration_ms: 3_000 }));
    expect(call).toMatchObject({ state: 'ended', reason: 'hung_up', ended_by: 'ann', ended_ms: 9_000, duration_ms: 3_000, changed_seq: 9 });
    expect(call.participants.map(({ left_ms }) => left_ms)).toEqual([9_000, 7_000]);
    expect(inCall(call, 'ann')).toBeUndefined();
  });
});

describe('the fold of a conversation', () => {
  it('knows which call a fact is about', () => {
    expect([started(5), answered(6, 'ben'), fact(7, 'message.created', 'ann')].map(callSeqOf)).toEqual([5, 5, undefined]);
  });

  it('forgets the call that was on when facts were skipped, and keeps those that are over', () => {
    const state = emptyConversation(CONVERSATION, 'ben');
    for (const one of [started(5), fact(6, 'call.ended', 'ann', { call_seq: 5, reason: 'cancelled', duration_ms: null }), started(7), answered(8, 'ben', 'phone', 7)]) foldConversation(state, one);
    expect([...state.calls.values()].map(({ seq, state: now }) => [seq, now])).toEqual([[5, 'ended'], [7, 'ongoing']]);
    foldConversation(state, fact(12, 'call.left', 'ann', { call_seq: 7, user_id: 'ann' }));
    expect([...state.calls.keys()]).toEqual([5]);
  });

  it('leaves facts of a call that began before it', () => {
    const state = emptyConversation(CONVERSATION, 'ben');
    foldConversation(state, answered(6, 'ben'));
    expect(state.calls.size).toBe(0);
  });
});

it('what is done about a call takes the lane of its conversation (SND4)', () => {
  expect(laneOf({ call_id: begun().id })).toBe(CONVERSATION);
  expect(laneOf({ call_id: 'q_none' })).toBe('');
});
