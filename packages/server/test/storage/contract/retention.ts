import { describe, expect, it } from 'vitest';
import type { OpenHarness } from '../harness.js';
import { STAGED } from '../staged-rules.mjs';
import { refusedWith, type World } from '../world.js';
import { useStage } from './stage.js';

async function scene(world: World) {
  const [ann, ben] = await world.users(2) as [string, string];
  const group = await world.group(ann, [ben]);
  const seqs: number[] = [];
  for (let at = 0; at < 8; at += 1) seqs.push(await world.say(group, at === 2 || at === 6 ? ben : ann, `m${at}`));
  const facts = await world.facts(group, null);
  /** Removes what is older than the fact at a seq. */
  const retain = (seq: number, limit = 1_000) => world.storage.applyRetention(world.app, facts[seq - 1]!.timeMs, limit);
  return { world, ann, ben, group, seqs, facts, retain };
}

/** VIS5: what retention takes away, and what it leaves countable. */
export function retentionContract(open: OpenHarness): void {
  describe('retention', () => {
    const stage = useStage(open);

    it('[VIS5] removes what is older, raises the floor, and pages declare it', async () => {
      const { world, ann, group, seqs, facts, retain } = await scene(stage.world());
      expect(await retain(seqs[3]!)).toEqual([{ stream: group, floorSeq: seqs[2] }]);
      const page = await world.storage.facts({ app: world.app, stream: group, viewer: null, afterSeq: 0, limit: 100 });
      expect(page?.facts).toEqual(facts.slice(seqs[2]!));
      expect(page).toMatchObject({ floorSeq: seqs[2], omitted: [{ fromSeq: 1, toSeq: seqs[2], cause: 'retention' }], endSeq: facts.length });
      const messages = await world.storage.messages({ app: world.app, conversation: group, viewer: ann, anchor: { kind: 'newest' }, limit: 50 });
      expect(messages?.items.map((item) => item.seq)).toEqual(seqs.slice(3));
      expect(messages).toMatchObject({ hasBefore: false, covers: { fromSeq: 1 }, omitted: [{ fromSeq: 1, toSeq: seqs[2], cause: 'retention' }] });
      expect(await world.storage.message(world.app, ann, group, seqs[2]!)).toBeNull();
      expect((await world.storage.factsAfterPosition(0, 100_000)).filter((fact) => fact.stream === group)).toEqual(facts.slice(seqs[2]!));
      expect(await retain(seqs[3]!)).toEqual([]);
    });

    it('[VIS5] goes step by step under a limit, and never beyond the moment', async () => {
      const { group, seqs, retain } = await scene(stage.world());
      const floors: number[] = [];
      for (;;) {
        const changed = await retain(seqs[5]!, 2);
        if (changed.length === 0) break;
        expect(changed).toEqual([{ stream: group, floorSeq: changed[0]!.floorSeq }]);
        floors.push(changed[0]!.floorSeq);
      }
      expect(floors).toEqual([2, 4, 6, 8]);
      expect(floors.at(-1)).toBe(seqs[5]! - 1);
    });

    it('[VIS5] keeps user streams, and a head whose facts are all gone', async () => {
      const { world, ann, ben, group, facts } = await scene(stage.world());
      const changed = await world.storage.applyRetention(world.app, facts.at(-1)!.timeMs + 1, 1_000);
      expect(changed).toEqual([{ stream: group, floorSeq: facts.length }]);
      const page = await world.storage.facts({ app: world.app, stream: group, viewer: null, afterSeq: 0, limit: 10 });
      expect(page).toMatchObject({ facts: [], floorSeq: facts.length, endSeq: facts.length, endEventId: facts.at(-1)!.eventId });
      expect(await world.facts(ben, ben)).toHaveLength(1);
      expect(await world.unread(group, ben)).toBe(0);
      expect(await world.say(group, ann, 'next')).toBe(facts.length + 1);
      expect(await world.unread(group, ben)).toBe(1);
      expect((await world.storage.message(world.app, ben, group, facts.length + 1))?.ordinal).toBe(9);
    });

    it('[CNT2,VIS5] counts as unread what is left', async () => {
      const { world, ann, ben, group, seqs, retain } = await scene(stage.world());
      expect([await world.unread(group, ann), await world.unread(group, ben)]).toEqual([2, 6]);
      await retain(seqs[1]!);
      expect([await world.unread(group, ann), await world.unread(group, ben)]).toEqual([2, 5]);
      await retain(seqs[3]!);
      expect([await world.unread(group, ann), await world.unread(group, ben)]).toEqual([1, 4]);
      await world.remove(group, ann, seqs[4]!);
      expect(await world.unread(group, ben)).toBe(3);
      await retain(seqs[5]!);
      expect(await world.unread(group, ben)).toBe(2);
      await world.read(group, ben, seqs[5]!);
      expect(await world.unread(group, ben)).toBe(1);
      // A mark below the floor has moved behind it already.
      await world.read(group, ann, seqs[1]!);
      expect(await world.unread(group, ann)).toBe(1);
      expect((await world.storage.conversation(world.app, ann, group))?.member).toMatchObject({ readSeq: seqs[1], readOrdinal: 5 });
    });

    it('[CNT3,VIS5] marks as unread from the floor on at most', async () => {
      const { world, ben, group, seqs, retain } = await scene(stage.world());
      await world.read(group, ben, seqs[7]!);
      await retain(seqs[3]!);
      await world.done(world.command('conversation.mark_unread', { user: ben, conversation: group, fromSeq: seqs[1]! }));
      expect(await world.unread(group, ben)).toBe(4);
    });

    it('[VIS5] refuses commands about what is gone', async () => {
      const { world, ann, group, seqs, retain } = await scene(stage.world());
      await retain(seqs[3]!);
      expect(refusedWith(await world.append(world.command('message.edit', { user: ann, conversation: group, seq: seqs[1]!, text: 'x', data: null })))).toBe('not_found');
      expect(refusedWith(await world.append(world.command('message.delete', { user: ann, conversation: group, seq: seqs[1]! })))).toBe('not_found');
    });

    it('[ISO2,VIS5] tells apart what retention took and what membership hides', async () => {
      const { world, ann, group, seqs, facts, retain } = await scene(stage.world());
      const cyd = await world.user();
      const joined = await world.join(group, ann, cyd);
      expect(joined).toBe(facts.length + 1);
      await retain(seqs[3]!);
      const page = await world.storage.facts({ app: world.app, stream: group, viewer: cyd, afterSeq: 0, limit: 100 });
      expect(page?.facts.map((fact) => fact.seq)).toEqual([joined]);
      expect(page?.omitted).toEqual([{ fromSeq: 1, toSeq: seqs[2], cause: 'retention' }, { fromSeq: seqs[3], toSeq: facts.length, cause: 'membership' }]);
    });

    it('[VIS5] removes nothing that is not older, though the clock stepped back', async () => {
      const { world, ann, group, facts } = await scene(stage.world());
      const back = await world.say(group, ann, STAGED.clockBack);
      const now = await world.facts(group, null);
      expect(now[back - 1]!.timeMs).toBeLessThan(facts[0]!.timeMs);
      // Older than the second fact are the first and the one behind which the clock went back.
      expect(await world.storage.applyRetention(world.app, facts[1]!.timeMs, 1_000)).toEqual([{ stream: group, floorSeq: 1 }]);
      expect(await world.storage.applyRetention(world.app, 0, 1_000)).toEqual([]);
    });
  });
}
