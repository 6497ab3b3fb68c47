/** Who is told that whom is connected. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Caller } from '../../src/domain/caller.js';
import { startWorld, type App, type World } from './world.js';

let world: World;
let app: App;
beforeAll(async () => {
  world = await startWorld();
  app = await world.app();
});
afterAll(() => world.stop());

const asked = async (caller: Caller, ...refs: string[]) => (await world.op(caller, 'users.presence', { user_ids: refs })).items;
const ids = async (caller: Caller, ...refs: string[]): Promise<readonly string[]> => (await asked(caller, ...refs)).map((item) => item.user_id);
const until = async (condition: () => Promise<boolean>): Promise<void> => {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 10));
};

it('[ISO1] a backend is told of every user of its app, and of nobody else, in the order in which it asks', async () => {
  const other = await world.app();
  const [ann, ben, foreign] = [await world.user(app, 'b-ann'), await world.user(app, 'b-ben'), await world.user(other, 'b-ann')];
  const client = await world.client(app, ann.token);
  expect(await asked(app.backend, ben.id, 'ext:b-ann', 'ext:nobody', foreign.id)).toEqual([
    { user_id: ben.id, online: false, state: 'offline', devices: 0, last_seen_ms: null }, { user_id: ann.id, online: true, state: 'online', devices: 1, last_seen_ms: expect.any(Number) },
  ]);
  expect(await asked(other.backend, 'ext:b-ann', ann.id)).toEqual([{ user_id: foreign.id, online: false, state: 'offline', devices: 0, last_seen_ms: null }]);
  client.ws.close();
});

it('[ISO2] a user is told of themselves and of those with whom they share a conversation; others are like nobody', async () => {
  const [ann, ben, carol] = [await world.user(app, 'u-ann'), await world.user(app, 'u-ben'), await world.user(app, 'u-carol')];
  await world.client(app, carol.token);
  const { conversation_id: group } = await world.op(ann.caller, 'conversations.create', { kind: 'group', member_ids: [ben.id] });
  expect(await ids(ann.caller, ann.id, ben.id, carol.id, 'ext:u-carol', 'ext:nobody')).toEqual([ann.id, ben.id]);
  expect(await asked(ann.caller, carol.id)).toEqual(await asked(ann.caller, world.server.domain.ids.id('user')));
  await world.op(ann.caller, 'members.add', { conversation_id: group, member_ids: [carol.id] });
  expect(await asked(ann.caller, carol.id)).toMatchObject([{ user_id: carol.id, online: true, devices: 1 }]);
  await world.op(ann.caller, 'members.remove', { conversation_id: group, user_id: carol.id });
  expect(await ids(ann.caller, carol.id)).toEqual([]);
});

it('[FLW3] at most a hundred are asked for at once, and at least one', async () => {
  for (const refs of [[], Array.from({ length: 101 }, (_, at) => `ext:${at}`)]) await expect(asked(app.backend, ...refs)).rejects.toMatchObject({ code: 'invalid_argument' });
  expect(await asked(app.backend, ...Array.from({ length: 100 }, (_, at) => `ext:none-${at}`))).toEqual([]);
});

it('a user has as many devices as are connected, and was last seen when the last of them left', async () => {
  const ann = await world.user(app, 'd-ann');
  const [phone, again, laptop] = [await world.client(app, ann.token, { device_id: 'phone' }), await world.client(app, ann.token, { device_id: 'phone' }), await world.client(app, ann.token, { device_id: 'laptop' })];
  expect(await asked(app.backend, ann.id)).toMatchObject([{ online: true, devices: 2 }]);
  phone.ws.close();
  laptop.ws.close();
  await until(async () => (await asked(app.backend, ann.id))[0]?.devices === 1);
  expect(await asked(app.backend, ann.id)).toMatchObject([{ online: true }]);
  const fromMs = Date.now();
  again.ws.close();
  // The grace, and the write behind it.
  await until(async () => {
    const [found] = await asked(app.backend, ann.id);
    return found !== undefined && !found.online && found.last_seen_ms !== null && found.last_seen_ms >= fromMs - 1;
  });
  expect((await asked(app.backend, ann.id))[0]!.last_seen_ms).toBeLessThanOrEqual(Date.now());
}, 20_000);

it('is asked for over the socket, too', async () => {
  const ann = await world.user(app, 's-ann');
  const client = await world.client(app, ann.token);
  client.up({ call: { id: 1, op: 'users.presence', json: JSON.stringify({ user_ids: [ann.id] }) } });
  const { reply } = await client.next('reply');
  expect(JSON.parse(reply.json)).toMatchObject({ items: [{ user_id: ann.id, online: true, devices: 1 }] });
  client.ws.close();
});
