/** The rules that decide a command, on the memory driver. What each database makes of them is the contract suite's affair. */
import { describe, expect, it } from 'vitest';
import { roles, type Role } from '@talaria/protocol';
import { serveMemory } from '../../src/storage/memory/driver.js';
import { stagedMemoryStore } from '../storage/memory-harness.js';
import { createWorld, refusedWith, type World } from '../storage/world.js';

let seeds = 1_000;
const newWorld = (): World => createWorld(serveMemory(stagedMemoryStore()), seeds += 1);

/** A group with one member of each role, by role, and a message of each. */
async function ranks() {
  const world = newWorld();
  const users = new Map<Role, string>();
  for (const role of roles) users.set(role, await world.user(role));
  const user = (role: Role): string => users.get(role)!;
  const group = await world.group(user('owner'), []);
  for (const role of roles) {
    if (role !== 'owner') await world.done(world.command('member.add', { user: user('owner'), conversation: group, members: [user(role)], role }));
  }
  const said = new Map<Role, number>();
  for (const role of roles) if (role !== 'reader') said.set(role, await world.say(group, user(role), `of ${role}`));
  return { world, group, user, said };
}

describe('ranks', () => {
  it('[ISO4] a role acts upon the roles below its own only, and an owner upon all', async () => {
    const mayRemove: Record<Role, readonly Role[]> = {
      owner: ['owner', 'admin', 'moderator', 'member', 'reader'], admin: ['moderator', 'member', 'reader'], moderator: ['member', 'reader'], member: [], reader: [],
    };
    for (const actor of roles) {
      for (const subject of roles) {
        const { world, group, user } = await ranks();
        const other = await world.user('other');
        await world.done(world.command('member.add', { user: user('owner'), conversation: group, members: [other], role: subject }));
        const removed = await world.append(world.command('member.remove', { user: user(actor), conversation: group, member: other }));
        expect([actor, subject, refusedWith(removed)]).toEqual([actor, subject, mayRemove[actor].includes(subject) ? undefined : 'forbidden']);
      }
    }
  });

  it('[ISO4] nobody gives a role that they do not outrank, and nobody raises themselves', async () => {
    const { world, group, user } = await ranks();
    const give = (actor: Role, member: string, role: Role) => world.append(world.command('member.update', { user: user(actor), conversation: group, member, role }));
    const add = async (actor: Role, role: Role) => world.append(world.command('member.add', { user: user(actor), conversation: group, members: [await world.user()], role }));
    expect(refusedWith(await give('admin', user('member'), 'admin'))).toBe('forbidden');
    expect(refusedWith(await give('admin', user('admin'), 'owner'))).toBe('forbidden');
    expect(refusedWith(await give('moderator', user('member'), 'reader'))).toBe('forbidden');
    expect(refusedWith(await give('admin', user('member'), 'moderator'))).toBeUndefined();
    expect(refusedWith(await add('admin', 'admin'))).toBe('forbidden');
    expect(refusedWith(await add('member', 'reader'))).toBe('forbidden');
    expect(refusedWith(await add('admin', 'moderator'))).toBeUndefined();
    expect(refusedWith(await give('owner', user('admin'), 'owner'))).toBeUndefined();
  });

  it('[ISO4] a reader sends nothing, a member deletes own messages only, a moderator any', async () => {
    const { world, group, user, said } = await ranks();
    const remove = (actor: Role, of: Role) => world.append(world.command('message.delete', { user: user(actor), conversation: group, seq: said.get(of)! }));
    const send = (actor: Role) => world.append(world.message({ user: user(actor), conversation: group, text: 'x' }));
    expect(refusedWith(await send('reader'))).toBe('forbidden');
    expect(refusedWith(await remove('reader', 'member'))).toBe('forbidden');
    expect(refusedWith(await remove('member', 'moderator'))).toBe('forbidden');
    expect(refusedWith(await remove('member', 'member'))).toBeUndefined();
    expect(refusedWith(await remove('moderator', 'owner'))).toBeUndefined();
  });

  it('[ISO4] whoever may no longer send may no longer edit or delete what they sent', async () => {
    const { world, group, user, said } = await ranks();
    await world.done(world.command('member.update', { user: user('owner'), conversation: group, member: user('member'), role: 'reader' }));
    const base = { user: user('member'), conversation: group, seq: said.get('member')! };
    expect(refusedWith(await world.append(world.command('message.edit', { ...base, text: 'x', data: null })))).toBe('forbidden');
    expect(refusedWith(await world.append(world.command('message.delete', base)))).toBe('forbidden');
  });

  it('[ISO4] everyone may leave, also a reader, and comes back only by being added', async () => {
    const { world, group, user } = await ranks();
    await world.leave(group, user('reader'));
    expect(refusedWith(await world.append(world.command('member.remove', { user: user('reader'), conversation: group, member: user('reader') })))).toBe('not_found');
    expect(refusedWith(await world.append(world.command('member.add', { user: user('reader'), conversation: group, members: [user('reader')], role: 'reader' })))).toBe('not_found');
  });

  it('[ISO4] the backend is bound by no role, and acts as nobody', async () => {
    const { world, group, user, said } = await ranks();
    await world.edit(group, null, said.get('owner')!, 'by the backend');
    await world.remove(group, null, said.get('owner')!);
    await world.done(world.command('member.remove', { user: null, conversation: group, member: user('owner') }));
    expect((await world.facts(group, null)).slice(-3).map((fact) => fact.actor)).toEqual([null, null, null]);
  });

  it('[CNT1] a message that the backend sends for a user is that user\'s', async () => {
    const { world, group, user } = await ranks();
    const sent = await world.done(world.message({ user: user('member'), conversation: group, text: 'x' }, { actor: world.app }));
    expect(await world.storage.message(world.app, null, group, sent.seq)).toMatchObject({ sender: user('member'), countable: true, senderOrdinal: 2 });
    expect(refusedWith(await world.append(world.message({ user: await world.user(), conversation: group, text: 'x' }, { actor: world.app })))).toBe('not_found');
  });
});

