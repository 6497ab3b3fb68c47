/** Messages that disappear so long after somebody else has read them. */
import { describe, expect, it } from 'vitest';
import { serveMemory } from '../../src/storage/memory/driver.js';
import { stagedMemoryStore } from '../storage/memory-harness.js';
import { createWorld } from '../storage/world.js';

let seeds = 6_700;
const START_MS = 1_800_000_000_000;

async function scene() {
  const world = createWorld(serveMemory(stagedMemoryStore(seeds, { now: () => START_MS })), seeds += 1);
  const [ann, ben] = await world.users(2) as [string, string];
  const group = await world.group(ann, [ben]);
  const settings = (change: object) => world.done(world.command('conversation.settings', { user: ann, conversation: group, change }));
  return { world, ann, ben, group, settings };
}

describe('a message that disappears after it was read', () => {
  it('[VIS4] does so when its thread was read, and others do not', async () => {
    const { world, ann, ben, group, settings } = await scene();
    await settings({ message_timer: { after: 'read', seconds: 60 } });
    const root = await world.say(group, ann, 'x');
    await world.done(world.command('thread.follow', { user: ben, conversation: group, seq: root, on: true }));
    const reply = await world.done(world.message({ user: ann, conversation: group, text: 'reply', more: { thread_seq: root } }, { followers: [ann] }));
    const other = await world.say(group, ann, 'y');
    const due = async () => (await world.storage.due(START_MS + 3_600_000, 100)).items.map(({ targetSeq }) => targetSeq);
    await world.done(world.command('thread.read', { user: ann, conversation: group, seq: root, readSeq: other }));
    expect(await due()).toEqual([]);
    await world.done(world.command('thread.read', { user: ben, conversation: group, seq: root, readSeq: other }));
    expect(await due()).toEqual([reply.seq]);
    await world.read(group, ben, other);
    expect((await due()).toSorted((left, right) => left - right)).toEqual([root, reply.seq, other]);
  });

  it('[VIS4] does so however many were read at once', async () => {
    const { world, ann, ben, group, settings } = await scene();
    await settings({ message_timer: { after: 'read', seconds: 60 } });
    let last = 0;
    for (let at = 0; at < 2_100; at += 1) last = await world.say(group, at < 1_050 ? ben : ann, 'x');
    await world.read(group, ben, last);
    expect((await world.storage.due(START_MS + 3_600_000, 10_000)).items).toHaveLength(1_050);
  });
});
