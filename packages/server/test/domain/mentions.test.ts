/** Who is mentioned, and how often that counts. */
import type { Mentions } from '@talaria/protocol';
import { describe, expect, it } from 'vitest';
import { serveMemory } from '../../src/storage/memory/driver.js';
import { stagedMemoryStore } from '../storage/memory-harness.js';
import { createWorld } from '../storage/world.js';

let seeds = 6_200;

async function scene() {
  const world = createWorld(serveMemory(stagedMemoryStore()), seeds += 1);
  const [ann, ben, carol] = await world.users(3) as [string, string, string];
  const group = await world.group(ann, [ben, carol]);
  return {
    world, ann, ben, carol, group,
    /** Of each of the three. */
    counts: () => Promise.all([ann, ben, carol].map(async (user) => (await world.storage.conversation(world.app, user, group))!.mentions)),
    say: async (user: string | null, mentions: Mentions, silent = false) => (await world.done(world.message({ user, conversation: group, text: '@', silent, more: { mentions } }))).seq,
    edit: (user: string | null, seq: number, mentions: Mentions) => world.done(world.command('message.edit', { user, conversation: group, seq, text: null, data: null, mentions })),
  };
}

describe('mentions', () => {
  it('[CNT2] of everyone are not of who says so', async () => {
    const { ann, ben, counts, say, edit } = await scene();
    await say(ann, { everyone: true });
    await say(ann, { here: true });
    expect(await counts()).toEqual([0, 2, 2]);
    await say(ben, { everyone: true });
    expect(await counts()).toEqual([1, 2, 3]);
    // A backend that edits is not who said it.
    const seq = await say(ann, {});
    await edit(null, seq, { everyone: true, user_ids: [ann] });
    expect(await counts()).toEqual([1, 3, 4]);
    await edit(ann, seq, {});
    expect(await counts()).toEqual([1, 2, 3]);
  });

  it('[CNT2] of one who is also among everyone are one', async () => {
    const { ann, ben, counts, say, edit } = await scene();
    const seq = await say(ann, { user_ids: [ben], everyone: true });
    expect(await counts()).toEqual([0, 1, 1]);
    await edit(ann, seq, { user_ids: [ben] });
    expect(await counts()).toEqual([0, 1, 0]);
    await edit(ann, seq, { user_ids: [ben], here: true });
    expect(await counts()).toEqual([0, 1, 1]);
  });

  it('[CNT2] count where the message counts: not of what is silent, or of the system', async () => {
    const { ann, ben, counts, say, edit } = await scene();
    const silent = await say(ann, { user_ids: [ben] }, true);
    const system = await say(null, { everyone: true });
    await edit(ann, silent, { everyone: true });
    await edit(null, system, { user_ids: [ben] });
    expect(await counts()).toEqual([0, 0, 0]);
  });

  it('[CNT2] are gone with the message, and stop at their bound with the own ones left out', async () => {
    const { world, ann, ben, group, counts, say } = await scene();
    const gone = await say(ben, { everyone: true });
    for (let at = 0; at < 1_001; at += 1) await say(at < 3 ? ann : ben, { everyone: true });
    expect(await counts()).toEqual([999, 3, 1_000]);
    await world.remove(group, ben, gone);
    expect(await counts()).toEqual([998, 3, 1_000]);
  });
});
