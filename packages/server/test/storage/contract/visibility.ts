import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Omitted } from '../../../src/storage/visible.js';
import type { EventRow, HistoryPolicy } from '../../../src/storage/rows.js';
import type { OpenHarness } from '../harness.js';
import { refusedWith, walkFacts, type World } from '../world.js';
import { useStage } from './stage.js';

/**
 * A conversation that ben joins, leaves, joins again, leaves and joins a third time:
 * 1 created, 2 ann joined, 3 said, 4 ben joined, 5 said, 6 ben left, 7 said, 8 said, 9 ben joined, 10 said, 11 ben left, 12 said, 13 ben joined, 14 said
 */
async function comingAndGoing(world: World, history: HistoryPolicy) {
  const [ann, ben] = await world.users(2) as [string, string];
  const group = await world.group(ann, [], history);
  const say = () => world.say(group, ann, 'text');
  await say();
  await world.join(group, ann, ben);
  await say();
  await world.leave(group, ben);
  await say();
  await say();
  await world.join(group, ann, ben);
  await say();
  await world.leave(group, ben);
  await say();
  await world.join(group, null, ben);
  expect(await say()).toBe(14);
  return { ann, ben, group };
}

/** ISO2, ISO3, VIS1, ORD1: which facts a viewer gets, and what a page says of the rest. */
export function visibilityContract(open: OpenHarness): void {
  describe('membership intervals', () => {
    const stage = useStage(open);
    const page = (world: World, stream: string, viewer: string | null, afterSeq = 0, limit = 100) => world.storage.facts({ app: world.app, stream, viewer, afterSeq, limit });

    it('[VIS1,ISO2] shows the union of the intervals under from_join, and declares the rest', async () => {
      const world = stage.world();
      const { ben, group } = await comingAndGoing(world, 'from_join');
      expect(await world.storage.intervals(world.app, group, ben)).toEqual([{ fromSeq: 4, toSeq: 6 }, { fromSeq: 9, toSeq: 11 }, { fromSeq: 13, toSeq: null }]);
      const seen = await page(world, group, ben);
      expect(seen?.facts.map((fact) => fact.seq)).toEqual([4, 5, 6, 9, 10, 11, 13, 14]);
      expect(seen).toMatchObject({ fromSeq: 1, toSeq: 14, endSeq: 14, endEventId: seen?.facts.at(-1)?.eventId, active: true, floorSeq: 0 });
      expect(seen?.omitted).toEqual([{ fromSeq: 1, toSeq: 3, cause: 'membership' }, { fromSeq: 7, toSeq: 8, cause: 'membership' }, { fromSeq: 12, toSeq: 12, cause: 'membership' }]);
    });

    it('[VIS1,ISO2] shows everything under all', async () => {
      const world = stage.world();
      const { ben, group } = await comingAndGoing(world, 'all');
      const seen = await page(world, group, ben);
      expect(seen?.facts).toHaveLength(14);
      expect(seen?.omitted).toEqual([]);
    });

    it('[ISO2] lets a member who came back do with a message what they may who see it, and nothing with one from between', async () => {
      const world = stage.world();
      const { ann, ben, group } = await comingAndGoing(world, 'from_join');
      const [seen, unseen] = [[5, 10, 14], [3, 7, 8, 12]];
      const commands = (seq: number) => [
        world.command('reaction.set', { user: ben, conversation: group, seq, reaction: 'x', on: true }), world.command('bookmark.set', { user: ben, conversation: group, seq, note: '', on: true }),
        world.message({ user: ben, conversation: group, text: 'quoting', more: { quote_seq: seq } }), world.command('message.hide', { user: ben, conversation: group, seq }),
      ];
      for (const seq of [...seen, ...unseen]) {
        const codes = [];
        for (const command of commands(seq)) codes.push(refusedWith(await world.append(command)));
        expect(codes).toEqual(Array(4).fill(seen.includes(seq) ? undefined : 'not_found'));
      }
      // Also when all of it is in one transaction.
      const before = (await page(world, group, null))!.endSeq;
      const at = (seq: number) => world.command('reaction.set', { user: ben, conversation: group, seq, reaction: 'y', on: true });
      const outcomes = await Promise.all([
        world.command('member.remove', { user: ben, conversation: group, member: ben }), world.message({ user: ann, conversation: group, text: 'behind their back' }),
        world.command('member.add', { user: ann, conversation: group, members: [ben], role: null }), at(before + 2), at(14), at(5), at(12),
      ].map((command) => world.append(command)));
      expect(outcomes.map(refusedWith)).toEqual([undefined, undefined, undefined, 'not_found', undefined, undefined, 'not_found']);
    });

    it('[ISO2] follows the policy as it is now', async () => {
      const world = stage.world();
      const { ann, ben, group } = await comingAndGoing(world, 'from_join');
      await world.done(world.command('conversation.update', { user: ann, conversation: group, name: null, data: null, history: 'all' }));
      expect((await page(world, group, ben))?.facts).toHaveLength(15);
      await world.done(world.command('conversation.update', { user: ann, conversation: group, name: null, data: null, history: 'from_join' }));
      expect((await page(world, group, ben))?.facts.map((fact) => fact.seq)).toEqual([4, 5, 6, 9, 10, 11, 13, 14, 15, 16]);
    });

    it('[ISO3] ends the view of a former member at the fact that they left, under both policies', async () => {
      for (const history of ['from_join', 'all'] as const) {
        const world = stage.world();
        const { ann, ben, group } = await comingAndGoing(world, history);
        const left = await world.leave(group, ben);
        await world.say(group, ann, 'behind their back');
        await world.done(world.command('conversation.update', { user: ann, conversation: group, name: 'x', data: null, history: null }));
        const seen = await page(world, group, ben);
        expect(seen?.facts.at(-1)).toMatchObject({ seq: left, type: 'member.left' });
        expect(seen).toMatchObject({ toSeq: left, endSeq: left, endEventId: seen?.facts.at(-1)?.eventId, active: false });
        const behind = await page(world, group, ben, left);
        expect(behind).toMatchObject({ facts: [], omitted: [], fromSeq: left + 1, toSeq: left, endSeq: left });
        const record = await world.storage.conversation(world.app, ben, group);
        expect(record).toMatchObject({ endSeq: left, unread: 0, lastMessage: { seq: 14 } });
        expect(await world.storage.members(world.app, ben, group, 10, null)).toBeNull();
        expect(await world.storage.marks(world.app, ben, group, 0, 10)).toBeNull();
        expect((await world.storage.inbox(world.app, ben, 10, null)).items).toEqual([]);
      }
    });

    it('[ISO2] gives a stranger what an absent conversation gives', async () => {
      const world = stage.world();
      const { group } = await comingAndGoing(world, 'all');
      const stranger = await world.user();
      expect(await page(world, group, stranger)).toBeNull();
      expect(await page(world, world.ids.id('conversation'), stranger)).toBeNull();
      expect(await page(world, await world.user(), stranger)).toBeNull();
      expect(await world.storage.conversation(world.app, stranger, group)).toBeNull();
    });

    it('[ISO2] shows a user their own stream, whole, and an empty one before the first fact', async () => {
      const world = stage.world();
      const { ben } = await comingAndGoing(world, 'from_join');
      const own = await page(world, ben, ben);
      expect(own?.facts.map((fact) => fact.type)).toEqual(['conversation.added', 'conversation.removed', 'conversation.added', 'conversation.removed', 'conversation.added']);
      expect(own).toMatchObject({ active: true, endSeq: 5 });
      const fresh = await world.user();
      expect(await page(world, fresh, fresh)).toMatchObject({ facts: [], omitted: [], toSeq: 0, endSeq: 0, endEventId: '', active: true });
    });

    it('[RES5] tells the event at the cursor, when it is asked for', async () => {
      const world = stage.world();
      const { group } = await comingAndGoing(world, 'all');
      const facts = await world.facts(group, null);
      const ask = (afterSeq: number, withCursor?: boolean) => world.storage.facts({ app: world.app, stream: group, viewer: null, afterSeq, limit: 5, ...(withCursor === undefined ? {} : { withCursor }) });
      expect((await ask(5, true))?.cursorEventId).toBe(facts[4]?.eventId);
      expect((await ask(14, true))?.cursorEventId).toBe(facts[13]?.eventId);
      expect((await ask(15, true))?.cursorEventId).toBeNull();
      expect((await ask(0, true))?.cursorEventId).toBeNull();
      expect((await ask(5))?.cursorEventId).toBeNull();
    });

    it('[ORD1] reassembles the whole from pages of any size: what is not a fact is declared', async () => {
      const world = stage.world();
      const { ann, ben, group } = await comingAndGoing(world, 'from_join');
      const left = await world.leave(group, ben);
      await world.say(group, ann, 'behind');
      for (const viewer of [ann, ben, null]) {
        const whole = (await page(world, group, viewer))!;
        for (const limit of [1, 2, 3, 5, 8]) {
          const pages = await walkFacts(world.storage, { app: world.app, stream: group, viewer, limit });
          expect(pages.flatMap((one) => one.facts)).toEqual(whole.facts);
          expect(merged(pages.flatMap((one) => one.omitted))).toEqual(whole.omitted);
          let next = 1;
          for (const one of pages) {
            expect(one.fromSeq).toBe(next);
            next = one.toSeq + 1;
            expect(coverage(one.facts.map((fact) => fact.seq), one.omitted)).toEqual(range(one.fromSeq, one.toSeq));
          }
          expect(next).toBe((viewer === ben ? left : whole.endSeq) + 1);
        }
      }
    });

    it('[FLW1,ORD1] reassembles the whole from pages that are bounded by size, too, each with a fact at least', async () => {
      const world = stage.world();
      const [ann] = await world.users(1) as [string];
      const group = await world.group(ann, []);
      for (const length of [10, 300, 5, 1_000, 20, 20, 20]) await world.say(group, ann, 'x'.repeat(length));
      const whole = await world.facts(group, null);
      for (const chars_max of [1, 100, 350, 1_200, 100_000]) {
        const pages = await walkFacts(world.storage, { app: world.app, stream: group, viewer: null, limit: 5, chars_max });
        expect(pages.flatMap((one) => one.facts)).toEqual(whole);
        for (const { facts, toSeq } of pages) {
          expect(facts.length).toBeGreaterThan(0);
          expect(toSeq).toBe(facts.at(-1)!.seq);
          expect(facts.length === 1 || sizeOf(facts) <= chars_max).toBe(true);
          // It ends because the next one would not fit, or because of the limit, or because there is no other.
          const next = whole[toSeq];
          expect(facts.length === 5 || next === undefined || sizeOf([...facts, next]) > chars_max).toBe(true);
        }
      }
    });

    it('[VIS1,ISO2] does so for any coming and going', async () => {
      await fc.assert(fc.asyncProperty(
        fc.array(fc.constantFrom('say', 'toggle', 'toggle', 'policy'), { minLength: 1, maxLength: 14 }), fc.integer({ min: 1, max: 4 }),
        async (steps, limit) => {
          const world = stage.world();
          const [ann, ben] = await world.users(2) as [string, string];
          const group = await world.group(ann, [], 'from_join');
          const model = { member: false, all: false, head: 2, visible: new Set<number>(), end: 0 };
          for (const step of steps) {
            model.head += 1;
            if (step === 'say') await world.say(group, ann, 'x');
            if (step === 'policy') {
              model.all = !model.all;
              await world.done(world.command('conversation.update', { user: ann, conversation: group, name: null, data: null, history: model.all ? 'all' : 'from_join' }));
            }
            if (step === 'toggle' && !model.member) await world.join(group, ann, ben);
            if (step === 'toggle' && model.member) await world.leave(group, ben);
            if (step === 'toggle' || model.member) {
              model.visible.add(model.head);
              model.end = model.head;
            }
            if (step === 'toggle') model.member = !model.member;
          }
          if (model.end === 0) {
            expect(await page(world, group, ben)).toBeNull();
            return;
          }
          const wanted = model.all ? range(1, model.end) : [...model.visible];
          expect((await world.facts(group, ben, limit)).map((fact) => fact.seq)).toEqual(wanted);
        },
      ), { numRuns: 40, seed: 7 });
    });
  });
}

function sizeOf(facts: readonly EventRow[]): number {
  return facts.reduce((sum, fact) => sum + fact.payload.length, 0);
}

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, at) => from + at);
}

function coverage(seqs: readonly number[], omitted: readonly Omitted[]): number[] {
  return [...seqs, ...omitted.flatMap((one) => range(one.fromSeq, one.toSeq))].sort((a, b) => a - b);
}

/** Joins ranges that a page boundary has cut. */
function merged(omitted: readonly Omitted[]): Omitted[] {
  const ranges: Omitted[] = [];
  for (const one of omitted) {
    const last = ranges.at(-1);
    if (last && last.toSeq + 1 === one.fromSeq && last.cause === one.cause) ranges[ranges.length - 1] = { ...last, toSeq: one.toSeq };
    else ranges.push(one);
  }
  return ranges;
}
