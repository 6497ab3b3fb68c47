import { describe, expect, it } from 'vitest';
import type { UsageDelta } from '../../../src/storage/port.js';
import type { OpenHarness } from '../harness.js';
import { useStage } from './stage.js';

/** What consumers of the log keep: their lease, their cursor, what they counted, what they gave up. */
export function consumersContract(open: OpenHarness): void {
  describe('consumers', () => {
    const stage = useStage(open);
    const delta = (app: string, hourMs: number, messages: number): UsageDelta => ({ app, hourMs, messages, facts: messages * 2, bytes: messages * 100 });

    it('[CLU2] one owner at a time holds a lease, renews it, and loses it when its time is over', async () => {
      const { storage } = stage.world();
      expect(await storage.lease('a', 'one', 1_000, 100)).toEqual({ name: 'a', position: 0, fence: 1 });
      expect(await storage.lease('a', 'two', 1_099, 100)).toBeNull();
      expect(await storage.lease('a', 'one', 1_050, 100)).toEqual({ name: 'a', position: 0, fence: 1 });
      expect(await storage.lease('a', 'two', 1_149, 100)).toBeNull();
      expect(await storage.lease('a', 'two', 1_150, 100)).toEqual({ name: 'a', position: 0, fence: 2 });
      expect(await storage.lease('a', 'one', 1_200, 100)).toBeNull();
      expect(await storage.lease('b', 'one', 1_200, 100)).toEqual({ name: 'b', position: 0, fence: 1 });
    });

    it('[CLU2] a lease that a clock has written which was an hour ahead is taken over at once, and its holder is kept out', async () => {
      const { storage } = stage.world();
      const ahead = (await storage.lease('e', 'ahead', 3_700_000, 5_000))!;
      expect(await storage.lease('e', 'right', 100_000, 5_000)).toEqual({ name: 'e', position: 0, fence: 2 });
      expect(await storage.commitProgress(ahead, 5, [])).toBe(false);
      // A minute is what clocks may be apart.
      expect(await storage.lease('e', 'behind', 40_000, 5_000)).toBeNull();
      expect(await storage.lease('e', 'behind', 39_999, 5_000)).toMatchObject({ fence: 3 });
    });

    it('[CLU2] work and cursor are committed together, and by the owner only', async () => {
      const { storage, app } = stage.world();
      const first = (await storage.lease('c', 'one', 0, 10))!;
      expect(await storage.commitProgress(first, 5, [delta(app, 0, 1), delta(app, 3_600_000, 2), delta(app, 0, 4)])).toBe(true);
      expect(await storage.lease('c', 'one', 5, 10)).toMatchObject({ position: 5, fence: 1 });
      const second = (await storage.lease('c', 'two', 20, 10))!;
      expect(second).toEqual({ name: 'c', position: 5, fence: 2 });
      expect(await storage.commitProgress(first, 9, [delta(app, 0, 100)])).toBe(false);
      expect(await storage.commitProgress({ ...second, fence: 3 }, 9, [delta(app, 0, 100)])).toBe(false);
      expect(await storage.commitProgress({ ...second, name: 'nobody' }, 9, [delta(app, 0, 100)])).toBe(false);
      expect(await storage.commitProgress(second, 7, [delta(app, 0, 1)])).toBe(true);
      expect(await storage.commitProgress(second, 6, [delta(app, 0, 100)])).toBe(false);
      expect(await storage.usage(app, 0, 7_200_000)).toEqual([
        { app, hourMs: 0, messages: 6, facts: 12, bytes: 600 }, { app, hourMs: 3_600_000, messages: 2, facts: 4, bytes: 200 },
      ]);
      expect(await storage.lease('c', 'two', 21, 10)).toMatchObject({ position: 7 });
    });

    it('tells how far consumers are, who holds them, and what was given up', async () => {
      const world = stage.world();
      const { storage, app } = world;
      const conversation = await world.group(await world.user(), []);
      const [fact] = await storage.factsAfterPosition(0, 1);
      const lease = (await storage.lease('told', 'me', 1_000, 100))!;
      const find = async () => (await storage.consumers()).find(({ name }) => name === 'told');
      const { position } = await storage.info();
      expect(await find()).toEqual({ name: 'told', position: 0, owner: 'me', untilMs: 1_100, lag: position, behindSinceMs: fact!.timeMs, deadLetters: 0 });
      await storage.addDeadLetter({ name: 'told', position: 1, app, stream: conversation, seq: 1, error: 'no', timeMs: 1 });
      expect(await storage.commitProgress(lease, position, [])).toBe(true);
      expect(await find()).toMatchObject({ position, lag: 0, behindSinceMs: null, deadLetters: 1 });
      expect((await storage.consumers()).map(({ name }) => name)).toEqual((await storage.consumers()).map(({ name }) => name).toSorted());
    });

    it('tells how large the database is, and what commits have taken', async () => {
      const world = stage.world();
      const before = world.storage.commits();
      await world.group(await world.user(), []);
      const { count, ms } = world.storage.commits();
      expect(count).toBeGreaterThan(before.count);
      expect(ms).toBeGreaterThan(before.ms);
      expect(await world.storage.bytes()).toBeGreaterThan(0);
    });

    it('[CNT1] usage is read by the hour, the end left out', async () => {
      const { storage, app } = stage.world();
      const lease = (await storage.lease('d', 'one', 0, 10))!;
      await storage.commitProgress(lease, 1, [0, 1, 2, 3].map((hour) => delta(app, hour * 3_600_000, hour + 1)));
      expect((await storage.usage(app, 3_600_000, 3 * 3_600_000)).map((row) => row.messages)).toEqual([2, 3]);
      expect(await storage.usage(app, 5 * 3_600_000, 6 * 3_600_000)).toEqual([]);
    });

    it('[CLU2] usage of the next facts is added up by app and hour, up to where they end', async () => {
      const world = stage.world();
      const { storage, app } = world;
      const ann = await world.user();
      const before = (await storage.info()).position;
      const group = await world.group(ann, []);
      await world.say(group, ann, 'größer');
      await world.say(group, ann, 'x');
      const all = await storage.factsAfterPosition(before, 100);
      const whole = (await storage.usageAfterPosition(before, 100))!;
      expect(whole.position).toBe(all.at(-1)!.position);
      const sum = (of: (one: UsageDelta) => number): number => whole.deltas.reduce((total, one) => total + of(one), 0);
      expect([sum((one) => one.facts), sum((one) => one.messages)]).toEqual([all.length, 2]);
      expect(sum((one) => one.bytes)).toBe(all.reduce((total, fact) => total + Buffer.byteLength(fact.payload), 0));
      expect(whole.deltas.every((one) => one.app === app && one.hourMs % 3_600_000 === 0)).toBe(true);
      expect(await storage.usageAfterPosition(before, 1)).toMatchObject({ position: all[0]!.position, deltas: [{ facts: 1 }] });
      expect(await storage.usageAfterPosition(whole.position, 10)).toBeNull();
    });

    it('[CLU2] dead letters stand in order of position, one for each', async () => {
      const { storage, app, ids } = stage.world();
      const letter = (position: number, error: string) => ({ name: 'hooks', position, app, stream: ids.id('conversation'), seq: position, error, timeMs: position * 10 });
      const letters = [letter(3, 'c'), letter(1, 'a'), letter(2, 'b')];
      for (const one of letters) await storage.addDeadLetter(one);
      const again = { ...letters[1]!, error: 'again' };
      await storage.addDeadLetter(again);
      await storage.addDeadLetter({ ...letter(1, 'other'), name: 'others', stream: ids.id('user') });
      expect(await storage.deadLetters('hooks', 10)).toEqual([again, letters[2], letters[0]]);
      expect(await storage.deadLetters('hooks', 2)).toEqual([again, letters[2]]);
      expect(await storage.deadLetters('others', 10)).toMatchObject([{ error: 'other', stream: expect.stringMatching(/^u_/) as unknown }]);
      expect(await storage.deadLetters('none', 10)).toEqual([]);
    });
  });
}
