/** What a conversation lets its members write, and who is let in. */
import { describe, expect, it } from 'vitest';
import { serveMemory } from '../../src/storage/memory/driver.js';
import { stagedMemoryStore } from '../storage/memory-harness.js';
import { createWorld, refusedWith, type World } from '../storage/world.js';

let seeds = 5_000;
let nowMs = 1_800_000_000_000;
const newWorld = (): World => createWorld(serveMemory(stagedMemoryStore(seeds, { now: () => nowMs })), seeds += 1);

async function scene() {
  const world = newWorld();
  const [ann, ben, carol] = await world.users(3) as [string, string, string];
  const group = await world.group(ann, [ben]);
  const settings = (change: object) => world.done(world.command('conversation.settings', { user: ann, conversation: group, change }));
  const send = (user: string, text = 'x') => world.append(world.message({ user, conversation: group, text }));
  return { world, ann, ben, carol, group, settings, send };
}

describe('a frozen conversation', () => {
  it('takes nothing of members, and everything of who may write without limits', async () => {
    const { world, ann, ben, group, settings, send } = await scene();
    const seq = await world.say(group, ben, 'before');
    await settings({ frozen: true });
    const edit = world.command('message.edit', { user: ben, conversation: group, seq, text: 'y', data: null });
    const react = world.command('reaction.set', { user: ben, conversation: group, seq, reaction: 'x', on: true });
    expect([refusedWith(await send(ben)), refusedWith(await world.append(edit)), refusedWith(await world.append(react)), refusedWith(await send(ann))]).toEqual(['frozen', 'frozen', 'frozen', undefined]);
    await settings({ roles: { keeper: { like: 'member', may: ['message.pin'] } } });
    await world.done(world.command('member.update', { user: ann, conversation: group, member: ben, role: 'keeper' }));
    expect(refusedWith(await world.append(world.command('pin.set', { user: ben, conversation: group, seq, on: true })))).toBe('frozen');
    await settings({ frozen: false });
    expect(refusedWith(await send(ben))).toBeUndefined();
  });
});

describe('slow mode', () => {
  it('[SND5] lets a member write once in a while, and says when again; others are not slowed by it', async () => {
    const { world, ann, ben, carol, group, settings, send } = await scene();
    await world.join(group, ann, carol);
    await settings({ slow_mode_s: 30 });
    expect(refusedWith(await send(ben))).toBeUndefined();
    nowMs += 10_000;
    expect(await send(ben)).toMatchObject({ ok: false, refusal: { code: 'slow_mode', retryAfterMs: 20_000 } });
    expect([refusedWith(await send(carol)), refusedWith(await send(ann)), refusedWith(await send(ann))]).toEqual([undefined, undefined, undefined]);
    nowMs += 20_000;
    expect(refusedWith(await send(ben))).toBeUndefined();
  });
});

