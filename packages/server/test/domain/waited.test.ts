/** Messages that have waited, for their time or for a word, when they are sent. */
import type { MessageMore } from '@talaria/protocol';
import { describe, expect, it } from 'vitest';
import { messageView } from '../../src/domain/messages/view.js';
import { serveMemory } from '../../src/storage/memory/driver.js';
import type { Command } from '../../src/storage/command.js';
import { bodyText } from '../../src/storage/message-body.js';
import { stagedMemoryStore } from '../storage/memory-harness.js';
import { createWorld, type World } from '../storage/world.js';

let seeds = 6_400;
const START_MS = 1_800_000_000_000;
let nowMs = START_MS;

async function scene() {
  nowMs = START_MS;
  const world = createWorld(serveMemory(stagedMemoryStore(seeds, { now: () => nowMs })), seeds += 1);
  const [ann, ben] = await world.users(2) as [string, string];
  const group = await world.group(ann, [ben]);
  const settings = (change: object) => world.done(world.command('conversation.settings', { user: ann, conversation: group, change }));
  const message = async (seq: number) => messageView((await world.storage.message(world.app, null, group, seq))!);
  return { world, ann, ben, group, settings, message };
}

describe('a message that has waited', () => {
  const more: MessageMore = { expires_ms: START_MS + 70_000, poll: { question: '?', options: [{ id: '1', text: 'a' }, { id: '2', text: 'b' }], closes_ms: START_MS + 80_000 } };
  const payload = bodyText({ text: 'later', data: '', silent: false, system: false, more });
  const schedule = (world: World, user: string, conversation: string) => world.done(world.command('schedule.create', { user, conversation, payload, silent: false, more, followers: [], sendAtMs: START_MS + 60_000 }));
  const release = (world: World, owner: string, conversation: string, scheduledSeq: number) => world.done(world.command('schedule.release', { user: null, conversation, owner, scheduledSeq, followers: [] }));

  it('for its time counts its times from when it is sent, however late that is', async () => {
    const { world, ann, group, message } = await scene();
    const planned = await schedule(world, ann, group);
    nowMs += 3_600_000;
    const sent = await release(world, ann, group, planned.seq);
    expect(sent.type).toBe('message.created');
    expect(await message(sent.seq)).toMatchObject({ text: 'later', expires_ms: nowMs + 10_000, poll: { closes_ms: nowMs + 20_000 } });
  });

  it('for approval does so, too', async () => {
    const { world, ben, group, settings, message } = await scene();
    await settings({ approval: { timeout_s: 600 } });
    const held = await world.done(world.message({ user: ben, conversation: group, text: 'may I?', more: { ...more, expires_ms: START_MS + 10_000 } }, { followers: [ben] }));
    nowMs += 60_000;
    const sent = await world.done(world.command('held.decide', { user: null, conversation: group, sender: ben, heldSeq: held.seq, approve: true, reason: '', followers: [] }));
    expect(sent.type).toBe('message.created');
    expect(await message(sent.seq)).toMatchObject({ expires_ms: nowMs + 10_000, poll: { closes_ms: nowMs + 80_000 } });
  });

  it('for approval is taken back by its sender alone, whether or not they are still a member', async () => {
    const { world, ann, ben, group, settings } = await scene();
    const [cyd] = await world.users(1) as [string];
    await world.done(world.command('member.add', { user: ann, conversation: group, members: [cyd], role: null }));
    await settings({ approval: { timeout_s: 600 } });
    const held = (user: string, text: string) => world.done(world.message({ user, conversation: group, text }, { followers: [user] }));
    const [his, later, hers] = [await held(ben, 'one'), await held(ben, 'two'), await held(cyd, 'three')];
    const decide = (user: string, sender: string, { seq }: { readonly seq: number }, { approve = false, reason = '' } = {}) =>
      world.command('held.decide', { user, conversation: group, sender, heldSeq: seq, approve, reason, followers: [] });
    const refusal = async (command: Command) => {
      const outcome = await world.append(command);
      return outcome.ok ? undefined : outcome.refusal.code;
    };
    expect([await refusal(decide(ben, cyd, hers)), await refusal(decide(ben, ben, his, { approve: true })), await refusal(decide(ben, ben, { seq: 1 }))]).toEqual(['forbidden', 'forbidden', 'not_found']);
    const told = async (command: Command) => (await world.done(command)).facts.map(({ stream, type, payload: body }) => [stream, type, JSON.parse(body) as unknown]);
    expect(await told(decide(ben, ben, his))).toEqual([[ben, 'message.rejected', { conversation_id: group, held_seq: his.seq, reason: 'withdrawn' }]]);
    await world.done(world.command('member.remove', { user: ben, conversation: group, member: ben }));
    expect(await told(decide(ben, ben, later, { reason: 'never mind' }))).toEqual([[ben, 'message.rejected', { conversation_id: group, held_seq: later.seq, reason: 'never mind' }]]);
    const { items } = await world.storage.entries(world.app, group, 'held', 10, null);
    expect(items.map(({ seq }) => seq)).toEqual([hers.seq]);
    // What it said is nowhere any more.
    expect((await world.facts(ben, ben)).map(({ payload: body }) => body).join()).not.toMatch(/one|two/);
  });

  it('does not come from an account that rests', async () => {
    const { world, ann, group } = await scene();
    const planned = await schedule(world, ann, group);
    await world.done(world.command('user.active', { user: null, subject: ann, on: false }));
    nowMs += 60_000;
    const { facts } = await release(world, ann, group, planned.seq);
    expect(facts.map(({ type, payload: body }) => [type, JSON.parse(body) as unknown])).toEqual([['message.unscheduled', expect.objectContaining({ cause: 'refused', code: 'revoked' })]]);
  });
});
