/** [ISO1] What belongs to another app is, to the last byte of the answer, what does not exist. */
import { operationIds, operations, type OperationId } from '@talaria/protocol/operations';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Reply } from './support/reply.js';
import { startStage, type Input, type Scene, type Stage } from './support/stage.js';
import { absentThings, makeThings, type Things } from './support/things.js';

let stage: Stage;
let own: Scene;
let foreign: Things;
let strange: Things;
let absent: Things;

beforeAll(async () => {
  // With limits, so that their headers are compared too.
  const plenty = { per_s: 1_000, burst: 1_000 };
  stage = await startStage({ limitRates: { user: plenty, conversation: plenty, app: plenty }, addressRate: plenty });
  own = await stage.scene();
  const other = await stage.scene();
  foreign = await makeThings(stage, other, 'mallory');
  // Of the same app, in a conversation that alice is no member of.
  const carol = await stage.world.user(own, 'carol');
  const { conversation_id: apart } = await stage.world.op(carol.caller, 'conversations.create', { member_ids: ['ext:bob'] });
  strange = await makeThings(stage, { ...own, group: apart }, 'dave');
  absent = absentThings();
  // What is on in alice's group is on for all of this.
  const { id: call } = await stage.done('calls.start', { conversation_id: own.group, kind: 'audio', device_id: 'd' }, { as: own.alice.token });
  await stage.done('calls.answer', { call_id: call, device_id: 'd' }, { as: own.bob.token });
});
afterAll(() => stage.stop());

/** Of the own app, for each time anew: alice's conversation, and a user who is a member of it. */
async function ownThings(): Promise<Things> {
  const { conversation_id: group } = await stage.done('conversations.create', { member_ids: ['ext:bob'] }, { as: own.alice.token });
  const external = `erin ${group}`;
  const made = await makeThings(stage, { ...own, group }, external, 'ext:alice');
  await stage.done('members.add', { conversation_id: own.group, member_ids: [`ext:${external}`] }, { as: own.key });
  const message = await stage.done('messages.send', { conversation_id: group, text: 'ours', poll: { question: 'Which?', options: ['this', 'that'] } }, { as: own.alice.token });
  // What is listed of erin is not what is listed of nobody.
  const as_user_id = `ext:${external}`;
  const { id: kept } = await stage.done('messages.send', { conversation_id: own.group, text: 'kept', as_user_id }, { as: own.key });
  await stage.done('messages.send', { conversation_id: own.group, text: 'news' }, { as: own.alice.token });
  await stage.done('bookmarks.add', { message_id: kept, as_user_id }, { as: own.key });
  await stage.done('drafts.set', { conversation_id: own.group, text: 'half', as_user_id }, { as: own.key });
  await stage.done('messages.send', { conversation_id: own.group, text: 'reply', thread_id: kept, as_user_id }, { as: own.key });
  await stage.done('scheduled.create', { conversation_id: own.group, text: 'later', send_at_ms: 4_000_000_000_000, as_user_id }, { as: own.key });
  await stage.done('invitations.create', { conversation_id: group, user_ids: [as_user_id] }, { as: own.key });
  await stage.done('requests.create', { conversation_id: group, as_user_id }, { as: own.key });
  await stage.done('blocks.add', { user_id: as_user_id, blocked_user_id: 'ext:zoe' }, { as: own.key });
  while ((await stage.world.server.domain.storage.indexMessages({ nowMs: 0, limit: 1_000, sweep: 0 })).more);
  return { ...made, message: message.id };
}

type Case = readonly [id: OperationId, input: (things: Things, own: Scene) => Input];

