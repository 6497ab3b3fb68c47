/** Who is deactivated is in no call any more. */
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { startStage, type Scene, type Stage } from './support/stage.js';

let stage: Stage;
let scene: Scene;

beforeAll(async () => {
  stage = await startStage();
});
beforeEach(async () => {
  scene = await stage.scene();
});
afterAll(() => stage.stop());

async function ongoing(kind: 'direct' | 'group', members: readonly string[]): Promise<string> {
  const { conversation_id } = await stage.done('conversations.create', { kind, member_ids: members }, { as: scene.alice.token });
  const { id } = await stage.done('calls.start', { conversation_id, kind: 'audio', device_id: 'desk' }, { as: scene.alice.token });
  await stage.done('calls.answer', { call_id: id, device_id: 'phone' }, { as: scene.bob.token });
  return id;
}
const call = (id: string) => stage.done('calls.get', { call_id: id }, { as: scene.alice.token });

it('leaves every call by being deactivated, and a direct one ends by that; a repeat changes nothing', async () => {
  const direct = await ongoing('direct', [scene.bob.id]);
  const group = await ongoing('group', [scene.bob.id]);
  const deactivate = () => stage.done('users.deactivate', { user_id: scene.bob.id }, { as: scene.key, headers: { 'idempotency-key': 'once' } });
  const { seq } = await deactivate();
  expect(await call(direct)).toMatchObject({ state: 'ended', reason: 'hung_up', ended_by: scene.bob.id });
  const left = await call(group);
  expect(left).toMatchObject({ state: 'ongoing', participants: [{ user_id: scene.alice.id, left_ms: null }, { user_id: scene.bob.id, left_ms: expect.any(Number) as number }] });
  expect(await deactivate()).toMatchObject({ seq, duplicate: true });
  expect(await call(group)).toEqual(left);
});

it('leaves a call in which the user has been before', async () => {
  const id = await ongoing('group', [scene.bob.id]);
  await stage.done('users.deactivate', { user_id: scene.bob.id }, { as: scene.key });
  await stage.done('users.reactivate', { user_id: scene.bob.id }, { as: scene.key });
  await stage.done('calls.answer', { call_id: id, device_id: 'phone', as_user_id: scene.bob.id }, { as: scene.key });
  await stage.done('users.deactivate', { user_id: scene.bob.id }, { as: scene.key });
  expect((await call(id)).participants.find(({ user_id }) => user_id === scene.bob.id)?.left_ms).not.toBeNull();
});

it('is counted with the calls that have ended', async () => {
  const counts = async (): Promise<readonly number[]> => {
    const { text } = await stage.ask('GET', '/metrics');
    return ['started', 'ended', 'unanswered'].map((what) => Number(new RegExp(`^talaria_calls_${what}_total (\\d+)$`, 'm').exec(text)?.[1]));
  };
  const [started, ended, unanswered] = await counts() as [number, number, number];
  await ongoing('direct', [scene.bob.id]);
  const { conversation_id } = await stage.done('conversations.create', { kind: 'group', member_ids: [scene.bob.id] }, { as: scene.alice.token });
  const { id } = await stage.done('calls.start', { conversation_id, kind: 'audio', device_id: 'desk' }, { as: scene.alice.token });
  await stage.done('calls.end', { call_id: id }, { as: scene.alice.token });
  await stage.done('users.deactivate', { user_id: scene.bob.id }, { as: scene.key });
  expect(await counts()).toEqual([started + 2, ended + 2, unanswered + 1]);
});
