import { describe, expect, it } from 'vitest';
import type { OpenHarness } from '../harness.js';
import { refusedWith, type World } from '../world.js';
import { useStage } from './stage.js';

async function scene(world: World) {
  const [ann, ben] = await world.users(2) as [string, string];
  const group = await world.group(ann, [ben]);
  const seqs: number[] = [];
  for (let at = 0; at < 5; at += 1) seqs.push(await world.say(group, ann, `m${at}`));
  const mark = (user: string, deliveredSeq: number, readSeq: number) => world.storage.mark({ app: world.app, conversation: group, user, deliveredSeq, readSeq });
  const member = async () => (await world.storage.conversation(world.app, ben, group))!.member!;
  const marks = async (afterVersion = 0, limit = 10) => (await world.storage.marks(world.app, ann, group, afterVersion, limit))!;
  return { world, ann, ben, group, seqs, mark, member, marks };
}

/** CNT3: delivered up to, read up to. */
export function marksContract(open: OpenHarness): void {
  describe('marks', () => {
    const stage = useStage(open);

    it('[CNT3] move forward, never back, and what is read has been delivered', async () => {
      const { ben, seqs, mark, member } = await scene(stage.world());
      expect(await mark(ben, seqs[1]!, 0)).toEqual({ ok: true, moved: { user: ben, deliveredSeq: seqs[1], readSeq: 3, publicReadSeq: 3, version: 1 } });
      expect(await mark(ben, 0, seqs[2]!)).toMatchObject({ moved: { deliveredSeq: seqs[2], readSeq: seqs[2], version: 2 } });
      expect(await mark(ben, seqs[0]!, seqs[1]!)).toEqual({ ok: true, moved: null, stands: { user: ben, deliveredSeq: seqs[2], readSeq: seqs[2], publicReadSeq: seqs[2], version: 2 } });
      expect(await mark(ben, seqs[4]!, seqs[1]!)).toMatchObject({ moved: { deliveredSeq: seqs[4], readSeq: seqs[2], version: 3 } });
      expect(await member()).toMatchObject({ deliveredSeq: seqs[4], readSeq: seqs[2], readOrdinal: 3, readSenderOrdinal: 0 });
      expect(await mark(ben, 0, seqs[3]!)).toMatchObject({ moved: { deliveredSeq: seqs[4], readSeq: seqs[3], version: 4 } });
    });

    it('[CNT3] never go beyond the head', async () => {
      const { ben, seqs, mark, member, world, group, ann } = await scene(stage.world());
      expect(await mark(ben, 1_000, 999)).toMatchObject({ moved: { deliveredSeq: seqs[4], readSeq: seqs[4] } });
      await world.say(group, ann, 'next');
      expect(await member()).toMatchObject({ readSeq: seqs[4], readOrdinal: 5 });
      expect(await world.unread(group, ben)).toBe(1);
    });

    it('[CNT3] the largest of many at once wins, and each change has a version of its own', async () => {
      const { ann, ben, seqs, mark, member, marks } = await scene(stage.world());
      const outcomes = await Promise.all([3, 1, 4, 0, 2, 4].map((at) => mark(ben, 0, seqs[at]!)));
      expect(outcomes.map((outcome) => outcome.ok && outcome.moved?.version)).toEqual([1, undefined, 2, undefined, undefined, undefined]);
      expect((await member()).readSeq).toBe(seqs[4]);
      await mark(ann, 0, seqs[2]!);
      expect(await marks()).toEqual({
        version: 3, more: false, items: [
          { user: ben, deliveredSeq: seqs[4], readSeq: seqs[4], publicReadSeq: seqs[4], version: 2 }, { user: ann, deliveredSeq: seqs[2], readSeq: seqs[2], publicReadSeq: seqs[2], version: 3 },
        ],
      });
      expect((await marks(2)).items.map((row) => row.user)).toEqual([ann]);
      expect(await marks(3)).toEqual({ version: 3, more: false, items: [] });
      expect(await marks(0, 1)).toMatchObject({ more: true, items: [{ user: ben }] });
    });

    it('[CNT3] show others what a user has read only while the user shares it', async () => {
      const { world, ann, ben, group, seqs, mark } = await scene(stage.world());
      const receipts = (on: boolean) => world.done(world.command('privacy.set', { user: ben, subject: ben, change: { receipts: on } }));
      const shownTo = async (viewer: string | null) => (await world.storage.marks(world.app, viewer, group, 0, 10))?.items.find((row) => row.user === ben)?.readSeq;
      await mark(ben, 0, seqs[0]!);
      await receipts(false);
      expect(await mark(ben, 0, seqs[2]!)).toMatchObject({ moved: { readSeq: seqs[2], publicReadSeq: seqs[0] } });
      expect([await shownTo(ann), await shownTo(ben), await shownTo(null)]).toEqual([seqs[0], seqs[2], seqs[2]]);
      await receipts(true);
      // What was read in the meantime is told with the next mark, and not before.
      expect(await shownTo(ann)).toBe(seqs[0]);
      await mark(ben, 0, seqs[3]!);
      expect(await shownTo(ann)).toBe(seqs[3]);
    });

    it('[CNT3] say who has read a message, by name in a small conversation and how many in a large one', async () => {
      const world = stage.world();
      const [ann, ben, cyd, ...others] = await world.users(102) as [string, string, string, ...string[]];
      const group = await world.group(ann, [ben, cyd]);
      const seq = await world.say(group, ann, 'read this');
      const mark = (user: string, deliveredSeq: number, readSeq: number) => world.storage.mark({ app: world.app, conversation: group, user, deliveredSeq, readSeq });
      const receipts = (viewer: string | null, of = seq) => world.storage.receipts(world.app, viewer, group, of);
      await mark(ann, 0, seq);
      await mark(ben, 0, seq);
      await mark(cyd, seq, seq - 1);
      const both = [{ user: ben, delivered: true, read: true }, { user: cyd, delivered: true, read: false }].sort((left, right) => (left.user < right.user ? -1 : 1));
      expect(await receipts(ann)).toEqual({ members: 2, delivered: 2, read: 1, items: both });
      await world.done(world.command('privacy.set', { user: ben, subject: ben, change: { receipts: false } }));
      const later = await world.say(group, ann, 'and this');
      await mark(ben, 0, later);
      expect([await receipts(ann, later), await receipts(ben, later), await receipts(null, later)].map((found) => found?.read)).toEqual([0, 1, 1]);
      expect(await receipts(others[0]!)).toBeNull();
      expect(await receipts(ann, later + 1)).toBeNull();
      for (let at = 0; at < others.length; at += 50) await world.done(world.command('member.add', { conversation: group, user: ann, members: others.slice(at, at + 50), role: 'member' }));
      // Who came later was not there.
      expect(await receipts(ann)).toEqual({ members: 2, delivered: 2, read: 1, items: null });
      const last = await world.say(group, ben, 'all of you');
      await mark(others[7]!, 0, last);
      await mark(others[8]!, last, 0);
      expect(await receipts(others[7]!, last)).toEqual({ members: 101, delivered: 2, read: 1, items: null });
      expect(await receipts(null, later)).toEqual({ members: 2, delivered: 1, read: 1, items: null });
    });

    it('[CNT3] are refused to who is no member, and to who has left', async () => {
      const { world, ben, group, seqs, mark, marks } = await scene(stage.world());
      expect(refusedWith(await mark(await world.user(), 0, seqs[0]!))).toBe('not_found');
      await mark(ben, 0, seqs[0]!);
      await world.leave(group, ben);
      expect(refusedWith(await mark(ben, 0, seqs[1]!))).toBe('not_found');
      expect((await marks()).items).toEqual([]);
    });

    it('[CNT3] see what the same batch has appended', async () => {
      const { world, ann, ben, group, seqs, mark } = await scene(stage.world());
      const [sent, own, outcome] = await Promise.all([world.say(group, ann, 'x'), world.say(group, ben, 'y'), mark(ben, 0, seqs[4]! + 1)]);
      expect([sent, own]).toEqual([seqs[4]! + 1, seqs[4]! + 2]);
      expect(outcome).toMatchObject({ ok: true, moved: { readSeq: sent } });
      expect(await world.unread(group, ben)).toBe(0);
      await world.say(group, ann, 'z');
      expect(await world.unread(group, ben)).toBe(1);
    });

    it('[CNT1] a mark stores both ordinals at its seq, whatever fact stands there', async () => {
      const { world, ann, ben, group, mark, member } = await scene(stage.world());
      const own = await world.say(group, ben, 'own');
      const silent = await world.say(group, ben, 'silent', true);
      const system = await world.say(group, null, 'system');
      await world.say(group, ben, 'own again');
      await world.say(group, ann, 'last');
      await mark(ben, 0, own - 1);
      expect(await member()).toMatchObject({ readOrdinal: 5, readSenderOrdinal: 0 });
      await mark(ben, 0, own);
      expect(await member()).toMatchObject({ readOrdinal: 6, readSenderOrdinal: 1 });
      await mark(ben, 0, silent);
      expect(await member()).toMatchObject({ readOrdinal: 6, readSenderOrdinal: 1 });
      await mark(ben, 0, system);
      expect(await member()).toMatchObject({ readOrdinal: 6, readSenderOrdinal: 1 });
      expect(await world.unread(group, ben)).toBe(1);
    });
  });

  describe('mark unread', () => {
    const stage = useStage(open);

    it('[CNT3] is a fact of the user\'s own stream, leaves the mark where it is, and the next read of it clears it', async () => {
      const { world, ann, ben, group, seqs, mark, member } = await scene(stage.world());
      await mark(ben, 0, seqs[4]!);
      const set = await world.done(world.command('conversation.mark_unread', { user: ben, conversation: group, fromSeq: seqs[2]! }));
      expect(set).toMatchObject({ stream: ben, type: 'conversation.unread_set' });
      const own = await world.facts(ben, ben);
      expect(JSON.parse(own.at(-1)!.payload)).toEqual({ conversation_id: group, from_seq: seqs[2] });
      expect((await world.facts(group, ann)).at(-1)?.seq).toBe(seqs[4]);
      expect(await member()).toMatchObject({ readSeq: seqs[4], unreadFromSeq: seqs[2] });
      expect(await world.unread(group, ben)).toBe(3);
      await world.say(group, ann, 'more');
      expect(await world.unread(group, ben)).toBe(4);
      expect(await mark(ben, seqs[4]!, 0)).toMatchObject({ ok: true, moved: null });
      // What is late, as the mark of a device that was away, does not reach it.
      expect(await mark(ben, 0, seqs[1]!)).toMatchObject({ ok: true, moved: null, stands: { readSeq: seqs[4] } });
      expect(await world.unread(group, ben)).toBe(4);
      expect(await mark(ben, 0, seqs[4]!)).toMatchObject({ ok: true, moved: { readSeq: seqs[4], version: 2 } });
      expect(await world.unread(group, ben)).toBe(1);
      expect((await member()).unreadFromSeq).toBeNull();
    });

    it('[CNT3] reaches back to the own join, not behind it', async () => {
      const { world, ann, group } = await scene(stage.world());
      const cyd = await world.user();
      await world.join(group, ann, cyd);
      await world.say(group, ann, 'for cyd');
      await world.done(world.command('conversation.mark_unread', { user: cyd, conversation: group, fromSeq: 1 }));
      expect(await world.unread(group, cyd)).toBe(1);
    });

    it('[CNT3] is refused for what is not there yet', async () => {
      const { world, ben, group, seqs } = await scene(stage.world());
      const set = (fromSeq: number, user: string | null = ben) => world.append(world.command('conversation.mark_unread', { user, conversation: group, fromSeq }));
      expect(refusedWith(await set(seqs[4]! + 1))).toBe('invalid_argument');
      expect(refusedWith(await set(seqs[4]!, null))).toBe('invalid_argument');
      expect(refusedWith(await set(seqs[4]!, await world.user()))).toBe('not_found');
    });

    it('[CNT3] hides nothing that is unread already', async () => {
      const { world, ben, group, seqs } = await scene(stage.world());
      expect(await world.unread(group, ben)).toBe(5);
      await world.done(world.command('conversation.mark_unread', { user: ben, conversation: group, fromSeq: seqs[3]! }));
      expect(await world.unread(group, ben)).toBe(5);
    });
  });
}