const ABOUT_CONVERSATIONS: readonly Case[] = [
  ['conversations.get', (one) => ({ conversation_id: one.conversation })],
  ['conversations.update', (one) => ({ conversation_id: one.conversation, name: 'mine now' })],
  ['facts.list', (one) => ({ conversation_id: one.conversation })],
  ['facts.list', (one) => ({ conversation_id: one.conversation, after_seq: 1_000 })],
  ['facts.changes', (one) => ({ conversation_id: one.conversation, after_seq: 0, from_seq: 1, to_seq: 9 })],
  ['members.list', (one) => ({ conversation_id: one.conversation })],
  ['members.add', (one) => ({ conversation_id: one.conversation, member_ids: ['ext:alice'] })],
  ['members.remove', (one) => ({ conversation_id: one.conversation, user_id: 'ext:bob' })],
  ['members.update', (one) => ({ conversation_id: one.conversation, user_id: 'ext:bob', role: 'reader' })],
  ['messages.send', (one) => ({ conversation_id: one.conversation, text: 'hello there' })],
  ['messages.list', (one) => ({ conversation_id: one.conversation })],
  ['messages.get', (one) => ({ message_id: one.message })],
  ['messages.edit', (one) => ({ message_id: one.message, text: 'mine now' })],
  ['messages.delete', (one) => ({ message_id: one.message })],
  ['marks.list', (one) => ({ conversation_id: one.conversation })],
  ['signals.send', (one) => ({ conversation_id: one.conversation, type: 'wave' })],
  ['conversations.settings', (one) => ({ conversation_id: one.conversation, slow_mode_s: 0 })],
  ['conversations.transfer', (one) => ({ conversation_id: one.conversation, user_id: 'ext:bob' })],
  ['invitations.create', (one) => ({ conversation_id: one.conversation, user_ids: ['ext:zoe'] })],
  ['invitations.list', (one) => ({ conversation_id: one.conversation })],
  ['invitations.revoke', (one) => ({ conversation_id: one.conversation, user_id: 'ext:yan' })],
  ['links.create', (one) => ({ conversation_id: one.conversation })],
  ['links.list', (one) => ({ conversation_id: one.conversation })],
  ['links.revoke', (one) => ({ link_id: one.link })],
  ['requests.list', (one) => ({ conversation_id: one.conversation })],
  ['requests.approve', (one) => ({ conversation_id: one.conversation, user_id: 'ext:ron' })],
  ['requests.deny', (one) => ({ conversation_id: one.conversation, user_id: 'ext:ron' })],
  ['held.list', (one) => ({ conversation_id: one.conversation })],
  ['held.approve', (one) => ({ conversation_id: one.conversation, held_id: one.held })],
  ['held.reject', (one) => ({ conversation_id: one.conversation, held_id: one.held })],
  ['messages.list', (one) => ({ conversation_id: one.conversation, thread_id: one.message })],
  ['messages.send', (one) => ({ conversation_id: one.conversation, text: 'a reply', thread_id: one.message, quoted_id: one.message })],
  ['messages.forward', (one, { group }) => ({ message_id: one.message, conversation_id: group })],
  ['messages.forward', (one) => ({ message_id: one.message, conversation_id: one.conversation })],
  ['messages.history', (one) => ({ message_id: one.message })],
  ['pins.add', (one) => ({ message_id: one.message })],
  ['pins.remove', (one) => ({ message_id: one.message })],
  ['pins.list', (one) => ({ conversation_id: one.conversation })],
  ['reactions.list', (one) => ({ message_id: one.message })],
  ['polls.close', (one) => ({ message_id: one.message })],
  ['receipts.get', (one) => ({ message_id: one.message })],
  ['polls.voters', (one) => ({ message_id: one.message })],
  ['calls.get', (one) => ({ call_id: one.call })],
  ['calls.list', (one) => ({ conversation_id: one.conversation })],
  ['calls.end', (one) => ({ call_id: one.call })],
  ['search.messages', (one) => ({ conversation_ids: [one.conversation] })],
];

