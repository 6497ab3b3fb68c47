/** Signals: who may send them where, and who gets them. */
import type { UpInput } from '@talaria/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Caller } from '../../src/domain/caller.js';
import type { Storage } from '../../src/storage/port.js';
import type { TestUser } from './pair.js';
import { createGroup, createPeople } from './people.js';
import type { RawClient } from './raw-client.js';
import { startWorld, type App, type World } from './world.js';

let world: World;
let app: App;
/** Reads of conversations and users since the start. */
let reads: { conversation: number; user: number };

const counting = (storage: Storage): Storage => ({
  ...storage,
  conversation: (...args) => {
    reads.conversation += 1;
    return storage.conversation(...args);
  },
  user: (...args) => {
    reads.user += 1;
    return storage.user(...args);
  },
});

beforeEach(async () => {
  reads = { conversation: 0, user: 0 };
  world = await startWorld({ wrapStorage: counting });
  app = await world.app();
});
afterEach(() => world.stop());

const people = (...names: string[]): Promise<TestUser[]> => createPeople(world, app, names);
const group = (owner: TestUser, ...members: TestUser[]): Promise<string> => createGroup(world, owner, members);
const direct = async (one: TestUser, other: TestUser): Promise<string> => (await world.op(one.caller, 'conversations.create', { kind: 'direct', member_ids: [other.id] })).conversation_id;
const signal = (stream: string, type = 'wave', extra: { json?: string; lifetime_ms?: number } = {}): UpInput => ({ signal: { stream, type, ...extra } });

async function settle(...clients: RawClient[]): Promise<void> {
  for (const client of clients) await client.settle();
}

/** What becomes of a signal: the code of its refusal, or `sent` when the other got it, else `silent`. */
async function fate(from: RawClient, to: RawClient, frame: UpInput): Promise<string> {
  const [refused, heard] = [from.all('refusal').length, to.all('signal').length];
  from.up(frame);
  await settle(from, from, to);
  return from.all('refusal')[refused]?.refusal.code ?? (to.all('signal').length > heard ? 'sent' : 'silent');
}

