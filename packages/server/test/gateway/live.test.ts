import type { ServerCodec } from '@talaria/protocol';
import { afterEach, expect, it } from 'vitest';
import { startWorld, type World } from './world.js';

let world: World;
afterEach(() => world.stop());

it('[SND1,ORD1,ORD6] a message is committed, acked, and seen once by everyone, its sender too', async () => {
  world = await startWorld();
  const app = await world.app();
  const [alice, bob] = [await world.user(app, 'alice'), await world.user(app, 'bob')];
  const group = await world.op(alice.caller, 'conversations.create', { member_ids: [bob.id] });
  const [a, b] = [await world.client(app, alice.token), await world.client(app, bob.token)];
  const ack = await a.say(group.conversation_id, 'hello');
  await b.until(() => b.texts(group.conversation_id).length === 1);
  await a.until(() => a.texts(group.conversation_id).length === 1);
  const stored = await world.op(app.backend, 'facts.list', { conversation_id: group.conversation_id });
  expect(stored.items.at(-1)).toMatchObject({ seq: ack.seq, type: 'message.created', client_id: ack.client_id, body: { text: 'hello' } });
  const [seenByA, seenByB] = [a.facts(group.conversation_id), b.facts(group.conversation_id)];
  expect(seenByA).toEqual(seenByB);
  expect(seenByA.map((fact) => [fact.seq, fact.client_id, fact.actor])).toEqual([[ack.seq, ack.client_id, alice.id]]);
  expect(b.all('facts')[0]?.facts).toMatchObject({ from_seq: ack.seq, to_seq: ack.seq, omitted: [] });
});

it('[SND2,SND3] a repeat gets the original answer as a duplicate, another request under its id is refused', async () => {
  world = await startWorld();
  const app = await world.app();
  const alice = await world.user(app, 'alice');
  const group = await world.op(alice.caller, 'conversations.create', { member_ids: [alice.id] });
  const a = await world.client(app, alice.token);
  const first = await a.say(group.conversation_id, 'once');
  a.post(group.conversation_id, 'once', first.client_id);
  const second = (await a.next('ack', 2)).ack;
  expect(second).toEqual({ ...first, duplicate: true });
  a.post(group.conversation_id, 'other', first.client_id);
  expect((await a.next('refusal')).refusal).toMatchObject({ client_id: first.client_id, code: 'idempotency_mismatch', retryable: false });
  await a.say(group.conversation_id, 'after');
  await a.until(() => a.texts(group.conversation_id).length === 2);
  expect(a.texts(group.conversation_id)).toEqual(['once', 'after']);
});

it('[ORD1] encodes each fact once for a subprotocol, however many follow', async () => {
  let encoded = 0;
  world = await startWorld({
    wrapCodec: (codec: ServerCodec) => ({
      ...codec,
      encodeFact(fact) {
        if (codec.binary) encoded += 1;
        return codec.encodeFact(fact);
      },
    }),
  });
  const app = await world.app();
  const alice = await world.user(app, 'alice');
  const group = await world.op(alice.caller, 'conversations.create', { member_ids: [alice.id] });
  const followers = await Promise.all(Array.from({ length: 500 }, () => world.client(app, alice.token)));
  const a = followers[0]!;
  encoded = 0;
  for (let index = 0; index < 20; index += 1) await a.say(group.conversation_id, `m${index}`);
  await Promise.all(followers.map((follower) => follower.until(() => follower.texts(group.conversation_id).length === 20)));
  expect(encoded).toBe(20);
  for (const follower of followers) expect(follower.texts(group.conversation_id)).toEqual(Array.from({ length: 20 }, (_, index) => `m${index}`));
}, 60_000);

it('[SND4] sends of one connection commit in the order in which they came', async () => {
  world = await startWorld();
  const app = await world.app();
  const alice = await world.user(app, 'alice');
  const group = await world.op(alice.caller, 'conversations.create', { member_ids: [alice.id] });
  const a = await world.client(app, alice.token);
  const sent = Array.from({ length: 300 }, (_, index) => `m${index}`);
  for (const text of sent) a.post(group.conversation_id, text);
  await a.until(() => a.texts(group.conversation_id).length === sent.length);
  expect(a.texts(group.conversation_id)).toEqual(sent);
});

