/** What an app folds of the facts that the SDK gives it is what the API shows, over the real socket. */
import { afterEach, expect, it } from 'vitest';
import type { Client } from '../../src/client.js';
import { emptyConversation, emptyUser, foldConversation, foldUser, type ConversationState, type UserState } from '../../src/state/index.js';
import { setStage, until, type Stage } from '../client/stage.js';

let stage: Stage;
afterEach(() => stage.stop());

interface View {
  readonly conversation: ConversationState;
  readonly user: UserState;
}

/** Everything that a client is told, folded. */
async function watch(client: Client, conversationId: string): Promise<View> {
  const view = { conversation: emptyConversation(conversationId, client.userId, await client.call('conversations.get', { conversation_id: conversationId })), user: emptyUser(client.userId) };
  await client.consume('view', (fact) => {
    if (fact.stream === conversationId) foldConversation(view.conversation, fact);
    if (fact.stream === client.userId) foldUser(view.user, fact);
  }, { from: 'start' });
  return view;
}

async function duo() {
  const [alice, bob] = [stage.client('alice'), stage.client('bob')];
  await Promise.all([alice.ready(), bob.ready()]);
  const here = await alice.conversations.create({ members: ['ext:bob'], name: 'duo' });
  return { alice, bob, here, there: bob.conversations.open(here.id), id: here.id };
}

it('[ORD5] every kind of change of a message reaches the fold of both sides, as the API shows it', async () => {
  stage = await setStage();
  const { alice, bob, here, there, id } = await duo();
  const views = [[alice, await watch(alice, id)], [bob, await watch(bob, id)]] as const;
  const first = await here.send({ text: 'first', data: { n: 1 }, mentions: { userIds: [bob.userId] } }).sent;
  await there.send({ text: 'reply', thread: first }).sent;
  await there.send({ text: 'as I said', quote: first, silent: true }).sent;
  const { sent } = here.send({ poll: { question: 'When?', options: ['now', 'later'], multiple: true }, expiresInS: 3_600 });
  const poll = await sent;
  const { poll: asked } = await bob.call('messages.get', { message_id: poll.id });
  await bob.command('polls.vote', { message_id: poll.id, options: [asked!.options[1]!.id] });
  await there.react(first, '👍');
  await here.react(first, '👍');
  await here.unreact(first, '👍');
  await here.edit(first, { text: 'first, corrected' });
  await alice.command('pins.add', { message_id: first.id });
  await bob.command('bookmarks.add', { message_id: first.id, note: 'for later' });
  await bob.command('drafts.set', { conversation_id: id, text: 'half a thought' });
  await alice.command('conversations.preferences', { conversation_id: id, pinned: true });
  const gone = await here.send('gone').sent;
  await here.remove(gone);
  const last = await here.send('last').sent;
  await alice.command('bookmarks.add', { message_id: last.id });
  for (const [client, { conversation, user }] of views) {
    await until(() => conversation.head_seq >= last.seq && user.bookmarks.size > 0);
    const { items } = await client.call('messages.list', { conversation_id: id });
    expect(items.map(({ text }) => text)).toEqual(['first, corrected', 'as I said', '', '', 'last']);
    expect([...conversation.messages.values()].filter(({ in_main }) => in_main)).toEqual(items);
  }
  const [[, { conversation }]] = views;
  expect({ name: conversation.name, members: [...conversation.members.keys()].toSorted() }).toEqual({ name: 'duo', members: [alice.userId, bob.userId].toSorted() });
  const [, { user }] = views[1];
  expect(user.drafts.get(id)).toMatchObject({ text: 'half a thought' });
  expect(user.bookmarks.get(first.id)).toMatchObject({ note: 'for later' });
});

it('[SND1,SND6] a command gives its whole answer, and what the server refuses is refused', async () => {
  stage = await setStage();
  const { alice, bob, id } = await duo();
  const link = await alice.command('links.create', { conversation_id: id, uses_max: 1 });
  expect(link).toMatchObject({ conversation_id: id, duplicate: false });
  expect(await bob.call('links.get', { code: link.code })).toMatchObject({ name: 'duo' });
  await expect(bob.command('conversations.settings', { conversation_id: id, frozen: true })).rejects.toMatchObject({ code: 'forbidden' });
  await expect(bob.call('messages.get', { message_id: 'm_x' })).rejects.toMatchObject({ code: 'invalid_argument' });
});

it('[SND2] a command with the same client id is done once, also when its answer is lost', async () => {
  stage = await setStage();
  const { alice, id } = await duo();
  stage.proxy.hold();
  const made = alice.command('links.create', { conversation_id: id });
  const before = stage.proxy.connections;
  stage.proxy.cut();
  stage.proxy.release();
  await until(() => stage.proxy.connections > before);
  const { code } = await made;
  const { items } = await alice.call('links.list', { conversation_id: id });
  expect(items.map((item) => item.code)).toEqual([code]);
});

it('[SND1,VIS3] a message that is held is acked with what it waits for, not with a place', async () => {
  stage = await setStage();
  const { alice, bob, here, there, id } = await duo();
  await alice.command('conversations.settings', { conversation_id: id, approval: { timeout_s: 60 } });
  const seen: string[] = [];
  there.on('message', ({ text }) => seen.push(text));
  for (const content of [{ text: 'plain' }, { text: 'to all', mentions: { everyone: false, userIds: [alice.userId] } }]) {
    const held = await there.send(content).sent;
    expect(held).toMatchObject({ id: '', seq: 0, conversationId: id, held: { id: expect.any(String) as string } });
    await alice.command('held.approve', { conversation_id: id, held_id: held.held!.id });
  }
  await here.send('last').sent;
  await until(() => seen.includes('last'));
  expect(seen).toEqual(['plain', 'to all', 'last']);
  expect(bob.pending).toBe(0);
});