describe('signals to a conversation', () => {
  it('[SIG1] go by the permission of the sender in it, with roles of the conversation and as they change, at once', async () => {
    const [ann, ben] = await people('ann', 'ben') as [TestUser, TestUser];
    const room = await group(ann, ben);
    const [a, b] = [await world.client(app, ann.token), await world.client(app, ben.token)];
    const become = (role: string) => world.op(ann.caller, 'members.update', { conversation_id: room, user_id: ben.id, role });
    const define = (roles: object) => world.op(ann.caller, 'conversations.settings', { conversation_id: room, roles });
    expect(await fate(b, a, signal(room))).toBe('sent');
    await become('reader');
    expect(await fate(b, a, signal(room))).toBe('forbidden');
    await define({ guest: { like: 'reader', may: ['signal.send'] }, mute: { like: 'member', may_not: ['signal.send'] } });
    await become('guest');
    expect(await fate(b, a, signal(room))).toBe('sent');
    await become('mute');
    expect(await fate(b, a, signal(room))).toBe('forbidden');
    await define({ guest: { like: 'reader' }, mute: { like: 'member' } });
    expect(await fate(b, a, signal(room))).toBe('sent');
    await become('guest');
    expect(await fate(b, a, signal(room))).toBe('forbidden');
    expect(await fate(a, b, signal(room))).toBe('sent');
    await world.op(ann.caller, 'members.remove', { conversation_id: room, user_id: ben.id });
    expect(await fate(b, a, signal(room))).toBe('forbidden');
    await world.op(ann.caller, 'members.add', { conversation_id: room, member_ids: [ben.id] });
    await b.until(() => b.all('following').some(({ following }) => following.stream === room));
    expect(await fate(b, a, signal(room))).toBe('sent');
  });

  it('ask the storage once for a sender, and again when something has changed', async () => {
    const [ann, ben, carol] = await people('ann', 'ben', 'carol') as [TestUser, TestUser, TestUser];
    const room = await group(ann, ben, carol);
    const [a, b] = [await world.client(app, ann.token), await world.client(app, ben.token)];
    const before = { ...reads };
    for (let at = 0; at < 50; at += 1) b.up(signal(room, 'typing', { json: `{"at":${at}}` }));
    await a.until(() => a.all('signal').length === 50);
    // Also while the first answer was awaited they kept their order.
    expect(a.all('signal').map(({ signal: { json } }) => (JSON.parse(json) as { at: number }).at)).toEqual(Array.from({ length: 50 }, (_, at) => at));
    expect([reads.conversation - before.conversation, reads.user - before.user]).toEqual([1, 1]);
    // What concerns another member, and messages, are no reason.
    await b.say(room, 'hello');
    await world.op(ann.caller, 'members.update', { conversation_id: room, user_id: carol.id, role: 'reader' });
    expect(await fate(b, a, signal(room))).toBe('sent');
    expect(reads.conversation - before.conversation).toBe(1);
    await world.op(ann.caller, 'members.update', { conversation_id: room, user_id: ben.id, role: 'moderator' });
    expect(await fate(b, a, signal(room))).toBe('sent');
    expect(reads.conversation - before.conversation).toBe(2);
  });

  it('[SIG1] are refused where there is a block between the two sides, and go again when it is lifted', async () => {
    const [ann, ben] = await people('ann', 'ben') as [TestUser, TestUser];
    const room = await direct(ann, ben);
    const [a, b] = [await world.client(app, ann.token), await world.client(app, ben.token)];
    expect([await fate(a, b, signal(room)), await fate(b, a, signal(room))]).toEqual(['sent', 'sent']);
    await world.op(ann.caller, 'blocks.add', { user_id: 'me', blocked_user_id: ben.id });
    expect([await fate(a, b, signal(room)), await fate(b, a, signal(room, 'typing'))]).toEqual(['blocked', 'blocked']);
    await world.op(ann.caller, 'blocks.remove', { user_id: 'me', blocked_user_id: ben.id });
    expect([await fate(a, b, signal(room)), await fate(b, a, signal(room, 'typing'))]).toEqual(['sent', 'sent']);
  });

  it('[ISO1] say the same of a conversation of others, of another app, and of none', async () => {
    const [ann, ben, eve] = await people('ann', 'ben', 'eve') as [TestUser, TestUser, TestUser];
    const room = await group(ann, ben);
    const other = await world.app();
    const foreign = await world.user(other, 'ann');
    const { conversation_id: theirs } = await world.op(foreign.caller, 'conversations.create', { kind: 'group', member_ids: [(await world.user(other, 'ben')).id] });
    const [a, e] = [await world.client(app, ann.token), await world.client(app, eve.token)];
    const f = await world.client(other, foreign.token);
    for (const stream of [room, theirs, world.server.domain.ids.id('conversation'), 'c_x']) e.up(signal(stream));
    await e.until(() => e.all('refusal').length === 4);
    expect(new Set(e.all('refusal').map(({ refusal }) => JSON.stringify({ ...refusal, stream: '' })))).toHaveProperty('size', 1);
    await settle(a, f);
    expect([a.all('signal'), f.all('signal')]).toEqual([[], []]);
  });

  it('have a type, an object, and a lifetime that is cut', async () => {
    const [ann, ben] = await people('ann', 'ben') as [TestUser, TestUser];
    const room = await group(ann, ben);
    const [a, b] = [await world.client(app, ann.token), await world.client(app, ben.token)];
    for (const frame of [signal(room, ''), signal(room, 'x'.repeat(33)), signal(room, 'x', { json: '[]' }), signal(room, 'x', { json: '{' })]) expect(await fate(a, b, frame)).toBe('invalid_argument');
    for (const [type, lifetime_ms] of [['wave', 0], ['wave', 99_999], ['wave', 5], ['typing', 0], ['typing', 99_999], ['typing', 5]] as const) a.up(signal(room, type, { lifetime_ms }));
    await b.until(() => b.all('signal').length === 6);
    expect(b.all('signal').map((frame) => frame.signal.lifetime_ms)).toEqual([30_000, 30_000, 5, 6_000, 10_000, 5]);
  });
});

