/** When calls end, and who may do what about them. */
import { limits, type CallState } from '@talaria/protocol';
import { describe, expect, it } from 'vitest';
import { parseCall } from '../../src/domain/calls/live-call.js';
import { serveMemory } from '../../src/storage/memory/driver.js';
import { stagedMemoryStore } from '../storage/memory-harness.js';
import { createWorld, refusedWith, type World } from '../storage/world.js';

let seeds = 9_000;

async function scene(kind: 'direct' | 'group', size = 2) {
  const world: World = createWorld(serveMemory(stagedMemoryStore()), seeds += 1);
  const users = await world.users(size) as [string, string, ...string[]];
  const { stream: conversation } = await world.done(world.command('conversation.create', { user: users[0], conversationKind: kind, name: '', data: '{}', history: 'from_join', members: users.slice(1) }));
  const start = (user: string) => world.append(world.command('call.start', { user, conversation, callKind: 'audio', device: 'desk', data: '{}', ringMs: 30_000, notAfterMs: null }));
  const outcome = await start(users[0]);
  const callSeq = outcome.ok ? outcome.place.seq : 0;
  const about = (user: string | null) => ({ user, conversation, callSeq });
  const acts = {
    answer: (user: string, device = 'phone') => world.append(world.command('call.answer', { ...about(user), device })),
    decline: (user: string) => world.append(world.command('call.decline', about(user))),
    leave: (user: string) => world.append(world.command('call.leave', about(user))),
    end: (user: string | null, failed = false) => world.append(world.command('call.end', { ...about(user), failed })),
  };
  return {
    world, conversation, users, callSeq, start, ...acts,
    call: async (): Promise<CallState> => parseCall((await world.storage.calls(world.app, null, conversation, 1, callSeq + 1))!.items[0]!),
  };
}

describe('a direct call', () => {
  it('ends when it is declined', async () => {
    const { users: [, ben], decline, call } = await scene('direct');
    await decline(ben);
    expect(await call()).toMatchObject({ state: 'ended', reason: 'declined', ended_by: ben, duration_ms: null, declined: [ben] });
  });

  it('ends when one side leaves it', async () => {
    const { users: [ann, ben], answer, leave, call } = await scene('direct');
    await answer(ben);
    expect(await call()).toMatchObject({ state: 'ongoing', ended_ms: null });
    await leave(ann);
    const ended = await call();
    expect(ended).toMatchObject({ state: 'ended', reason: 'hung_up', ended_by: ann });
    expect(ended.duration_ms).toBeGreaterThan(0);
    expect(ended.duration_ms).toBeLessThanOrEqual(ended.ended_ms! - ended.answered_ms!);
    expect(ended.participants.every((one) => one.left_ms !== null)).toBe(true);
  });

  it('is cancelled by whoever started it, while it rings', async () => {
    const [left, ended] = [await scene('direct'), await scene('direct')];
    await left.leave(left.users[0]);
    await ended.end(ended.users[0]);
    for (const { call } of [left, ended]) expect(await call()).toMatchObject({ reason: 'cancelled', duration_ms: null });
  });

  it('is ended by either side, and says when it failed', async () => {
    const { users: [, ben], answer, end, call } = await scene('direct');
    await answer(ben);
    await end(ben, true);
    expect(await call()).toMatchObject({ reason: 'failed', ended_by: ben });
  });

  it('ends when one blocks the other, by a fact of nobody, and none begins then', async () => {
    const { world, conversation, users: [ann, ben], answer, start, call } = await scene('direct');
    await answer(ben);
    await world.done(world.command('block.set', { user: ben, subject: ben, other: ann, on: true, direct: conversation }));
    expect(await call()).toMatchObject({ state: 'ended', reason: 'blocked', ended_by: null });
    expect(refusedWith(await start(ann))).toBe('blocked');
    expect(refusedWith(await start(ben))).toBe('blocked');
  });
});