describe('a block', () => {
  it('closes the direct conversation of the two either way, without saying who wanted it, and opens it again', async () => {
    const { world, ann, ben } = await scene();
    const { stream: direct } = await world.done(world.command('conversation.create', { user: ann, conversationKind: 'direct', name: '', data: '{}', history: 'all', members: [ben] }));
    const block = (on: boolean) => world.done(world.command('block.set', { user: ben, subject: ben, other: ann, on, direct }));
    const send = (user: string) => world.append(world.message({ user, conversation: direct, text: 'x' }));
    const seq = await world.say(direct, ann, 'before');
    await block(true);
    expect([refusedWith(await send(ann)), refusedWith(await send(ben))]).toEqual(['blocked', 'blocked']);
    expect(refusedWith(await world.append(world.command('pin.set', { user: ann, conversation: direct, seq, on: true })))).toBe('blocked');
    const facts = await world.facts(direct, ann);
    expect(facts.at(-1)).toMatchObject({ type: 'contact.closed', actor: null, payload: '{}' });
    expect(JSON.stringify((await world.storage.conversation(world.app, ann, direct))!.conversation.settings)).toContain(ben);
    await block(false);
    expect([refusedWith(await send(ann)), refusedWith(await send(ben))]).toEqual([undefined, undefined]);
  });

  it('ends pins and the closing of polls between the two', async () => {
    const { world, ann, ben } = await scene();
    const { stream: direct } = await world.done(world.command('conversation.create', { user: ann, conversationKind: 'direct', name: '', data: '{}', history: 'all', members: [ben] }));
    const { seq } = await world.done(world.message({ user: ben, conversation: direct, text: '', more: { poll: { question: '?', options: [{ id: '1', text: 'a' }, { id: '2', text: 'b' }] } } }));
    await world.done(world.command('block.set', { user: ann, subject: ann, other: ben, on: true, direct }));
    const outcomes = [world.command('pin.set', { user: ben, conversation: direct, seq, on: true }), world.command('poll.close', { user: ben, conversation: direct, seq }), world.command('message.delete', { user: ben, conversation: direct, seq })];
    const refused = [];
    for (const command of outcomes) refused.push(refusedWith(await world.append(command)));
    expect(refused).toEqual(['blocked', 'blocked', undefined]);
  });

  it('lets no direct conversation be made, either way', async () => {
    const { world, ann, carol } = await scene();
    await world.done(world.command('block.set', { user: carol, subject: carol, other: ann, on: true, direct: null }));
    const make = (user: string, other: string) => world.append(world.command('conversation.create', { user, conversationKind: 'direct', name: '', data: '{}', history: 'all', members: [other] }));
    expect([refusedWith(await make(ann, carol)), refusedWith(await make(carol, ann))]).toEqual(['blocked', 'blocked']);
  });

  it('lets a backend make one, in which nobody writes until the last block is taken back', async () => {
    const { world, ann, carol } = await scene();
    const block = (subject: string, other: string, on: boolean, direct: string | null) => world.done(world.command('block.set', { user: subject, subject, other, on, direct }));
    await block(carol, ann, true, null);
    await block(ann, carol, true, null);
    const { stream: direct, seq } = await world.done(world.command('conversation.create', { user: null, conversationKind: 'direct', name: '', data: '{}', history: 'all', members: [ann, carol] }));
    const send = async (user: string) => refusedWith(await world.append(world.message({ user, conversation: direct, text: 'x' })));
    expect([seq, await send(ann), await send(carol)]).toEqual([1, 'blocked', 'blocked']);
    expect((await world.facts(direct, ann)).map(({ type, actor }) => [type, actor]).at(-1)).toEqual(['contact.closed', null]);
    await block(carol, ann, false, direct);
    expect(await send(carol)).toBe('blocked');
    await block(ann, carol, false, direct);
    expect([await send(ann), await send(carol)]).toEqual([undefined, undefined]);
    expect((await world.facts(direct, ann)).filter(({ type }) => type.startsWith('contact.')).map(({ type }) => type)).toEqual(['contact.closed', 'contact.opened']);
  });

  it('lets neither bring the other into a group, or invite them; a backend may, and who is in stays in', async () => {
    const { world, ann, ben, carol, group } = await scene();
    await world.join(group, ann, carol);
    await world.done(world.command('member.update', { user: ann, conversation: group, member: ben, role: 'admin' }));
    const dora = await world.user();
    await world.done(world.command('block.set', { user: dora, subject: dora, other: ben, on: true, direct: null }));
    await world.done(world.command('block.set', { user: carol, subject: carol, other: ann, on: true, direct: null }));
    const create = (user: string, other: string) => world.append(world.command('conversation.create', { user, conversationKind: 'group', name: 'read this', data: '{}', history: 'all', members: [carol, other] }));
    const add = (user: string | null, members: string[]) => world.append(world.command('member.add', { user, conversation: group, members, role: null }));
    const invite = (user: string | null, members: string[]) => world.append(world.command('invitation.create', { user, conversation: group, members, role: null, expiresMs: null }));
    expect([await create(ben, dora), await create(dora, ben), await add(ben, [dora]), await invite(ben, [dora])].map(refusedWith)).toEqual(['blocked', 'blocked', 'blocked', 'blocked']);
    // Carol is in already, and whoever is not kept apart from dora may bring her.
    expect([await add(ann, [carol]), await invite(null, [dora]), await add(ann, [carol, dora])].map(refusedWith)).toEqual([undefined, undefined, undefined]);
    expect(refusedWith(await world.append(world.message({ user: ben, conversation: group, text: 'x' })))).toBeUndefined();
  });

  it('that does not know of a direct conversation which has come up since is tried again', async () => {
    const { world, ann, ben } = await scene();
    await world.done(world.command('conversation.create', { user: ann, conversationKind: 'direct', name: '', data: '{}', history: 'all', members: [ben] }));
    expect(refusedWith(await world.append(world.command('block.set', { user: ben, subject: ben, other: ann, on: true, direct: null })))).toBe('unavailable');
  });
});