describe('signals to a user', () => {
  it('[SIG2] reach all their devices, and nobody else', async () => {
    const [ann, ben, carol] = await people('ann', 'ben', 'carol') as [TestUser, TestUser, TestUser];
    await group(ann, ben, carol);
    const [a, c] = [await world.client(app, ann.token), await world.client(app, carol.token)];
    const devices = [await world.client(app, ben.token, { device_id: 'phone' }), await world.client(app, ben.token, { device_id: 'laptop', follow_recent: 0 })];
    const json = await world.socket(app, 'talaria.v1.json');
    await json.hello(ben.token, { device_id: 'tv' });
    a.up(signal(ben.id, 'ring', { json: '{"n":1}', lifetime_ms: 900 }));
    for (const device of [...devices, json]) {
      expect((await device.next('signal')).signal).toEqual({ stream: ben.id, type: 'ring', json: '{"n":1}', lifetime_ms: 900, user_id: ann.id });
    }
    await settle(a, c);
    expect([a.all('signal'), c.all('signal')]).toEqual([[], []]);
  });

  it('[SIG2,ISO1] are refused alike where there is no such user, none who shares a conversation, a block, or the user of another app', async () => {
    const [ann, ben, carol, dora, eve] = await people('ann', 'ben', 'carol', 'dora', 'eve') as [TestUser, TestUser, TestUser, TestUser, TestUser];
    const other = await world.app();
    const foreign = await world.user(other, 'ben');
    await group(ann, ben, carol, dora);
    const room = await group(ann, eve);
    await world.op(carol.caller, 'blocks.add', { user_id: 'me', blocked_user_id: ann.id });
    await world.op(ann.caller, 'blocks.add', { user_id: 'me', blocked_user_id: dora.id });
    await world.op(eve.caller, 'members.remove', { conversation_id: room, user_id: 'me' });
    const a = await world.client(app, ann.token);
    const theirs = [await world.client(app, carol.token), await world.client(app, dora.token), await world.client(app, eve.token), await world.client(other, foreign.token)];
    const asked = [carol.id, dora.id, eve.id, foreign.id, world.server.domain.ids.id('user'), 'u_x'];
    for (const id of asked) a.up(signal(id));
    await a.until(() => a.all('refusal').length === asked.length);
    expect(new Set(a.all('refusal').map(({ refusal }) => JSON.stringify({ ...refusal, stream: '' })))).toHaveProperty('size', 1);
    expect(a.all('refusal')[0]!.refusal).toMatchObject({ code: 'not_found', retryable: false });
    await settle(...theirs);
    expect(theirs.flatMap((client) => client.all('signal'))).toEqual([]);
    expect(await fate(a, a, signal(ann.id))).toBe('invalid_argument');
  });
});

describe('typing', () => {
  it('[SIG3] is not shown of who does not want it, from the moment at which they say so', async () => {
    const [ann, ben] = await people('ann', 'ben') as [TestUser, TestUser];
    const room = await group(ann, ben);
    const [a, b] = [await world.client(app, ann.token), await world.client(app, ben.token)];
    const choose = async (typing: boolean) => {
      const known = b.facts(ben.id).length;
      await world.op(ben.caller, 'privacy.set', { user_id: 'me', typing });
      await b.until(() => b.facts(ben.id).length > known);
    };
    expect(await fate(b, a, signal(room, 'typing'))).toBe('sent');
    await choose(false);
    expect([await fate(b, a, signal(room, 'typing')), await fate(b, a, signal(ann.id, 'typing')), await fate(b, a, signal(room))]).toEqual(['silent', 'silent', 'sent']);
    expect(await fate(a, b, signal(room, 'typing'))).toBe('sent');
    await choose(true);
    const before = reads.user;
    expect(await fate(b, a, signal(room, 'typing'))).toBe('sent');
    // A new connection asks once, and is told of changes by the own stream.
    await choose(false);
    const again = await world.client(app, ben.token, { device_id: 'laptop' });
    expect([await fate(again, a, signal(room, 'typing')), await fate(again, a, signal(room, 'typing'))]).toEqual(['silent', 'silent']);
    expect(reads.user - before).toBe(1);
  });
});

