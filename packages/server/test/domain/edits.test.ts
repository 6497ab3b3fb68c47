/** What an edit may make of a message. */
import { describe, expect, it } from 'vitest';
import { serveMemory } from '../../src/storage/memory/driver.js';
import { stagedMemoryStore } from '../storage/memory-harness.js';
import { createWorld, refusedWith } from '../storage/world.js';

let seeds = 6_300;

async function scene() {
  const world = createWorld(serveMemory(stagedMemoryStore()), seeds += 1);
  const [ann, ben] = await world.users(2) as [string, string];
  const group = await world.group(ann, [ben]);
  const settings = (change: object) => world.done(world.command('conversation.settings', { user: ann, conversation: group, change }));
  return { world, ann, ben, group, settings };
}

describe('an edit', () => {
  it('leaves something of the message: text, data or a poll', async () => {
    const { world, ann, group } = await scene();
    const edit = (seq: number, text: string | null, data: string | null) => world.append(world.command('message.edit', { user: ann, conversation: group, seq, text, data }));
    const plain = await world.say(group, ann, 'x');
    const poll = (await world.done(world.message({ user: ann, conversation: group, text: 'x', more: { poll: { question: '?', options: [{ id: '1', text: 'a' }, { id: '2', text: 'b' }] } } }))).seq;
    expect([refusedWith(await edit(plain, '', null)), refusedWith(await edit(plain, '', '{}')), refusedWith(await edit(poll, '', null))]).toEqual(['invalid_argument', 'invalid_argument', undefined]);
    expect([refusedWith(await edit(plain, '', '{"n":1}')), refusedWith(await edit(plain, null, '{}'))]).toEqual([undefined, 'invalid_argument']);
  });

  it('puts no words into the mouth of whose message was sent on', async () => {
    const { world, ann, ben, group } = await scene();
    const { seq } = await world.done(world.message({ user: ann, conversation: group, text: 'I agree', more: { forwarded: { sender_id: ben, created_ms: 1 } } }));
    const edit = (user: string | null, text: string | null, data: string | null, mentions = {}) => world.append(world.command('message.edit', { user, conversation: group, seq, text, data, mentions }));
    expect([refusedWith(await edit(ann, 'I do not', null)), refusedWith(await edit(ann, null, '{"n":1}')), refusedWith(await edit(ann, null, null, { user_ids: [ben] })), refusedWith(await edit(null, 'I do', null))])
      .toEqual(['forbidden', 'forbidden', undefined, undefined]);
  });

  it('does not bring in what would wait for approval', async () => {
    const { world, ann, ben, group, settings } = await scene();
    const [his, hers] = [await world.say(group, ben, 'nice'), await world.say(group, ann, 'hello')];
    await settings({ approval: { timeout_s: 60 } });
    const edit = (user: string | null, seq: number) => world.append(world.command('message.edit', { user, conversation: group, seq, text: 'BUY', data: null }));
    expect([refusedWith(await edit(ben, his)), refusedWith(await edit(ann, hers)), refusedWith(await edit(null, his))]).toEqual(['forbidden', undefined, undefined]);
    await settings({ approval: null });
    expect(refusedWith(await edit(ben, his))).toBeUndefined();
  });
});