describe('what a command may be about', () => {
  it('[ISO2] a message from before the own join is not there, unless the history is open or the message one\'s own', async () => {
    const world = newWorld();
    const [ann, ben] = await world.users(2) as [string, string];
    const group = await world.group(ann, [ben]);
    const mine = await world.say(group, ben, 'mine');
    await world.leave(group, ben);
    const hidden = await world.say(group, ann, 'hidden');
    await world.done(world.command('member.add', { user: ann, conversation: group, members: [ben], role: 'moderator' }));
    const remove = (seq: number) => world.append(world.command('message.delete', { user: ben, conversation: group, seq }));
    expect(await remove(hidden)).toEqual(await remove(999));
    expect(refusedWith(await remove(mine))).toBeUndefined();
    await world.done(world.command('conversation.update', { user: ann, conversation: group, name: null, data: null, history: 'all' }));
    expect(refusedWith(await remove(hidden))).toBeUndefined();
  });

  it('[ISO1] users that are not there are named, and nothing is made of the rest', async () => {
    const world = newWorld();
    const [ann, ben] = await world.users(2) as [string, string];
    const nobody = world.ids.id('user');
    const create = await world.append(world.command('conversation.create', { user: ann, conversationKind: 'group', name: '', data: '{}', history: 'all', members: [ben, nobody] }));
    expect(create).toMatchObject({ ok: false, refusal: { code: 'not_found', field: 'member_ids', message: `There is no user ${nobody}.` } });
    expect((await world.storage.info()).position).toBe(0);
    const group = await world.group(ann, []);
    const add = await world.append(world.command('member.add', { user: ann, conversation: group, members: [ben, nobody], role: 'member' }));
    expect(add).toMatchObject({ ok: false, refusal: { code: 'not_found', field: 'member_ids' } });
    expect(refusedWith(await world.append(world.command('member.add', { user: ann, conversation: group, members: [], role: 'member' })))).toBe('invalid_argument');
    expect((await world.facts(group, null)).map((fact) => fact.type)).toEqual(['conversation.created', 'member.joined']);
  });

  it('[ISO3] a removal says whether one left or was removed, in both streams', async () => {
    const world = newWorld();
    const [ann, ben, cyd] = await world.users(3) as [string, string, string];
    const group = await world.group(ann, [ben, cyd]);
    await world.leave(group, ben);
    await world.done(world.command('member.remove', { user: ann, conversation: group, member: cyd }));
    const causes = (await world.facts(group, null)).slice(-2).map((fact) => JSON.parse(fact.payload) as unknown);
    expect(causes).toEqual([{ user_id: ben, cause: 'left' }, { user_id: cyd, cause: 'removed' }]);
    expect(JSON.parse((await world.facts(cyd, cyd)).at(-1)!.payload)).toEqual({ conversation_id: group, left_seq: 6, cause: 'removed' });
  });

  it('[SND3] a refused command leaves no key: the same client id is decided anew', async () => {
    const world = newWorld();
    const [ann, ben] = await world.users(2) as [string, string];
    const group = await world.group(ann, []);
    const command = world.message({ user: ben, conversation: group, text: 'x' });
    expect(refusedWith(await world.append(command))).toBe('not_found');
    await world.join(group, ann, ben);
    expect((await world.done(command)).duplicate).toBe(false);
  });
});