describe('signals.send', () => {
  it('of a backend reaches a conversation and a user, of nobody or for somebody', async () => {
    const [ann, ben] = await people('ann', 'ben') as [TestUser, TestUser];
    const room = await group(ann, ben);
    const b = await world.client(app, ben.token);
    await world.op(app.backend, 'signals.send', { conversation_id: room, type: 'alarm', data: { n: 1 } });
    await world.op(app.backend, 'signals.send', { user_id: 'ext:ben', type: 'alarm', lifetime_ms: 7 });
    await world.op(app.backend, 'signals.send', { user_id: ben.id, type: 'wave', as_user_id: 'ext:ann' });
    await world.op(ann.caller, 'signals.send', { conversation_id: room, type: 'typing' });
    await b.until(() => b.all('signal').length === 4);
    expect(b.all('signal').map((frame) => frame.signal)).toEqual([
      { stream: room, type: 'alarm', json: '{"n":1}', lifetime_ms: 30_000, user_id: '' }, { stream: ben.id, type: 'alarm', json: '', lifetime_ms: 7, user_id: '' },
      { stream: ben.id, type: 'wave', json: '', lifetime_ms: 30_000, user_id: ann.id }, { stream: room, type: 'typing', json: '', lifetime_ms: 6_000, user_id: ann.id },
    ]);
  });

  it('[SIG1,SIG2] keeps to the rules of the socket', async () => {
    const [ann, ben, eve] = await people('ann', 'ben', 'eve') as [TestUser, TestUser, TestUser];
    const room = await group(ann, ben);
    const pair = await direct(ann, ben);
    const b = await world.client(app, ben.token);
    const other = await world.app();
    const send = (caller: Caller, input: Record<string, unknown>): Promise<string> => world.op(caller, 'signals.send', { type: 'x', ...input }).then(() => 'sent', (error: { code: string }) => error.code);
    expect(await send(eve.caller, { conversation_id: room })).toBe('not_found');
    expect([await send(eve.caller, { user_id: ben.id }), await send(eve.caller, { user_id: 'ext:nobody' }), await send(other.backend, { user_id: ben.id })]).toEqual(['not_found', 'not_found', 'not_found']);
    expect([await send(other.backend, { conversation_id: room }), await send(ann.caller, { as_user_id: ben.id, conversation_id: room })]).toEqual(['not_found', 'forbidden']);
    expect([await send(ann.caller, {}), await send(ann.caller, { conversation_id: room, user_id: ben.id }), await send(ann.caller, { user_id: ben.id, data: { text: 'x'.repeat(5_000) } })])
      .toEqual(['invalid_argument', 'invalid_argument', 'invalid_argument']);
    await world.op(ann.caller, 'members.update', { conversation_id: room, user_id: ben.id, role: 'reader' });
    expect(await send(ben.caller, { conversation_id: room })).toBe('forbidden');
    await world.op(ann.caller, 'privacy.set', { user_id: 'me', typing: false });
    expect(await send(ann.caller, { conversation_id: room, type: 'typing' })).toBe('sent');
    await world.op(ann.caller, 'blocks.add', { user_id: 'me', blocked_user_id: ben.id });
    expect([await send(ben.caller, { conversation_id: pair }), await send(ben.caller, { user_id: ann.id }), await send(app.backend, { conversation_id: pair })]).toEqual(['blocked', 'not_found', 'sent']);
    await b.next('signal');
    await settle(b);
    expect(b.all('signal').map((frame) => frame.signal.user_id)).toEqual(['']);
  });
});
