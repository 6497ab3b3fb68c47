import { expect } from 'vitest';
import type { Cast, Tell } from './tell.js';

/** Calls, as those who call and those who are called see them. */
export async function tellOfCalls(tell: Tell, { her, backend, group, alice, bob }: Cast): Promise<void> {
  const asBob = { as_user_id: 'ext:bob' };
  const started = await tell(her, 'calls.start', { conversation_id: group, kind: 'video', device_id: 'desk', data: { topic: 'plans' } });
  expect(started).toMatchObject({ id: expect.stringMatching(/^q_/) as string, conversation_id: group });
  const ringing = await tell(backend, 'calls.get', { call_id: started.id });
  expect(ringing).toMatchObject({ id: started.id, seq: started.seq, state: 'ringing', kind: 'video', data: { topic: 'plans' }, started_by: alice, participants: [{ user_id: alice, device_id: 'desk', left_ms: null }], declined: [] });
  expect(ringing.rings_until_ms - ringing.started_ms).toBe(45_000);
  expect((await tell(backend, 'calls.active', { user_id: 'ext:bob' })).items).toEqual([ringing]);

  await tell(backend, 'calls.decline', { call_id: started.id, ...asBob });
  const answered = await tell(backend, 'calls.answer', { call_id: started.id, device_id: 'phone', ...asBob });
  expect(answered).toMatchObject({ id: started.id, conversation_id: group });
  expect(await tell(her, 'calls.get', { call_id: started.id })).toMatchObject({ state: 'ongoing', declined: [], participants: [{ user_id: alice }, { user_id: bob, device_id: 'phone', joined_seq: answered.seq }] });
  await tell(backend, 'calls.leave', { call_id: started.id, ...asBob });
  await tell(her, 'calls.end', { call_id: started.id });
  const ended = await tell(her, 'calls.get', { call_id: started.id });
  expect(ended).toMatchObject({ state: 'ended', reason: 'hung_up', ended_by: alice, duration_ms: expect.any(Number) as number });

  const second = await tell(her, 'calls.start', { conversation_id: group, kind: 'audio', device_id: 'desk', ring_ms: 1_000 });
  const { items, next } = await tell(her, 'calls.list', { conversation_id: group, limit: 1 });
  expect(items.map(({ id }) => id)).toEqual([second.id]);
  expect((await tell(her, 'calls.list', { conversation_id: group, limit: 1, after: next })).items).toEqual([ended]);
  await tell(her, 'calls.end', { call_id: second.id, reason: 'failed' });
  expect((await tell(her, 'calls.active', { user_id: 'me' })).items).toEqual([]);
}
