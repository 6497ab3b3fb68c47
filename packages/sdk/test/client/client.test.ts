import { afterEach, expect, it } from 'vitest';
import { clientIdFrom } from '../../src/client-id.js';
import { TalariaError } from '../../src/errors.js';
import { memoryStore } from '../../src/store/memory.js';
import type { Fact } from '../../src/streams/fact.js';
import { setStage, until, type Stage } from './stage.js';

let stage: Stage;
afterEach(() => stage.stop());

async function duo() {
  const [alice, bob] = [stage.client('alice'), stage.client('bob')];
  await Promise.all([alice.ready(), bob.ready()]);
  const here = await alice.conversations.create({ members: ['ext:bob'], name: 'duo' });
  return { alice, bob, here, there: bob.conversations.open(here.id) };
}

it('[SND1,SND7,ORD6] a message is there at once, queued, sent, and seen once by both sides', async () => {
  stage = await setStage();
  const { alice, here, there } = await duo();
  const seen: string[] = [];
  const own: string[] = [];
  there.on('message', (message) => seen.push(message.text));
  here.on('message', (message) => own.push(message.clientId));
  const message = here.send('hello');
  expect(message).toMatchObject({ text: 'hello', seq: 0, senderId: alice.userId });
  await message.queued;
  const committed = await message.sent;
  expect(committed).toMatchObject({ conversationId: here.id, duplicate: false });
  await until(() => seen.length === 1 && own.length === 1);
  expect(seen).toEqual(['hello']);
  expect(own).toEqual([message.clientId]);
  expect((await there.history()).messages.map((one) => [one.id, one.text])).toEqual([[committed.id, 'hello']]);
});

it('[SND4] keeps at least 32 sends in flight while acks are held back, and their order', async () => {
  stage = await setStage();
  const { here, there } = await duo();
  await here.send('first').sent;
  stage.proxy.hold();
  const sends = Array.from({ length: 100 }, (_, index) => here.send(`m${index}`));
  const count = async () => (await stage.server.domain.storage.info()).position;
  const before = await count();
  // No ack has come back: whatever is committed now was in flight at once.
  while (await count() < before + 32) await new Promise<void>((resolve) => void setImmediate(resolve));
  stage.proxy.release();
  const results = await Promise.all(sends.map((send) => send.sent));
  const seqs = results.map((result) => result.seq);
  expect(seqs).toEqual([...seqs].sort((x, y) => x - y));
  expect((await there.history({ limit: 200 })).messages.map((one) => one.text)).toEqual(['first', ...sends.map((send) => send.text)]);
});

it('[SND6] a final refusal is reported and blocks nothing behind it', async () => {
  stage = await setStage();
  const { alice, here } = await duo();
  const failed: string[] = [];
  alice.on('failed', ({ command }) => failed.push(command.clientId));
  const tooLong = here.send('x'.repeat(10_001));
  const fine = here.send('fine');
  await expect(tooLong.sent).rejects.toMatchObject({ name: 'TalariaError', code: 'too_large', retryable: false });
  await fine.sent;
  expect(failed).toEqual([tooLong.clientId]);
});

it('[SND2] an edit and a delete with a client id of their own are done once', async () => {
  stage = await setStage();
  const { alice, here } = await duo();
  const sent = await here.send('before').sent;
  const types: string[] = [];
  const [editId, removeId] = [clientIdFrom(Date.now(), 'edit'), clientIdFrom(Date.now(), 'remove')];
  here.on('fact', ({ type, clientId }) => {
    if (clientId === editId || clientId === removeId) types.push(`${type} ${clientId}`);
  });
  const edits = [await here.edit(sent, { text: 'after' }, { clientId: editId }), await here.edit(sent, { text: 'after' }, { clientId: editId })];
  const removals = [await here.remove(sent, { clientId: removeId }), await here.remove(sent, { clientId: removeId })];
  for (const pair of [edits, removals]) {
    expect(pair.map(({ duplicate }) => duplicate)).toEqual([false, true]);
    expect(pair[1]!.seq).toBe(pair[0]!.seq);
  }
  await until(() => types.length === 2);
  // Nothing of the repeats comes behind.
  const seqs: number[] = [];
  here.on('message', ({ seq }) => void seqs.push(seq));
  const last = await here.send('behind them').sent;
  await until(() => seqs.includes(last.seq));
  expect(types).toEqual([`message.updated ${editId}`, `message.deleted ${removeId}`]);
  expect(alice.pending).toBe(0);
});