/** What somebody does for themselves: a backend says for whom. */
const OF_ONESELF: readonly Case[] = [
  ['marks.set', (one) => ({ conversation_id: one.conversation, read_seq: 1 })],
  ['marks.unread', (one) => ({ conversation_id: one.conversation, from_seq: 1 })],
  ['messages.hide', (one) => ({ message_id: one.message })],
  ['conversations.preferences', (one) => ({ conversation_id: one.conversation, pinned: true })],
  ['scheduled.create', (one) => ({ conversation_id: one.conversation, text: 'later', send_at_ms: 4_000_000_000_000 })],
  ['scheduled.cancel', (one) => ({ scheduled_id: one.scheduled })],
  ['requests.create', (one) => ({ conversation_id: one.conversation })],
  ['links.join', (one) => ({ code: one.code })],
  ['reactions.add', (one) => ({ message_id: one.message, reaction: '👍' })],
  ['reactions.remove', (one) => ({ message_id: one.message, reaction: '👍' })],
  ['polls.vote', (one) => ({ message_id: one.message, options: ['1'] })],
  ['calls.start', (one) => ({ conversation_id: one.conversation, kind: 'audio', device_id: 'd' })],
  ['calls.answer', (one) => ({ call_id: one.call, device_id: 'd' })],
  ['calls.decline', (one) => ({ call_id: one.call })],
  ['calls.leave', (one) => ({ call_id: one.call })],
  ['bookmarks.add', (one) => ({ message_id: one.message })],
  ['bookmarks.remove', (one) => ({ message_id: one.message })],
  ['drafts.set', (one) => ({ conversation_id: one.conversation, text: 'half' })],
  ['drafts.set', (one) => ({ conversation_id: one.conversation, thread_id: one.message, text: 'half' })],
  ['threads.follow', (one) => ({ message_id: one.message })],
  ['threads.unfollow', (one) => ({ message_id: one.message })],
  ['threads.read', (one) => ({ message_id: one.message, read_seq: 3 })],
];

const ABOUT_USERS: readonly Case[] = (['user', 'external'] as const).flatMap((name): Case[] => [
  ['users.get', (one) => ({ user_id: one[name] })],
  ['users.update', (one) => ({ user_id: one[name], name: 'mine now' })],
  ['users.batch', (one) => ({ user_ids: [one[name]] })],
  ['users.presence', (one) => ({ user_ids: [one[name]] })],
  ['signals.send', (one) => ({ user_id: one[name], type: 'wave' })],
  ['inbox.list', (one) => ({ user_id: one[name] })],
  ['inbox.unread', (one) => ({ user_id: one[name] })],
  ['drafts.list', (one) => ({ user_id: one[name] })],
  ['calls.active', (one) => ({ user_id: one[name] })],
  ['scheduled.list', (one) => ({ user_id: one[name] })],
  ['invitations.mine', (one) => ({ user_id: one[name] })],
  ['requests.mine', (one) => ({ user_id: one[name] })],
  ['privacy.get', (one) => ({ user_id: one[name] })],
  ['privacy.set', (one) => ({ user_id: one[name], receipts: true })],
  ['blocks.add', (one) => ({ user_id: one[name], blocked_user_id: 'ext:carol' })],
  ['blocks.remove', (one) => ({ user_id: one[name], blocked_user_id: 'ext:carol' })],
  ['blocks.list', (one) => ({ user_id: one[name] })],
  ['bookmarks.list', (one) => ({ user_id: one[name] })],
  ['threads.list', (one) => ({ user_id: one[name] })],
  ['search.conversations', (one) => ({ user_id: one[name], q: 'group' })],
  ['conversations.create', (one) => ({ member_ids: [one[name]] })],
  ['members.add', (one, { group }) => ({ conversation_id: group, member_ids: [one[name]] })],
  ['members.remove', (one, { group }) => ({ conversation_id: group, user_id: one[name] })],
  ['members.update', (one, { group }) => ({ conversation_id: group, user_id: one[name], role: 'reader' })],
]);

