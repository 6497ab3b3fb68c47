/** The inbox agrees with the server: which conversations, in which order, and how much is unread in each. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Client } from '../../src/client.js';
import { views, type Inbox, type InboxOptions } from '../../src/views/index.js';
import { setStage, until, type Stage } from '../client/stage.js';
import { shows } from './watch.js';

let stage: Stage;
beforeAll(async () => {
  stage = await setStage();
});
afterAll(() => stage.stop());

let people = 0;
/** Users of their own for each test. */
async function person(): Promise<Client> {
  people += 1;
  const client = stage.client(`user-${people}`);
  await client.ready();
  return client;
}

const names = (inbox: Inbox): readonly string[] => inbox.get().conversations.map(({ name }) => name);

/** Resolves when the inbox shows what the server says; the test's own timeout tells that it never does. */
async function agrees(client: Client, inbox: Inbox, options: InboxOptions = {}): Promise<void> {
  const { kind, unread, pinned, archived, sort } = options;
  let given = '';
  let shown = '';
  for (let tries = 0; tries < 200; tries += 1) {
    const { items } = await client.call('inbox.list', { user_id: 'me', kind, unread_only: unread, pinned, archived, sort, limit: 200 });
    // The server also gives conversations in which all that was unread is deleted.
    given = JSON.stringify(items.filter(({ membership }) => unread !== true || membership!.unread > 0), null, 1);
    shown = JSON.stringify(inbox.get().conversations, null, 1);
    if (given === shown) return;
    await new Promise<void>((resolve) => void setTimeout(resolve, 10));
  }
  expect(JSON.parse(shown)).toEqual(JSON.parse(given));
}

it('[CNT2] shows the latest first, with what is unread, and pages on', async () => {
  const [alice, bob] = [await person(), await person()];
  const ids: string[] = [];
  for (let at = 1; at <= 7; at += 1) ids.push((await bob.conversations.create({ name: `${at}`, members: [alice.userId] })).id);
  const screen = views(alice);
  const inbox = screen.inbox({ page: 3 });
  await shows(inbox, ({ loading }) => loading === false);
  expect([names(inbox), inbox.get().hasMore]).toEqual([['7', '6', '5'], true]);
  await Promise.all([inbox.loadMore(), inbox.loadMore()]);
  expect(names(inbox)).toEqual(['7', '6', '5', '4', '3', '2']);
  const before = inbox.get().conversations;
  // One of a page that is not there yet comes to the top.
  const message = await bob.conversations.open(ids[0]!).send('hello').sent;
  await shows(inbox, ({ conversations }) => conversations[0]?.membership?.unread === 1);
  expect(names(inbox)).toEqual(['1', '7', '6', '5', '4', '3', '2']);
  expect(inbox.get().conversations.slice(1)).toEqual(before);
  for (const [at, row] of before.entries()) expect(inbox.get().conversations[at + 1]).toBe(row);
  await inbox.loadMore();
  expect(inbox.get()).toMatchObject({ hasMore: false, loading: false, error: undefined });
  alice.conversations.open(ids[0]!).markRead(message);
  await shows(inbox, ({ conversations }) => conversations[0]?.membership?.unread === 0);
  await agrees(alice, inbox);
  screen.close();
});

it('[CNT3] another device that takes "marked unread" away is seen', async () => {
  const [alice, bob] = [await person(), await person()];
  const { id } = await bob.conversations.create({ name: 'x', members: [alice.userId] });
  const message = await bob.conversations.open(id).send('hello').sent;
  const other = stage.client(`user-${people - 1}`);
  await other.ready();
  other.conversations.open(id).markRead(message);
  const screen = views(alice);
  const [inbox, row] = [screen.inbox(), screen.conversation(id)];
  const unread = (): number | undefined => inbox.get().conversations[0]?.membership?.unread;
  await until(() => unread() === 0);
  await other.command('marks.unread', { conversation_id: id, from_seq: message.seq });
  await until(() => unread() === 1 && row.get().conversation?.membership?.unread === 1);
  other.conversations.open(id).markRead(message);
  await until(() => unread() === 0 && row.get().conversation?.membership?.unread === 0);
  screen.close();
});

