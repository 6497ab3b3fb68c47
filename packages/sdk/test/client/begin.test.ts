/** What a client meets for the first time: messages before the store is loaded, conversations that began without it. */
import { afterEach, expect, it } from 'vitest';
import { clientIdFrom } from '../../src/client-id.js';
import { memoryStore } from '../../src/store/memory.js';
import type { Fact } from '../../src/streams/fact.js';
import { setStage, until, type Stage } from './stage.js';

let stage: Stage;
afterEach(() => stage.stop());

const textOf = (fact: Fact): string[] => (fact.type === 'message.created' ? [String(fact.body['text'])] : []);

async function duo() {
  const [alice, bob] = [stage.client('alice'), stage.client('bob')];
  await Promise.all([alice.ready(), bob.ready()]);
  const here = await alice.conversations.create({ members: ['ext:bob'], name: 'duo' });
  return { alice, bob, here, there: bob.conversations.open(here.id) };
}

it('[SND7,SND4] what is sent right after connecting loses nothing that an earlier process has stored', async () => {
  stage = await setStage();
  const { alice, here, there } = await duo();
  await alice.close();
  const inner = memoryStore();
  const offline = stage.client('alice', { url: 'http://127.0.0.1:9', store: { ...inner, close: () => Promise.resolve() } });
  for (const text of ['one', 'two']) await offline.conversations.open(here.id).send(text).queued;
  await offline.close();
  let letGo: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const again = stage.client('alice', { store: { ...inner, load: async (table) => gate.then(() => inner.load(table)) } });
  const three = again.conversations.open(here.id).send('three');
  expect(three).toMatchObject({ text: 'three', seq: 0 });
  const created = again.conversations.create({ members: ['ext:bob'] });
  letGo();
  await Promise.all([three.sent, created]);
  expect((await there.history()).messages.map(({ text }) => text)).toEqual(['one', 'two', 'three']);
  expect(again.pending).toBe(0);
});

it('[ORD1,ORD2] a conversation that begins while the connection is cut is seen from its first message', async () => {
  stage = await setStage();
  const { alice, bob } = await duo();
  const [handled, shown]: [string[], string[]] = [[], []];
  await bob.consume('log', (fact) => void handled.push(...textOf(fact)));
  bob.on('fact', (fact) => shown.push(...textOf(fact)));
  // Bob hears nothing of it until he has a new connection.
  stage.proxy.hold();
  const direct = stage.client('alice', { url: stage.direct });
  await direct.ready();
  const created = await direct.conversations.create({ members: ['ext:bob'], name: 'new' });
  for (const text of ['one', 'two', 'three']) await created.send(text).sent;
  stage.proxy.cut();
  stage.proxy.release();
  await until(() => bob.status.state !== 'connected');
  await until(() => bob.status.state === 'connected' && alice.status.state === 'connected');
  await created.send('four').sent;
  await until(() => handled.includes('four') && shown.includes('four'));
  expect(handled).toEqual(['one', 'two', 'three', 'four']);
  expect(shown).toEqual(handled);
});

it('[ORD2] a conversation that begins while the client is away is handled from its first message', async () => {
  stage = await setStage();
  const { alice, bob } = await duo();
  await Promise.all([bob.close(), stage.client('carol').ready()]);
  const store = { ...memoryStore(), close: () => Promise.resolve() };
  const handled: string[] = [];
  const start = async () => {
    const client = stage.client('bob', { store });
    await client.consume('inbox', (fact) => void handled.push(...textOf(fact)));
    await client.ready();
    return client;
  };
  const before = await start();
  const known = await alice.conversations.create({ members: ['ext:bob'], name: 'known' });
  await known.send('zero').sent;
  await until(() => handled.length === 1);
  await before.close();
  const created = await alice.conversations.create({ members: ['ext:bob'], name: 'new' });
  for (const text of ['one', 'two']) await created.send(text).sent;
  // A group whose history is open to all: what was said before he joined is not new to him.
  const open = await alice.conversations.create({ members: ['ext:carol'], name: 'open', history: 'all' });
  await open.send('long ago').sent;
  await open.addMembers(['ext:bob']);
  await open.send('welcome').sent;
  await start();
  await until(() => handled.length >= 4);
  await created.send('three').sent;
  await open.send('and on').sent;
  await until(() => handled.includes('three') && handled.includes('and on'));
  expect([...handled].sort()).toEqual(['and on', 'one', 'three', 'two', 'welcome', 'zero']);
  expect(handled.filter((text) => ['one', 'two', 'three'].includes(text))).toEqual(['one', 'two', 'three']);
});