it('[ISO3,VIS1] who is removed sees the removal and nothing after it, and who joins sees nothing before', async () => {
  world = await startWorld();
  const app = await world.app();
  const [alice, bob] = [await world.user(app, 'alice'), await world.user(app, 'bob')];
  const { conversation_id: group } = await world.op(alice.caller, 'conversations.create', { member_ids: [bob.id] });
  const [a, b] = [await world.client(app, alice.token), await world.client(app, bob.token)];
  await a.say(group, 'for both');
  const removed = await world.op(alice.caller, 'members.remove', { conversation_id: group, user_id: bob.id });
  await a.say(group, 'for alice');
  await b.until(() => b.facts(bob.id).some((fact) => fact.type === 'conversation.removed'));
  const added = await world.op(alice.caller, 'members.add', { conversation_id: group, member_ids: [bob.id] });
  await a.say(group, 'for both again');
  await b.until(() => b.texts(group).length === 2);
  expect(b.texts(group)).toEqual(['for both', 'for both again']);
  expect(b.facts(group).map((fact) => fact.seq).filter((seq) => seq > removed.seq && seq < added.seq)).toEqual([]);
  expect(b.facts(group).find((fact) => fact.seq === removed.seq)?.type).toBe('member.left');
});

it('[BAD session.foreign-id,ISO1] sockets of another app get nothing, and its ids answer as absent ones do', async () => {
  world = await startWorld();
  const [one, two] = [await world.app(), await world.app()];
  const [alice, mallory] = [await world.user(one, 'alice'), await world.user(two, 'alice')];
  const { conversation_id: group } = await world.op(alice.caller, 'conversations.create', { member_ids: [alice.id] });
  const [a, m] = [await world.client(one, alice.token), await world.client(two, mallory.token)];
  const absent = `c_${'0'.repeat(26)}`;
  m.post(group, 'x');
  m.post(absent, 'x');
  m.up({ follow: { stream: group } });
  m.up({ follow: { stream: absent } });
  await m.until(() => m.all('refusal').length === 4);
  const bare = m.all('refusal').map(({ refusal }) => ({ ...refusal, client_id: '', stream: '', request_id: '' }));
  const sends = m.all('refusal').filter((frame) => frame.refusal.client_id !== '').length;
  expect(sends).toBe(2);
  expect(new Set(bare.map((refusal) => JSON.stringify(refusal))).size).toBe(1);
  await a.say(group, 'secret');
  await a.until(() => a.texts(group).length === 1);
  expect(m.all('facts').flatMap((frame) => frame.facts.facts)).toEqual([]);
});

it('[FLW3] more commands in flight than allowed are refused retryably, and what was acked is kept', async () => {
  world = await startWorld();
  const app = await world.app();
  const alice = await world.user(app, 'alice');
  const { conversation_id: group } = await world.op(alice.caller, 'conversations.create', { member_ids: [alice.id] });
  const a = await world.client(app, alice.token);
  const ids = Array.from({ length: 3_000 }, (_, index) => a.post(group, `m${index}`));
  await a.until(() => a.all('ack').length + a.all('refusal').length === ids.length);
  const acked = new Set(a.all('ack').map((frame) => frame.ack.client_id));
  for (const { refusal } of a.all('refusal')) expect(['overloaded', 'predecessor_refused']).toContain(refusal.code);
  for (const { refusal } of a.all('refusal')) expect(refusal.retryable).toBe(true);
  await a.until(() => a.facts(group).length === acked.size);
  expect(a.facts(group).map((fact) => fact.client_id)).toEqual(ids.filter((id) => acked.has(id)));
}, 60_000);

it('[VIS3] what is not released takes no seq: refused commands leave no hole and no place', async () => {
  world = await startWorld();
  const app = await world.app();
  const [alice, bob] = [await world.user(app, 'alice'), await world.user(app, 'bob')];
  const { conversation_id: group } = await world.op(alice.caller, 'conversations.create', { member_ids: [alice.id] });
  const [a, b] = [await world.client(app, alice.token), await world.client(app, bob.token)];
  const first = await a.say(group, 'one');
  for (let index = 0; index < 5; index += 1) b.post(group, 'not a member');
  await b.next('refusal', 5);
  const { position } = await world.server.domain.storage.info();
  const second = await a.say(group, 'two');
  expect(second.seq).toBe(first.seq + 1);
  expect((await world.server.domain.storage.info()).position).toBe(position + 1);
});
