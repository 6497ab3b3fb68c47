/** Bookmarks, drafts and threads that a user follows, when they have left the conversation. */
import { describe, expect, it } from 'vitest';
import type { EntryType } from '../../src/storage/entry-types.js';
import { serveMemory } from '../../src/storage/memory/driver.js';
import { stagedMemoryStore } from '../storage/memory-harness.js';
import { createWorld, refusedWith } from '../storage/world.js';

let seeds = 6_500;

async function scene() {
  const world = createWorld(serveMemory(stagedMemoryStore()), seeds += 1);
  const [ann, ben] = await world.users(2) as [string, string];
  const group = await world.group(ann, [ben]);
  const entries = async (user: string, type: EntryType) => (await world.storage.entries(world.app, user, type, 100, null)).items.length;
  return { world, ann, ben, group, entries };
}

describe('what a user keeps', () => {
  it('is theirs to let go, also when they have left; who has nothing learns nothing', async () => {
    const { world, ann, ben, group, entries } = await scene();
    const seq = await world.say(group, ann, 'x');
    const bookmark = (user: string, on: boolean) => world.command('bookmark.set', { user, conversation: group, seq, note: '', on });
    const follow = (user: string, on: boolean) => world.command('thread.follow', { user, conversation: group, seq, on });
    const draft = (user: string, text: string) => world.command('draft.set', { user, conversation: group, threadSeq: 0, text, data: '' });
    const kept = () => Promise.all((['bookmark', 'thread', 'draft'] as const).map((type) => entries(ben, type)));
    for (const command of [bookmark(ben, true), follow(ben, true), draft(ben, 'so')]) await world.done(command);
    await world.say(group, ann, 'y');
    await world.leave(group, ben);
    expect(await kept()).toEqual([1, 1, 1]);
    const facts = [];
    for (const command of [bookmark(ben, false), follow(ben, false), draft(ben, '')]) facts.push(...(await world.done(command)).facts);
    expect(facts.map(({ stream, type }) => [stream, type])).toEqual([[ben, 'bookmark.removed'], [ben, 'thread.unfollowed'], [ben, 'draft.cleared']]);
    expect(await kept()).toEqual([0, 0, 0]);
    const again = [bookmark(ben, false), follow(ben, false), draft(ben, ''), bookmark(ben, true), follow(ben, true), draft(ben, 'x')];
    expect(await Promise.all(again.map(async (command) => refusedWith(await world.append(command))))).toEqual(again.map(() => 'not_found'));
  });

  it('of threads has nothing unread once they have left', async () => {
    const { world, ann, ben, group } = await scene();
    const seq = await world.say(group, ann, 'x');
    await world.done(world.command('thread.follow', { user: ben, conversation: group, seq, on: true }));
    await world.done(world.message({ user: ann, conversation: group, text: 'reply', more: { thread_seq: seq } }, { followers: [ann] }));
    const unread = async () => (await world.storage.threads(world.app, ben)).map((thread) => thread.unread);
    expect(await unread()).toEqual([1]);
    await world.leave(group, ben);
    expect(await unread()).toEqual([0]);
  });

  it('of drafts is for messages that a thread may begin with', async () => {
    const { world, ann, group } = await scene();
    const seq = await world.say(group, ann, 'x');
    const reply = await world.done(world.message({ user: ann, conversation: group, text: 'reply', more: { thread_seq: seq } }, { followers: [ann] }));
    const draft = (threadSeq: number) => world.append(world.command('draft.set', { user: ann, conversation: group, threadSeq, text: 'so', data: '' }));
    expect([refusedWith(await draft(reply.seq)), refusedWith(await draft(seq))]).toEqual(['invalid_argument', undefined]);
  });
});