const FOR_BACKENDS: readonly Case[] = [
  ...(['user', 'external'] as const).flatMap((name): Case[] => [
    ['auth.revoke', (one) => ({ user_id: one[name] })],
    ['users.deactivate', (one) => ({ user_id: one[name] })],
    ['users.reactivate', (one) => ({ user_id: one[name] })],
    ['auth.revoke', (one) => ({ user_id: one[name], device_id: 'phone' })],
    ['accounts.get', (one) => ({ user_id: one[name] })],
    ['accounts.set', (one) => ({ user_id: one[name], password: 'battery staple' })],
    ['sessions.list', (one) => ({ user_id: one[name] })],
    ['sessions.revoke', (one) => ({ user_id: one[name], session_id: one.session })],
    ['sessions.clear', (one) => ({ user_id: one[name] })],
    ['messages.send', (one, { group }) => ({ conversation_id: group, text: 'as them', as_user_id: one[name] })],
    ['conversations.create', (one) => ({ member_ids: ['ext:alice'], as_user_id: one[name] })],
    ['marks.set', (one, { group }) => ({ conversation_id: group, read_seq: 1, as_user_id: one[name] })],
  ]),
  ...OF_ONESELF.map(([id, input]): Case => [id, (one, scene) => ({ ...input(one, scene), as_user_id: 'ext:alice' })]),
  ['usage.list', (one) => ({ app_id: one.app })],
  ['connections.list', (one) => ({ app_id: one.app })],
  ['connections.list', (one) => ({ user_id: one.user })],
  ['connections.list', (one) => ({ user_id: one.external })],
  ['connections.get', (one) => ({ connection_id: one.connection })],
  ['connections.close', (one) => ({ connection_id: one.connection })],
  ['traces.start', (one) => ({ conversation_id: one.conversation, for_s: 1 })],
  ['traces.stop', (one) => ({ conversation_id: one.conversation })],
  ['traces.list', (one) => ({ app_id: one.app })],
  ['traces.get', (one) => ({ message_id: one.message })],
  ['links.get', (one) => ({ code: one.code })],
  ['invitations.accept', (one) => ({ conversation_id: one.conversation, as_user_id: 'ext:yan' })],
  ['invitations.decline', (one) => ({ conversation_id: one.conversation, as_user_id: 'ext:yan' })],
  ['requests.withdraw', (one) => ({ conversation_id: one.conversation, as_user_id: 'ext:ron' })],
];
const FOR_USERS = OF_ONESELF;
/** By these one comes into a conversation of the own app that lets one in. */
const FOR_STRANGERS: ReadonlySet<OperationId> = new Set(['requests.create', 'links.join']);

/** What may differ from one request to the next, whatever it asks for. */
const PASSING = new Set(['date', 'talaria-request-id', 'idempotency-key', 'ratelimit']);

/** The whole answer, but for what was asked for: some refusals name it. */
function comparable({ status, headers, text }: Reply, asked: Things): unknown {
  const same = [headers.get('talaria-request-id') ?? '', ...Object.values(asked)].reduce((left, id) => (id === '' ? left : left.replaceAll(id, 'ID')), text);
  return { status, headers: [...headers].filter(([name]) => !PASSING.has(name)), names: [...headers.keys()], text: same };
}

const named = (cases: readonly Case[]) => cases.map(([id, input], at) => ({ id, input, at }));
type Named = ReturnType<typeof named>[number];
const ask = ({ id, input }: Named, asked: Things, as: string): Promise<Reply> => stage.call(id, input(asked, own), { as });
const answer = async (one: Named, asked: Things, as: string): Promise<unknown> => comparable(await ask(one, asked, as), asked);

describe.each(named([...ABOUT_CONVERSATIONS, ...ABOUT_USERS, ...FOR_BACKENDS]))('[ISO1] $id ($at) with a key', (one) => {
  it('answers of another app as of nothing, and of its own something else', async () => {
    const ofNothing = await answer(one, absent, own.key);
    expect(await answer(one, foreign, own.key)).toEqual(ofNothing);
    const real = await ownThings();
    const ofOwn = await ask(one, real, own.key);
    // 409: what is asked for is there, and in another state.
    expect([200, 409]).toContain(ofOwn.status);
    expect(comparable(ofOwn, real)).not.toEqual(ofNothing);
  });
});