it('[SND2,SND3] a message with a client id of its own is one message, however often and by whichever process it is sent', async () => {
  stage = await setStage();
  const { here, there } = await duo();
  const seen: string[] = [];
  there.on('message', ({ clientId }) => seen.push(clientId));
  const clientId = clientIdFrom(Date.now(), 'answer to e_1');
  const [first, second] = [here.send('answer', { clientId }), here.send('answer', { clientId })];
  expect([first.clientId, second.clientId]).toEqual([clientId, clientId]);
  const [one, two] = await Promise.all([first.sent, second.sent]);
  expect(two).toBe(one);
  const third = await here.send('answer', { clientId }).sent;
  expect(third).toEqual({ ...one, duplicate: true });
  const other = stage.client('alice');
  await expect(other.conversations.open(here.id).send('answer', { clientId }).sent).resolves.toEqual({ ...one, duplicate: true });
  await expect(here.send('another answer', { clientId }).sent).rejects.toMatchObject({ code: 'idempotency_mismatch' });
  await expect(here.send('answer', { clientId: 'answer-1' }).sent).rejects.toMatchObject({ code: 'invalid_argument' });
  await here.send('last').sent;
  await until(() => seen.length === 2);
  expect(seen[0]).toBe(clientId);
  expect((await there.history()).messages.map(({ text }) => text)).toEqual(['answer', 'last']);
});

it('[SND6] a message that is too large for any frame is refused alone, and the connection stays', async () => {
  stage = await setStage();
  const { alice, here } = await duo();
  const failed: string[] = [];
  alice.on('failed', ({ command }) => failed.push(command.clientId));
  const large = [here.send('x'.repeat(50_000)), here.send({ text: 'x', data: { a: 'x'.repeat(20_000) } })];
  const fine = here.send('fine');
  for (const { sent } of large) await expect(sent).rejects.toMatchObject({ code: 'too_large' });
  await fine.sent;
  expect({ failed, state: alice.status.state }).toEqual({ failed: large.map(({ clientId }) => clientId), state: 'connected' });
});

it('gives up a message whose signal was aborted before', async () => {
  stage = await setStage();
  const { here, there } = await duo();
  await expect(here.send('never', { signal: AbortSignal.abort() }).sent).rejects.toMatchObject({ code: 'aborted' });
  await here.send('fine').sent;
  expect((await there.history()).messages.map(({ text }) => text)).toEqual(['fine']);
});

it('whoever is added has the role of its kind, unless another one is named', async () => {
  stage = await setStage();
  const { alice, bob, here } = await duo();
  await stage.client('carol').ready();
  const news = await alice.conversations.create({ kind: 'channel', members: ['ext:bob'], name: 'news' });
  for (const chat of [here, news]) await chat.addMembers(['ext:carol']);
  const rolesIn = async (chat: typeof here) => (await chat.members()).members.map(({ role }) => role).sort();
  expect([await rolesIn(here), await rolesIn(news)]).toEqual([['member', 'member', 'owner'], ['owner', 'reader', 'reader']]);
  await news.removeMember(bob.userId!);
  await news.addMembers(['ext:bob'], 'moderator');
  expect(await rolesIn(news)).toEqual(['moderator', 'owner', 'reader']);
});
