import { describe, expect, it } from 'vitest';
import type { MessagesPage } from '../../../src/storage/port.js';
import type { OpenHarness } from '../harness.js';
import { tenMessages } from './messages-scene.js';
import { useStage } from './stage.js';

const seqsOf = (page: MessagesPage): number[] => page.items.map((item) => item.seq);

/** Pages of history. */
export function messagesContract(open: OpenHarness): void {
  describe('messages', () => {
    const stage = useStage(open);

    it('[RES3] gives the newest, ascending, and says what the page covers', async () => {
      const { seqs, ask } = await tenMessages(stage.world());
      const page = await ask({ kind: 'newest' }, 3);
      expect(seqsOf(page)).toEqual(seqs.slice(-3));
      expect(page).toMatchObject({ hasBefore: true, hasAfter: false, covers: { fromSeq: seqs[7], toSeq: page.headSeq }, omitted: [] });
      expect(page.headSeq).toBe(seqs[9]! + 1);
      expect(await ask({ kind: 'newest' }, 50)).toMatchObject({ hasBefore: false, hasAfter: false, covers: { fromSeq: 1, toSeq: page.headSeq } });
    });

    it('[ORD1] reassembles the whole by paging back', async () => {
      const { seqs, ask } = await tenMessages(stage.world());
      for (const limit of [1, 2, 3, 4, 10, 11]) {
        let page = await ask({ kind: 'newest' }, limit);
        const pages = [page];
        while (page.hasBefore) {
          page = await ask({ kind: 'before', seq: page.covers.fromSeq }, limit);
          expect(page.items.length).toBeGreaterThan(0);
          expect(page.hasAfter).toBe(true);
          pages.unshift(page);
        }
        expect(page.covers.fromSeq).toBe(1);
        expect(pages.flatMap(seqsOf)).toEqual(seqs);
      }
    });

    it('[ORD1] reassembles the whole by paging on', async () => {
      const { seqs, ask } = await tenMessages(stage.world());
      for (const limit of [1, 2, 3, 4, 10, 11]) {
        let page = await ask({ kind: 'after', seq: 0 }, limit);
        const pages = [page];
        while (page.hasAfter) {
          page = await ask({ kind: 'after', seq: page.covers.toSeq }, limit);
          expect(page.items.length).toBeGreaterThan(0);
          expect(page.hasBefore).toBe(true);
          pages.push(page);
        }
        expect(page.covers.toSeq).toBe(page.headSeq);
        expect(pages.flatMap(seqsOf)).toEqual(seqs);
      }
    });

    it('[RES3] opens around a message, and goes on from there in both directions', async () => {
      const { seqs, ask } = await tenMessages(stage.world());
      for (const limit of [1, 2, 3, 4]) {
        for (const [at, seq] of seqs.entries()) {
          const page = await ask({ kind: 'around', seq }, limit);
          expect(seqsOf(page)).toContain(seq);
          expect(page.items.length).toBeLessThanOrEqual(limit);
          expect(page.hasBefore).toBe(seqsOf(page)[0]! > seqs[0]!);
          expect(page.hasAfter).toBe(seqsOf(page).at(-1)! < seqs[9]!);
          const before = page.hasBefore ? seqsOf(await ask({ kind: 'before', seq: page.covers.fromSeq }, 50)) : [];
          const after = page.hasAfter ? seqsOf(await ask({ kind: 'after', seq: page.covers.toSeq }, 50)) : [];
          expect([...before, ...seqsOf(page), ...after], `around ${at}`).toEqual(seqs);
        }
      }
    });

    it('[RES3] says at both ends that there is nothing more', async () => {
      const { seqs, ask } = await tenMessages(stage.world());
      const { headSeq } = await ask({ kind: 'newest' });
      for (const seq of [seqs[9]!, headSeq, headSeq + 5]) {
        const page = await ask({ kind: 'after', seq });
        expect(page).toMatchObject({ items: [], hasBefore: true, hasAfter: false });
        expect(page.covers.fromSeq).toBe(seq + 1);
        expect(page.covers.toSeq).toBe(headSeq);
      }
      expect(await ask({ kind: 'before', seq: seqs[0]! })).toMatchObject({ items: [], hasBefore: false, hasAfter: true, covers: { fromSeq: 1, toSeq: seqs[0]! - 1 } });
      expect(await ask({ kind: 'before', seq: 1 })).toMatchObject({ items: [], hasBefore: false, hasAfter: true, covers: { fromSeq: 1, toSeq: 0 } });
      expect(await ask({ kind: 'before', seq: 0 })).toMatchObject({ items: [], hasBefore: false, hasAfter: true, covers: { fromSeq: 1, toSeq: 0 } });
      const far = await ask({ kind: 'after', seq: Number.MAX_SAFE_INTEGER });
      expect(far).toMatchObject({ items: [], hasBefore: true, hasAfter: false, covers: { fromSeq: Number.MAX_SAFE_INTEGER, toSeq: headSeq } });
    });

    it('[RES3] gives an empty page of a conversation without messages', async () => {
      const world = stage.world();
      const [ann] = await world.users(1) as [string];
      const group = await world.group(ann, []);
      for (const anchor of [{ kind: 'newest' }, { kind: 'after', seq: 0 }, { kind: 'before', seq: 2 }, { kind: 'around', seq: 1 }] as const) {
        const page = await world.storage.messages({ app: world.app, conversation: group, viewer: ann, anchor, limit: 5 });
        expect(page).toMatchObject({ items: [], hasBefore: false, hasAfter: false, headSeq: 2 });
      }
    });

    it('[ISO2] shows messages of the own intervals only, across the gap between them, and declares the gap', async () => {
      const { world, ann, ben, group, seqs, ask } = await tenMessages(stage.world());
      const left = await world.leave(group, ben);
      const hidden = [await world.say(group, ann, 'hidden'), await world.say(group, ann, 'hidden')];
      const joined = await world.join(group, ann, ben);
      const last = await world.say(group, ann, 'seen');
      const page = await ask({ kind: 'newest' }, 3, ben);
      expect(seqsOf(page)).toEqual([...seqs.slice(-2), last]);
      expect(page.omitted).toEqual([{ fromSeq: left + 1, toSeq: joined - 1, cause: 'membership' }]);
      expect(seqsOf(await ask({ kind: 'after', seq: seqs[8]! }, 3, ben))).toEqual([seqs[9], last]);
      for (const seq of hidden) {
        expect(await world.storage.message(world.app, ben, group, seq)).toBeNull();
        expect((await world.storage.message(world.app, ann, group, seq))?.seq).toBe(seq);
        expect(seqsOf(await ask({ kind: 'around', seq }, 2, ben))).toEqual([seqs[9], last]);
      }
    });

    it('[VIS2] leaves out, in groups, what is of those whom the viewer blocks, for as long as the viewer wants that', async () => {
      const { world, ann, ben, group, seqs, ask } = await tenMessages(stage.world());
      const his = await world.say(group, ben, 'of ben');
      const { stream: direct } = await world.done(world.command('conversation.create', { user: ann, conversationKind: 'direct', name: '', data: '{}', history: 'all', members: [ann, ben] }));
      const [other] = await world.users(1) as [string];
      const line = await world.say(direct, ben, 'between us');
      const hide = (on: boolean) => world.done(world.command('privacy.set', { user: ann, subject: ann, change: { hide_blocked: on } }));
      const block = (on: boolean, of: string) => world.done(world.command('block.set', { user: ann, subject: ann, other: of, on, direct: of === ben ? direct : null }));
      const last = async (viewer: string) => (await world.storage.inbox(world.app, viewer, 10, null)).items.map(({ conversation, lastMessage }) => [conversation.id === group, lastMessage?.seq]);
      await block(true, other);
      await hide(true);
      // Nobody in the group is blocked.
      expect(seqsOf(await ask({ kind: 'newest' }, 2, ann))).toEqual([seqs[9], his]);
      await block(true, ben);
      expect(seqsOf(await ask({ kind: 'newest' }, 2, ann))).toEqual([seqs[9]]);
      expect(await world.storage.message(world.app, ann, group, his)).toBeNull();
      expect(await last(ann)).toEqual(expect.arrayContaining([[true, seqs[9]], [false, line]]));
      // Everybody else sees it, and facts are the same for all.
      expect(seqsOf(await ask({ kind: 'newest' }, 2, ben))).toEqual([seqs[9], his]);
      expect((await world.facts(group, ann)).some(({ seq }) => seq === his)).toBe(true);
      // Of a direct conversation nothing is hidden: it is closed.
      expect((await world.storage.message(world.app, ann, direct, line))?.seq).toBe(line);
      await hide(false);
      expect(seqsOf(await ask({ kind: 'newest' }, 2, ann))).toEqual([seqs[9], his]);
      await hide(true);
      await block(false, ben);
      expect((await world.storage.message(world.app, ann, group, his))?.seq).toBe(his);
    });

    it('[ISO3] shows nothing behind the leave to a former member', async () => {
      const { world, ann, ben, group, seqs, ask } = await tenMessages(stage.world());
      const left = await world.leave(group, ben);
      await world.say(group, ann, 'hidden');
      const page = await ask({ kind: 'newest' }, 2, ben);
      expect(seqsOf(page)).toEqual(seqs.slice(-2));
      expect(page).toMatchObject({ headSeq: left, hasAfter: false, covers: { toSeq: left } });
      expect((await ask({ kind: 'after', seq: seqs[9]! }, 2, ben)).items).toEqual([]);
    });

    it('[ORD5] gives one message as the page gives it', async () => {
      const { world, ann, group, seqs, ask } = await tenMessages(stage.world());
      await world.edit(group, ann, seqs[1]!, 'edited');
      const page = await ask({ kind: 'newest' }, 50);
      for (const item of page.items) expect(await world.storage.message(world.app, ann, group, item.seq)).toEqual(item);
      expect(await world.storage.message(world.app, ann, group, 1)).toBeNull();
      expect(await world.storage.message(world.app, ann, group, 999)).toBeNull();
      expect((await world.storage.conversation(world.app, ann, group))?.lastMessage).toEqual(page.items.at(-1));
    });
  });
}