describe.each(named([...ABOUT_CONVERSATIONS, ...FOR_USERS]))('[ISO1] $id ($at) with a user token', (one) => {
  it('answers of another app, and of a conversation of others, as of nothing', async () => {
    const ofNothing = await answer(one, absent, own.alice.token);
    expect(await answer(one, foreign, own.alice.token)).toEqual(ofNothing);
    if (!FOR_STRANGERS.has(one.id)) expect(await answer(one, strange, own.alice.token)).toEqual(ofNothing);
    expect([200, 409]).toContain((await ask(one, await ownThings(), own.alice.token)).status);
  });
});

describe.each(named(ABOUT_USERS))('[ISO1] $id ($at) with a user token', (one) => {
  it('answers of a user of another app as of nobody', async () => {
    expect(await answer(one, foreign, own.alice.token)).toEqual(await answer(one, absent, own.alice.token));
  });
});

const acting = ABOUT_CONVERSATIONS.filter(([id]) => operations[id].command || id === 'signals.send');

describe.each(named([...acting, ...FOR_USERS]))('[ISO1] $id ($at) in the name of a user', ({ id, input }) => {
  it('answers of a user of another app as of nobody', async () => {
    const as = async (asked: Things, user: string): Promise<Reply> => stage.call(id, { ...input(asked, own), as_user_id: user }, { as: own.key });
    const real = await ownThings();
    const told = async (user: string): Promise<unknown> => comparable(await as(real, user), { ...real, user });
    for (const name of ['user', 'external'] as const) expect(await told(foreign[name])).toEqual(await told(absent[name]));
    expect((await as(real, foreign.user)).status).toBeGreaterThanOrEqual(400);
    expect([200, 409]).toContain((await as(real, 'ext:alice')).status);
  });
});

/** Ids that we have not given out, and that name nothing of ours. */
const OF_THE_CUSTOMER = new Set(['external_id', 'device_id']);

describe('[ISO1] beside the answers', () => {
  it('no operation of an app that takes an id was left out', () => {
    const held = new Set([...ABOUT_CONVERSATIONS, ...ABOUT_USERS, ...FOR_BACKENDS, ...FOR_USERS].map(([id]) => id));
    const taking = operationIds.filter((id) => operations[id].scope !== 'admin' && Object.keys(operations[id].input.shape).some((field) => /(?:^|_)(?:user_id|id|ids)$/.test(field) && !OF_THE_CUSTOMER.has(field)));
    expect(taking.filter((id) => !held.has(id))).toEqual([]);
    expect(taking.length).toBeGreaterThan(20);
  });

  it('nothing of it has changed anything there', async () => {
    const others = await stage.world.server.domain.storage.messages({ app: foreign.app, conversation: foreign.conversation, viewer: null, limit: 50, anchor: { kind: 'newest' } });
    expect(others?.items.map(({ payload }) => JSON.parse(payload) as unknown)).toMatchObject([{ text: 'theirs' }]);
    expect((await stage.world.server.domain.storage.user(foreign.app, foreign.user))?.name).toBe('');
  });

  it('the same command key is another one in another app', async () => {
    const other = await stage.scene();
    const headers = { 'idempotency-key': 'the very same' };
    const send = (scene: Scene, text: string) => stage.done('messages.send', { conversation_id: scene.group, text }, { as: scene.key, headers });
    expect((await send(own, 'one')).duplicate).toBe(false);
    expect((await send(other, 'two')).duplicate).toBe(false);
  });

  it('the same user id of a customer is another user in another app', async () => {
    const other = await stage.scene();
    expect(other.alice.id).not.toBe(own.alice.id);
    expect((await stage.done('users.get', { user_id: 'ext:alice' }, { as: other.key })).id).toBe(other.alice.id);
  });

  it("one app's requests do not count against another's limit", async () => {
    const other = await stage.scene();
    const left = async (scene: Scene) => Number(/;r=(\d+);/.exec((await stage.call('users.list', {}, { as: scene.key })).headers.get('ratelimit') ?? '')?.[1]);
    const before = await left(other);
    for (let turn = 0; turn < 20; turn += 1) await left(own);
    expect(await left(other)).toBeGreaterThanOrEqual(before - 1);
  });
});