it('[SND5,SND4] a rate limit is waited out, and the order stays', async () => {
  stage = await setStage({ limits: { user: { per_s: 200, burst: 20 } } });
  const { here } = await duo();
  const sends = Array.from({ length: 120 }, (_, index) => here.send(`m${index}`));
  await Promise.all(sends.map((send) => send.sent));
  expect((await here.history({ limit: 200 })).messages.map((one) => one.text)).toEqual(sends.map((send) => send.text));
}, 60_000);

it('[ORD2,RES1,SND2] through cuts every client sees every message once and in order', async () => {
  stage = await setStage();
  const { alice, bob, here, there } = await duo();
  const byAlice: Fact[] = [];
  const byBob: Fact[] = [];
  await alice.consume('log', (fact) => void byAlice.push(fact));
  await bob.consume('log', (fact) => void byBob.push(fact));
  const sends = [];
  for (let round = 0; round < 10; round += 1) {
    for (let index = 0; index < 20; index += 1) sends.push(here.send(`a${round}.${index}`).sent, there.send(`b${round}.${index}`).sent);
    await Promise.race(sends.slice(-4));
    stage.proxy.cut();
  }
  const results = await Promise.all(sends);
  const messages = (facts: readonly Fact[]) => facts.filter((fact) => fact.stream === here.id && fact.type === 'message.created');
  await until(() => messages(byAlice).length >= 400 && messages(byBob).length >= 400);
  const seqs = results.map((result) => result.seq).sort((x, y) => x - y);
  expect(messages(byAlice).map((fact) => fact.seq)).toEqual(seqs);
  expect(messages(byBob)).toEqual(messages(byAlice));
  const texts = messages(byBob).map((fact) => String(fact.body['text']));
  for (const who of ['a', 'b']) {
    expect(texts.filter((text) => text.startsWith(who))).toEqual(Array.from({ length: 200 }, (_, at) => `${who}${Math.floor(at / 20)}.${at % 20}`));
  }
  expect(stage.proxy.connections).toBeGreaterThan(10);
}, 90_000);

it('[ORD2] a consumer goes on where it stopped: a new client with the same store sees what it has not handled', async () => {
  stage = await setStage();
  const store = memoryStore();
  const bobBefore = stage.client('bob', { store });
  const handled: string[] = [];
  const note = (fact: Fact): void => {
    if (fact.type === 'message.created') handled.push(String(fact.body['text']));
  };
  const consumption = await bobBefore.consume('inbox', note);
  const alice = stage.client('alice');
  await Promise.all([alice.ready(), bobBefore.ready()]);
  const here = await alice.conversations.create({ members: ['ext:bob'] });
  await here.send('one').sent;
  await until(() => handled.length === 1 && consumption.idle);
  await bobBefore.close();
  await here.send('two').sent;
  await here.send('three').sent;
  const bobAfter = stage.client('bob', { store });
  await bobAfter.consume('inbox', note);
  await until(() => handled.length === 3);
  expect(handled).toEqual(['one', 'two', 'three']);
});

it('[ORD2] a handler that throws is tried again; the cursor moves only when it is done', async () => {
  stage = await setStage();
  const { bob, here } = await duo();
  let tries = 0;
  const handled: string[] = [];
  await bob.consume('picky', (fact) => {
    if (fact.type !== 'message.created') return;
    if (fact.body['text'] === 'hard' && ++tries < 3) throw new Error('not yet');
    handled.push(String(fact.body['text']));
  });
  await here.send('hard').sent;
  await here.send('easy').sent;
  await until(() => handled.length === 2);
  expect(handled).toEqual(['hard', 'easy']);
  expect(tries).toBe(3);
});

it('[ORD2] a handler that keeps failing stops its stream with callback_failed', async () => {
  stage = await setStage();
  const { bob, here } = await duo();
  const errors: TalariaError[] = [];
  bob.on('error', (error) => errors.push(error));
  await bob.consume('broken', (fact) => {
    if (fact.type === 'message.created') throw new Error('never');
  }, { attemptsMax: 2 });
  await here.send('x').sent;
  await until(() => errors.length === 1);
  expect(errors[0]).toMatchObject({ code: 'callback_failed' });
});

