/** Reactions whose names mean something to JavaScript, and to nobody else. */
import { expect, it } from 'vitest';
import { messageView } from '../../src/domain/messages/view.js';
import { serveMemory } from '../../src/storage/memory/driver.js';
import { stagedMemoryStore } from '../storage/memory-harness.js';
import { createWorld, refusedWith } from '../storage/world.js';

const NAMES = ['constructor', '__proto__', 'toString', 'hasOwnProperty'];

it('a reaction may be called as every object calls something of its own', async () => {
  const world = createWorld(serveMemory(stagedMemoryStore()), 6_100);
  const [ann, ben] = await world.users(2) as [string, string];
  const group = await world.group(ann, [ben]);
  const seq = await world.say(group, ann, 'x');
  const react = (user: string, reaction: string, on: boolean) => world.append(world.command('reaction.set', { user, conversation: group, seq, reaction, on }));
  const shown = async () => messageView((await world.storage.message(world.app, ben, group, seq))!).reactions;
  for (const name of NAMES) expect([name, refusedWith(await react(ben, name, false))]).toEqual([name, 'conflict']);
  for (const name of NAMES) for (const user of [ann, ben]) expect([name, refusedWith(await react(user, name, true))]).toEqual([name, undefined]);
  expect(await shown()).toEqual(NAMES.map((reaction) => ({ reaction, count: 2, own: true })));
  for (const name of NAMES) expect([name, refusedWith(await react(ben, name, false))]).toEqual([name, undefined]);
  expect(await shown()).toEqual(NAMES.map((reaction) => ({ reaction, count: 1, own: false })));
});
