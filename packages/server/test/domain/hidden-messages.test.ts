import { expect, it } from 'vitest';
import { serveMemory } from '../../src/storage/memory/driver.js';
import { stagedMemoryStore } from '../storage/memory-harness.js';
import { createWorld } from '../storage/world.js';

it('[VIS2] of a message that a user has hidden, nothing is shown to them: no version, reaction or receipt', async () => {
  const world = createWorld(serveMemory(stagedMemoryStore()), 6_600);
  const [ann, ben] = await world.users(2) as [string, string];
  const group = await world.group(ann, [ben]);
  const seq = await world.say(group, ann, 'secret');
  await world.edit(group, ann, seq, 'secret, too');
  await world.done(world.command('reaction.set', { user: ann, conversation: group, seq, reaction: '👍', on: true }));
  await world.done(world.command('message.hide', { user: ben, conversation: group, seq }));
  const { app, storage } = world;
  const reads = (viewer: string) => Promise.all([storage.message(app, viewer, group, seq), storage.versions(app, viewer, group, seq, 10), storage.entriesAbout(app, viewer, group, seq, 'reaction', 10, null), storage.receipts(app, viewer, group, seq)]);
  expect(await reads(ben)).toEqual([null, null, null, null]);
  expect((await reads(ann)).every((found) => found !== null)).toBe(true);
});
