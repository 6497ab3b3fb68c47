/** Members, receipts, users, drafts, presence and typing, as screens show them. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Client } from '../../src/client.js';
import { views, type Views } from '../../src/views/index.js';
import { setStage, until, type Stage } from '../client/stage.js';
import { shows } from './watch.js';

let stage: Stage;
let alice: Client;
let bob: Client;
let screen: Views;
beforeAll(async () => {
  stage = await setStage();
  [alice, bob] = [stage.client('alice'), stage.client('bob')];
  await Promise.all([alice.ready(), bob.ready()]);
  screen = views(alice);
});
afterAll(() => stage.stop());

const group = async (): Promise<string> => (await alice.conversations.create({ members: ['ext:bob'] })).id;

it('members come page by page, and with the facts', async () => {
  for (const name of ['carol', 'dave']) await stage.token(name);
  const id = await group();
  await alice.command('members.add', { conversation_id: id, member_ids: ['ext:carol'] });
  const members = screen.members(id, { page: 2 });
  const first = await shows(members, ({ loading }) => loading === false);
  expect([first.members.length, first.hasMore]).toEqual([2, true]);
  await Promise.all([members.loadMore(), members.loadMore()]);
  expect([members.get().members.length, members.get().hasMore]).toEqual([3, false]);
  for (const [at, member] of first.members.entries()) expect(members.get().members[at]).toBe(member);
  await alice.command('members.add', { conversation_id: id, member_ids: ['ext:dave'] });
  await alice.command('members.update', { conversation_id: id, user_id: 'ext:dave', role: 'admin' });
  await shows(members, ({ members: all }) => all.length === 4 && all.at(-1)?.role === 'admin');
  await alice.command('members.remove', { conversation_id: id, user_id: 'ext:carol' });
  await shows(members, ({ members: all }) => all.length === 3);
  const { items } = await alice.call('members.list', { conversation_id: id });
  expect([...members.get().members].sort((left, right) => left.user_id.localeCompare(right.user_id))).toEqual(items);
  members.close();
});

it('[CNT3] receipts are those from before, and what moves', async () => {
  const id = await group();
  const [one, two] = [await alice.conversations.open(id).send('1').sent, await alice.conversations.open(id).send('2').sent];
  bob.conversations.open(id).markRead(one);
  const receipts = screen.receipts(id);
  const message = (seq: number) => ({ seq, sender_id: alice.userId });
  await until(() => receipts.readBy(message(one.seq)).length === 1);
  expect([receipts.readBy(message(two.seq)), receipts.readBy({ seq: one.seq, sender_id: bob.userId }), receipts.readBy(message(0))]).toEqual([[], [], []]);
  bob.conversations.open(id).markRead(two);
  await until(() => receipts.readBy(message(two.seq)).includes(bob.userId));
  expect(receipts.get()).toMatchObject({ complete: true, loading: false, error: undefined });
  receipts.close();
});

it('users are asked for together, and once', async () => {
  const asked: unknown[] = [];
  const call = alice['core'].calls.call.bind(alice['core'].calls);
  alice['core'].calls.call = (op: string, input: object, signal?: AbortSignal) => {
    if (op === 'users.batch') asked.push(input);
    return call(op, input, signal);
  };
  const all = [screen.users([bob.userId]), screen.users([alice.userId, bob.userId]), screen.users(['ext:bob', 'u_00000000000000000000000000'])];
  for (const view of all) view.get();
  await shows(all[1]!, (users) => users.size === 2);
  expect(all[0]!.get().get(bob.userId)).toBe(all[1]!.get().get(bob.userId));
  expect([...all[2]!.get().values()].map(({ external_id }) => external_id)).toEqual(['bob']);
  expect(asked).toHaveLength(1);
  // One's own profile is told.
  await alice.command('users.update', { user_id: 'me', name: 'Alice M.' });
  await shows(all[1]!, (users) => users.get(alice.userId)?.name === 'Alice M.');
  alice['core'].calls.call = call;
  for (const view of all) view.close();
});

it('a draft is that of the device on which was written last; the last that was written is kept', async () => {
  const id = await group();
  const other = stage.client('alice');
  await other.ready();
  const [here, there] = [screen.draft(id), views(other).draft(id)];
  here.set('Dear');
  here.set('Dear all');
  expect(here.get()).toMatchObject({ text: 'Dear all', saving: true });
  await shows(there, ({ text }) => text === 'Dear all');
  there.set('Dear all,');
  there.close();
  await shows(here, ({ text, saving }) => text === 'Dear all,' && !saving);
  here.clear();
  await until(() => alice.pending === 0 && !here.get().saving);
  expect((await other.call('drafts.list', { user_id: 'me' })).items).toEqual([]);
  expect(here.get()).toMatchObject({ text: '', error: undefined });
  here.close();
});

it('who is there, and who is typing; a client has one `live`', async () => {
  const id = await group();
  const [presence, typing] = [screen.presence([bob.userId]), screen.typing(id)];
  expect(screen.live).toBe(screen.live);
  await shows(presence, (users) => users.get(bob.userId)?.state === 'online');
  bob.conversations.open(id).typing();
  expect(await shows(typing, (users) => users.length === 1)).toEqual([bob.userId]);
  presence.close();
  typing.close();
});

it('[VIS2] who is not shown in groups is not shown typing', async () => {
  const id = await group();
  const [typing, everybody] = [screen.typing(id), screen.live.typing({ id })];
  const bobs = bob.conversations.open(id);
  /** While Bob goes on typing. */
  const sees = (wanted: readonly string[]): Promise<void> => until(() => {
    bobs.typing();
    return everybody.users.includes(bob.userId) && typing.get().join() === wanted.join();
  });
  await sees([bob.userId]);
  await alice.command('privacy.set', { user_id: 'me', hide_blocked: true });
  await alice.command('blocks.add', { user_id: 'me', blocked_user_id: bob.userId });
  await sees([]);
  await alice.command('blocks.remove', { user_id: 'me', blocked_user_id: bob.userId });
  await sees([bob.userId]);
  await alice.command('privacy.set', { user_id: 'me', hide_blocked: false });
  everybody.close();
  typing.close();
});

it('the connection is as it is, and closed views are still', async () => {
  const other = stage.client('carol');
  const own = views(other);
  const connection = own.connection();
  await shows(connection, ({ state }) => state === 'connected');
  let told = 0;
  connection.subscribe(() => {
    told += 1;
  });
  own.close();
  await other.close();
  expect([told, other.status.state]).toEqual([0, 'closed']);
});

it('a conversation is followed as long as a view shows it, and on when the app has opened it', async () => {
  const [one, two] = [await group(), await group()];
  // Whoever makes one has opened it.
  const [id, kept] = await Promise.all([bob.conversations.create({ members: ['ext:alice'] }), bob.conversations.create({ members: ['ext:alice'] })]).then((made) => made.map((chat) => chat.id));
  alice.conversations.open(kept!);
  const all = [id, id, kept].map((conversation) => screen.timeline(conversation!));
  expect([id, kept].map((conversation) => alice['core'].tracker.opened(conversation!))).toEqual([true, true]);
  all[0]!.close();
  expect(alice['core'].tracker.opened(id!)).toBe(true);
  for (const view of all) view.close();
  expect([id, kept, one, two].map((conversation) => alice['core'].tracker.opened(conversation!))).toEqual([false, true, true, true]);
});