it('[RES6] however often it connects, a token is asked for once at a time', async () => {
  stage = await setStage();
  let asking = 0;
  let most = 0;
  const alice = stage.client('alice', {
    async token() {
      asking += 1;
      most = Math.max(most, asking);
      const token = await stage.token('alice');
      asking -= 1;
      return token;
    },
  });
  await alice.ready();
  for (let round = 0; round < 5; round += 1) {
    stage.proxy.cut();
    await until(() => alice.status.state !== 'connected');
    await until(() => alice.status.state === 'connected');
  }
  expect(most).toBe(1);
}, 60_000);

it('edits, deletes, members, marks and unread work from one end to the other', async () => {
  stage = await setStage();
  const { bob, here, there } = await duo();
  const updates: string[] = [];
  const deletions: string[] = [];
  there.on('updated', (event) => updates.push(event.text));
  there.on('deleted', (event) => deletions.push(event.messageId));
  const { id, seq } = await here.send({ text: 'first', data: { mood: 'good' } }).sent;
  await here.edit({ id }, { text: 'second' });
  await until(() => updates.length === 1);
  expect(updates).toEqual(['second']);
  expect((await bob.conversations.list()).conversations).toMatchObject([{ id: here.id, unread: 1, name: 'duo', memberCount: 2 }]);
  const marks: number[] = [];
  here.on('mark', (mark) => marks.push(mark.readSeq));
  there.markRead(seq);
  await until(() => marks.length === 1);
  expect((await bob.conversations.list()).conversations[0]?.unread).toBe(0);
  await there.markUnread(seq);
  expect((await bob.conversations.list()).conversations[0]?.unread).toBe(1);
  await here.remove({ id });
  await until(() => deletions.length === 1);
  expect(deletions).toEqual([id]);
  expect((await there.history()).messages[0]).toMatchObject({ id, text: '' });
  expect((await here.members()).members).toHaveLength(2);
  await there.leave();
  await expect(there.send('too late').sent).rejects.toMatchObject({ code: 'not_found' });
});

it('[ORD3,CNT3] the first mark of a conversation is shown, even if it was lost on its way', async () => {
  stage = await setStage();
  const { alice, here } = await duo();
  const { seq } = await here.send('hello').sent;
  await alice.close();
  // Begins with a conversation in which nobody has read anything.
  const again = stage.client('alice');
  const bob = stage.client('bob', { url: stage.direct });
  await Promise.all([again.ready(), bob.ready()]);
  const marks: number[] = [];
  again.conversations.open(here.id).on('mark', (mark) => marks.push(mark.readSeq));
  stage.proxy.hold();
  bob.conversations.open(here.id).markRead(seq);
  while ((await bob.conversations.list()).conversations[0]?.unread !== 0);
  stage.proxy.cut();
  stage.proxy.release();
  await until(() => marks.length === 1);
  expect(marks).toEqual([seq]);
});

it('a store is not used for another user', async () => {
  stage = await setStage();
  const store = memoryStore();
  const alice = stage.client('alice', { store });
  await alice.ready();
  await alice.close();
  const bob = stage.client('bob', { store });
  await expect(bob.ready()).rejects.toMatchObject({ code: 'store_of_another_user' });
});

it('a wrong token closes the client and says why', async () => {
  stage = await setStage();
  const client = stage.client('alice', { token: 'nonsense' });
  await expect(client.ready()).rejects.toMatchObject({ code: 'invalid_token' });
  expect(client.status).toMatchObject({ state: 'closed', reason: 'invalid_token' });
});

it('iterates messages until the client is closed', async () => {
  stage = await setStage();
  const { bob, here, there } = await duo();
  const seen: string[] = [];
  const loop = (async () => {
    for await (const message of there.messages()) {
      seen.push(message.text);
      if (seen.length === 3) break;
    }
  })();
  for (const text of ['1', '2', '3', '4']) await here.send(text).sent;
  await loop;
  expect(seen).toEqual(['1', '2', '3']);
  const rest = (async () => {
    for await (const message of there.messages()) seen.push(message.text);
  })();
  await bob.close();
  await rest;
});