it('has what was missed while there was no connection in the order in which it was', async () => {
  const [alice, bob] = [await person(), await person()];
  const made = await Promise.all(['a', 'b', 'c', 'd'].map((name) => bob.conversations.create({ name, members: [alice.userId] })));
  const screen = views(alice);
  const inbox = screen.inbox();
  await shows(inbox, ({ conversations }) => conversations.length === 4);
  const direct = stage.client(`user-${people}`, { url: stage.direct });
  await direct.ready();
  stage.proxy.hold();
  for (const at of [2, 0, 3, 1]) await direct.conversations.open(made[at]!.id).send('hello').sent;
  stage.proxy.cut();
  stage.proxy.release();
  await shows(inbox, ({ conversations }) => conversations.every(({ membership }) => membership?.unread === 1));
  await agrees(alice, inbox);
  expect(names(inbox)).toEqual(['b', 'd', 'a', 'c']);
  screen.close();
});

const kinds = ['send', 'send', 'send', 'silent', 'mention', 'reply', 'delete', 'edit', 'react', 'rename', 'own', 'read', 'read_some', 'unread', 'archive', 'pin', 'hide', 'leave', 'add', 'cut'] as const;

it('[CNT1,CNT2,CNT3] after any history it agrees with the server, with each filter', async () => {
  await fc.assert(fc.asyncProperty(fc.array(fc.record({ kind: fc.constantFrom(...kinds), chat: fc.nat(3), at: fc.nat(9) }), { minLength: 10, maxLength: 50 }), async (steps) => {
    const [alice, bob] = [await person(), await person()];
    const chats = [];
    for (const name of ['0', '1', '2', '3']) chats.push({ id: (await bob.conversations.create({ name, members: [alice.userId] })).id, sent: [] as { id: string; seq: number }[] });
    const screen = views(alice);
    const all: readonly InboxOptions[] = [{}, { unread: true }, { archived: 'included', sort: 'pinned' }, { archived: 'only' }];
    const inboxes = all.map((options) => screen.inbox(options));
    for (const { kind, chat, at } of steps) {
      const { id, sent } = chats[chat]!;
      const his = bob.conversations.open(id);
      const target = sent[at % Math.max(sent.length, 1)];
      const send = async (content: Parameters<typeof his.send>[0]): Promise<void> => void sent.push(await his.send(content).sent);
      const pass = (work: Promise<unknown>): Promise<unknown> => work.catch(() => undefined);
      switch (kind) {
        case 'send': await send('x'); break;
        case 'silent': await send({ text: 's', silent: true }); break;
        case 'mention': await send({ text: 'm', mentions: at % 2 === 0 ? { userIds: [alice.userId] } : { everyone: true } }); break;
        case 'reply': if (target) await pass(his.send({ text: 'r', thread: target, inMain: at % 3 === 0 }).sent); break;
        case 'delete': if (target) await pass(his.remove(target)); break;
        case 'edit': if (target) await pass(his.edit(target, { text: 'e' })); break;
        case 'react': if (target) await pass(his.react(target, `${at % 3}`)); break;
        case 'rename': await bob.command('conversations.update', { conversation_id: id, name: `${chat} ${at}` }); break;
        case 'own': await pass(alice.conversations.open(id).send('own').sent); break;
        case 'read': alice.conversations.open(id).markRead(1_000); break;
        case 'read_some': if (target) alice.conversations.open(id).markRead(target); break;
        case 'unread': if (target) await pass(alice.command('marks.unread', { conversation_id: id, from_seq: target.seq })); break;
        case 'archive': await pass(alice.command('conversations.preferences', { conversation_id: id, archived: at % 2 === 0 })); break;
        case 'pin': await pass(alice.command('conversations.preferences', { conversation_id: id, pinned: at % 2 === 0 })); break;
        case 'hide': await pass(alice.command('conversations.preferences', { conversation_id: id, hidden: true })); break;
        case 'leave': await pass(alice.command('members.remove', { conversation_id: id, user_id: 'me' })); break;
        case 'add': await pass(bob.command('members.add', { conversation_id: id, member_ids: [alice.userId] })); break;
        case 'cut': stage.proxy.cut(); break;
        default: kind satisfies never;
      }
    }
    await until(() => alice.pending === 0 && bob.pending === 0);
    for (const [at, inbox] of inboxes.entries()) await agrees(alice, inbox, all[at]);
    screen.close();
  }), { numRuns: 12, endOnFailure: true });
}, 300_000);