describe('ways in', () => {
  const make = (world: World, user: string, conversation: string, fields: object = {}) =>
    world.done(world.command('link.create', { user, conversation, role: null, expiresMs: null, usesMax: null, approval: false, ...fields }));

  it('a link that is used up, over or revoked is told like one that never was', async () => {
    const { world, ann, carol, group } = await scene();
    const join = (linkSeq: number, user = carol) => world.append(world.command('link.join', { user, conversation: group, linkSeq }));
    const { seq: over } = await make(world, ann, group, { expiresMs: nowMs + 1_000 });
    const { seq: once } = await make(world, ann, group, { usesMax: 1 });
    const { seq: revoked } = await make(world, ann, group);
    await world.done(world.command('link.revoke', { user: ann, conversation: group, linkSeq: revoked }));
    nowMs += 1_000;
    expect(refusedWith(await join(once))).toBeUndefined();
    const dora = await world.user();
    const answers = await Promise.all([over, once, revoked, 9_999].map((seq) => join(seq, dora)));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(refusedWith(answers[0]!)).toBe('not_found');
  });

  it('a link with approval counts whom it has let in, and lets in no more than it says', async () => {
    const { world, ann, carol, group } = await scene();
    const [dora, ella, finn] = await world.users(3) as [string, string, string];
    const { seq: linkSeq } = await make(world, ann, group, { approval: true, usesMax: 2 });
    const ask = (user: string) => world.append(world.command('link.join', { user, conversation: group, linkSeq }));
    const decide = (member: string, accept: boolean) => world.append(world.command('join.decide', { user: ann, conversation: group, member, accept }));
    const uses = async () => (await world.storage.entries(world.app, group, 'join_link', 10, null)).items.map(({ value }) => (JSON.parse(value) as { uses: number }).uses);
    for (const user of [carol, dora, ella, finn]) await ask(user);
    expect([refusedWith(await ask(carol)), await uses()]).toEqual([undefined, [0]]);
    await decide(carol, false);
    expect(await uses()).toEqual([0]);
    await decide(dora, true);
    // Who comes another way meanwhile is no use of it.
    await world.join(group, ann, finn);
    expect(await uses()).toEqual([1]);
    await ask(carol);
    const codes = (await Promise.all([decide(carol, true), decide(ella, true)])).map(refusedWith);
    expect([codes.includes('limit_reached'), codes.includes(undefined)]).toEqual([true, true]);
    expect(await uses()).toEqual([2]);
    expect(refusedWith(await ask(await world.user()))).toBe('not_found');
    const byLink = (await world.facts(group, ann)).filter(({ payload }) => payload.includes(`"link_seq":${linkSeq}`)).map(({ type }) => type);
    expect([byLink.filter((type) => type === 'join.requested').length, byLink.filter((type) => type === 'member.joined').length]).toEqual([5, 2]);
  });

  it('a request by a link that was revoked since may be answered', async () => {
    const { world, ann, carol, group } = await scene();
    const { seq: linkSeq } = await make(world, ann, group, { approval: true, usesMax: 1, role: 'reader' });
    await world.done(world.command('link.join', { user: carol, conversation: group, linkSeq }));
    await world.done(world.command('link.revoke', { user: ann, conversation: group, linkSeq }));
    await world.done(world.command('join.decide', { user: ann, conversation: group, member: carol, accept: true }));
    expect((await world.storage.conversation(world.app, carol, group))?.member).toMatchObject({ role: 'reader', active: true });
  });

  it('the last use of a link is one: of two who come at once, one is let in, and may come again for nothing', async () => {
    const { world, ann, ben, carol, group } = await scene();
    const dora = await world.user();
    const { seq: linkSeq } = await make(world, ann, group, { usesMax: 1 });
    const join = (user: string) => world.append(world.command('link.join', { user, conversation: group, linkSeq }));
    expect((await Promise.all([join(carol), join(dora)])).map(refusedWith)).toEqual([undefined, 'not_found']);
    expect([refusedWith(await join(carol)), refusedWith(await join(ben)), refusedWith(await join(dora))]).toEqual([undefined, undefined, 'not_found']);
    expect((await world.facts(group, ann)).filter(({ payload }) => payload.includes(`"link_seq":${linkSeq}`))).toHaveLength(1);
    // Who has left comes by it like anybody else.
    await world.leave(group, carol);
    expect(refusedWith(await join(carol))).toBe('not_found');
  });

  it('nobody comes with a role that the conversation does not define any more, whichever way', async () => {
    const { world, ann, carol, group } = await scene();
    const [dora, ella] = await world.users(2) as [string, string];
    const define = (roles: object) => world.done(world.command('conversation.settings', { user: ann, conversation: group, change: { roles: roles as never } }));
    await define({ guest: { like: 'reader' } });
    const { seq: linkSeq } = await make(world, ann, group, { role: 'guest' });
    await world.done(world.command('invitation.create', { user: ann, conversation: group, members: [carol, ella], role: 'guest', expiresMs: null }));
    await world.done(world.command('invitation.answer', { user: ella, conversation: group, accept: true }));
    await define({});
    await world.done(world.command('invitation.answer', { user: carol, conversation: group, accept: true }));
    await world.done(world.command('link.join', { user: dora, conversation: group, linkSeq }));
    const { items } = (await world.storage.members(world.app, ann, group, 10, null))!;
    expect(Object.fromEntries(items.map(({ user, role }) => [user, role]))).toMatchObject({ [carol]: 'member', [dora]: 'member', [ella]: 'guest' });
  });

  it('who is let in by way of a link has its role, or the usual one where that is gone', async () => {
    const { world, ann, carol, group } = await scene();
    const define = (roles: object) => world.done(world.command('conversation.settings', { user: ann, conversation: group, change: { roles: roles as never } }));
    const come = async (user: string, role: string) => {
      const { seq: linkSeq } = await make(world, ann, group, { role, approval: true });
      await world.done(world.command('link.join', { user, conversation: group, linkSeq }));
    };
    const letIn = async (user: string) => {
      await world.done(world.command('join.decide', { user: ann, conversation: group, member: user, accept: true }));
      return (await world.storage.conversation(world.app, user, group))?.member?.role;
    };
    await define({ guest: { like: 'reader', may: ['message.send'] } });
    const dora = await world.user();
    await come(carol, 'reader');
    await come(dora, 'guest');
    expect(await letIn(carol)).toBe('reader');
    await define({});
    expect(await letIn(dora)).toBe('member');
  });

  it('an invitation that is over is none, and cannot be accepted by others', async () => {
    const { world, ann, carol, group } = await scene();
    const answer = (user: string) => world.append(world.command('invitation.answer', { user, conversation: group, accept: true }));
    await world.done(world.command('invitation.create', { user: ann, conversation: group, members: [carol], role: null, expiresMs: nowMs + 1_000 }));
    expect(refusedWith(await answer(await world.user()))).toBe('not_found');
    nowMs += 1_000;
    expect(refusedWith(await answer(carol))).toBe('not_found');
  });

  it('nobody invites into a role that they do not outrank, nor makes a role that outranks them', async () => {
    const { world, ann, ben, carol, group } = await scene();
    await world.done(world.command('member.update', { user: ann, conversation: group, member: ben, role: 'admin' }));
    const invite = (role: string) => world.append(world.command('invitation.create', { user: ben, conversation: group, members: [carol], role, expiresMs: null }));
    const define = (roles: object) => world.append(world.command('conversation.settings', { user: ben, conversation: group, change: { roles: roles as never } }));
    expect([refusedWith(await invite('owner')), refusedWith(await invite('admin')), refusedWith(await invite('nothing')), refusedWith(await invite('moderator'))]).toEqual(['forbidden', 'forbidden', 'invalid_argument', undefined]);
    expect([refusedWith(await define({ king: { like: 'owner' } })), refusedWith(await define({ king: { like: 'reader', may: ['conversation.transfer'] } })), refusedWith(await define({ press: { like: 'admin' } }))])
      .toEqual(['invalid_argument', 'invalid_argument', undefined]);
    // A role that is like an admin ranks like one.
    expect(refusedWith(await world.append(world.command('member.add', { user: ben, conversation: group, members: [await world.user()], role: 'press' })))).toBe('forbidden');
  });

  it('who may define roles raises neither themselves nor others by it', async () => {
    const { world, ann, ben, carol, group } = await scene();
    const [dora, ella] = await world.users(2) as [string, string];
    await world.join(group, ann, carol, dora, ella);
    const define = (user: string | null, roles: object) => world.append(world.command('conversation.settings', { user, conversation: group, change: { roles: roles as never } }));
    const give = (member: string, role: string) => world.done(world.command('member.update', { user: ann, conversation: group, member, role }));
    const steward = { like: 'moderator', may: ['conversation.settings'], may_not: ['poll.create'] };
    const boss = { like: 'admin' };
    await define(ann, { steward, boss });
    for (const [member, role] of [[ben, 'steward'], [carol, 'boss'], [dora, 'admin']] as const) await give(member, role);
    const refused = [
      { steward: { like: 'admin' }, boss }, { steward: { ...steward, may: ['conversation.settings', 'member.add'] }, boss }, { boss }, { steward }, { steward, boss: { like: 'reader' } },
      { steward, boss, helper: { like: 'admin' } }, { steward, boss, helper: { like: 'member', may: ['member.add'] } }, { steward, boss, helper: { like: 'member', may: ['poll.create'] } },
    ];
    for (const roles of refused) expect([roles, refusedWith(await define(ben, roles))]).toEqual([roles, 'forbidden']);
    const helper = { like: 'member', may: ['message.pin'] };
    expect(refusedWith(await define(ben, { steward: { ...steward, may: [...steward.may] }, boss, helper }))).toBeUndefined();
    // An admin does not act upon other admins, and so not upon a role that is like one.
    expect([refusedWith(await define(dora, { steward, helper })), refusedWith(await define(dora, { boss, helper })), refusedWith(await define(carol, { boss: { like: 'admin', may_not: ['member.add'] }, helper }))])
      .toEqual(['forbidden', undefined, 'forbidden']);
    expect([refusedWith(await define(ann, { helper })), refusedWith(await define(null, {}))]).toEqual([undefined, undefined]);
  });
});

describe('an owner', () => {
  it('hands over to who can act as one, and a backend that acts for nobody takes nothing from anybody', async () => {
    const { world, ann, ben, carol, group } = await scene();
    await world.join(group, ann, carol);
    const transfer = async (user: string | null, member: string) => refusedWith(await world.append(world.command('conversation.transfer', { user, conversation: group, member })));
    const rolesOf = async () => Object.fromEntries((await world.storage.members(world.app, null, group, 10, null))!.items.map(({ user, role }) => [user, role]));
    await world.done(world.command('user.active', { user: null, subject: ben, on: false }));
    expect([await transfer(ann, ben), await transfer(null, ben), await transfer(ann, await world.user()), await transfer(ann, ann)]).toEqual(['conflict', 'conflict', 'not_found', 'conflict']);
    expect([await transfer(ann, carol), await rolesOf()]).toEqual([undefined, { [ann]: 'admin', [ben]: 'member', [carol]: 'owner' }]);
    expect([await transfer(null, ann), await rolesOf()]).toEqual([undefined, { [ann]: 'owner', [ben]: 'member', [carol]: 'owner' }]);
  });
});