describe('a group call', () => {
  it('goes on as long as somebody is in it, and comes and goes as it likes', async () => {
    const { users: [ann, ben, carol], answer, leave, call } = await scene('group', 3);
    await answer(ben);
    await leave(ann);
    expect((await call()).state).toBe('ongoing');
    await answer(carol!);
    await leave(ben);
    await answer(ben, 'another device');
    await leave(carol!);
    expect((await call()).participants.map(({ user_id, device_id, left_ms }) => [user_id, device_id, left_ms === null])).toEqual([[ann, 'desk', false], [ben, 'another device', true], [carol, 'phone', false]]);
    await leave(ben);
    expect(await call()).toMatchObject({ state: 'ended', reason: 'hung_up', ended_by: ben });
  });

  it('rings on while somebody may still answer, and ends when all have declined', async () => {
    const { users: [ann, ben, carol], decline, call } = await scene('group', 3);
    await decline(ben);
    expect((await call()).state).toBe('ringing');
    expect(refusedWith(await decline(ben))).toBe('conflict');
    expect(refusedWith(await decline(ann))).toBe('conflict');
    await decline(carol!);
    expect(await call()).toMatchObject({ reason: 'declined', declined: [ben, carol] });
  });

  it('rings on for who has not declined, when one who has leaves the conversation', async () => {
    const { world, conversation, users: [, ben, carol, dora], decline, call } = await scene('group', 4);
    await decline(ben);
    await world.leave(conversation, ben);
    await decline(carol!);
    expect((await call()).state).toBe('ringing');
    await decline(dora!);
    expect(await call()).toMatchObject({ reason: 'declined', declined: [ben, carol, dora] });
  });

  it('ends when the last who had not declined leaves the conversation', async () => {
    const { world, conversation, users: [, ben, carol], decline, call } = await scene('group', 3);
    await decline(ben);
    await world.leave(conversation, carol!);
    expect(await call()).toMatchObject({ state: 'ended', reason: 'declined', ended_by: null });
    const seen = (await world.facts(conversation, carol!)).slice(-2);
    expect(seen.map(({ type }) => type)).toEqual(['call.ended', 'member.left']);
  });

  it('rings on for whoever may come, when nobody else was there to begin with', async () => {
    const { world, conversation, users: [, ben], call } = await scene('group', 2);
    await world.leave(conversation, ben);
    expect((await call()).state).toBe('ringing');
  });

  it('may be joined by who has declined it', async () => {
    const { users: [, ben], decline, answer, call } = await scene('group', 3);
    await decline(ben);
    await answer(ben);
    expect(await call()).toMatchObject({ state: 'ongoing', declined: [] });
  });

  it('is cancelled when whoever started it leaves before anybody has answered', async () => {
    const { users: [ann], leave, call } = await scene('group', 3);
    await leave(ann);
    expect((await call()).reason).toBe('cancelled');
  });

  it('is ended by whoever started it, by who may end those of others, and by the backend', async () => {
    for (const [at, code] of [[0, undefined], [1, 'forbidden'], [2, undefined], [3, undefined]] as const) {
      const { world, conversation, users, end } = await scene('group', 3);
      await world.done(world.command('member.update', { user: users[0], conversation, member: users[2]!, role: 'moderator' }));
      expect(refusedWith(await end(users[at] ?? null))).toBe(code);
    }
  });

  it('drops whoever leaves the conversation or is removed from it, before they are gone', async () => {
    const { world, conversation, users: [ann, ben, carol], answer, call } = await scene('group', 3);
    await answer(ben);
    await answer(carol!);
    await world.leave(conversation, ben);
    await world.done(world.command('member.remove', { user: null, conversation, member: carol! }));
    expect((await call()).participants.filter((one) => one.left_ms === null).map((one) => one.user_id)).toEqual([ann]);
    const seen = (await world.facts(conversation, ben)).slice(-2);
    expect(seen.map(({ type }) => type)).toEqual(['call.left', 'member.left']);
    await world.done(world.command('member.remove', { user: null, conversation, member: ann }));
    expect(await call()).toMatchObject({ state: 'ended', reason: 'hung_up' });
  });

  it('has a bound of users who take part, and those who have may come back', async () => {
    const { users, answer, leave } = await scene('group', limits.call_participants_max + 1);
    for (const user of users.slice(1, -1)) expect(refusedWith(await answer(user))).toBeUndefined();
    expect(refusedWith(await answer(users.at(-1)!))).toBe('limit_reached');
    await leave(users[5]!);
    expect(refusedWith(await answer(users.at(-1)!))).toBe('limit_reached');
    expect(refusedWith(await answer(users[5]!))).toBeUndefined();
  });
});

describe('any call', () => {
  it('is answered, declined and left by who could, and else refused with a code that says why', async () => {
    const { world, users: [ann, ben], answer, decline, leave, end, start } = await scene('group', 3);
    const stranger = await world.user();
    for (const act of [answer, decline, leave]) expect(refusedWith(await act(stranger))).toBe('not_found');
    expect(refusedWith(await leave(ben))).toBe('conflict');
    // The device that calls is the one that is in it.
    expect(refusedWith(await answer(ann, 'phone'))).toBe('already_answered');
    expect(await answer(ann, 'desk')).toMatchObject({ ok: true, facts: [] });
    const second = await start(ben);
    expect(second).toMatchObject({ ok: false, refusal: { code: 'call_in_progress', message: expect.stringMatching(/^The call q_\w+ is on/) as string } });
    await end(ann);
    for (const act of [answer, decline, leave, end]) expect(refusedWith(await act(ben))).toBe('call_ended');
  });

  it('is not there for another conversation, nor at another place', async () => {
    const { world, conversation, users: [, ben], callSeq } = await scene('group', 3);
    const elsewhere = await world.group(ben, []);
    expect(refusedWith(await world.append(world.command('call.answer', { user: ben, conversation: elsewhere, callSeq, device: 'd' })))).toBe('not_found');
    expect(refusedWith(await world.append(world.command('call.answer', { user: ben, conversation, callSeq: callSeq + 1, device: 'd' })))).toBe('not_found');
  });

  it('does not begin when it comes later than whoever wanted it would wait', async () => {
    const { world, conversation, users: [ann], end, call } = await scene('group', 3);
    await end(ann);
    const { started_ms } = await call();
    const late = (notAfterMs: number) => world.append(world.command('call.start', { user: ann, conversation, callKind: 'audio', device: 'desk', data: '{}', ringMs: 30_000, notAfterMs }));
    expect(refusedWith(await late(started_ms))).toBe('call_ended');
    expect(refusedWith(await late(started_ms + 3_600_000))).toBeUndefined();
  });

  it('does not begin in a conversation that is frozen, but for who writes there all the same', async () => {
    const { world, conversation, users: [ann, ben], end, start } = await scene('group', 3);
    await end(ann);
    await world.done(world.command('conversation.settings', { user: ann, conversation, change: { frozen: true } }));
    expect(refusedWith(await start(ben))).toBe('frozen');
    expect(refusedWith(await start(ann))).toBeUndefined();
  });

  it('[CNT1] counts as nothing that is unread', async () => {
    const { world, conversation, users: [, ben], answer, leave } = await scene('group', 3);
    await answer(ben);
    await leave(ben);
    expect(await world.unread(conversation, ben)).toBe(0);
  });
});
