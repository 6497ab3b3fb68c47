import { describe, expect, it } from 'vitest';
import type { ResumeQuery } from '../../../src/storage/port.js';
import type { OpenHarness } from '../harness.js';
import type { World } from '../world.js';
import { useStage } from './stage.js';

async function scene(world: World, conversations: number) {
  const [ann, ben] = await world.users(2) as [string, string];
  const groups: string[] = [];
  for (let at = 0; at < conversations; at += 1) groups.push(await world.group(ann, [ben]));
  const resume = (query: Partial<ResumeQuery> = {}) =>
    world.storage.resume({ app: world.app, user: ben, position: null, placed: [], recent: 0, limit: 100, scan: 100, ...query });
  const head = async (group: string) => (await world.facts(group, null)).at(-1)!;
  return { world, ann, ben, groups, resume, head };
}

/** RES2, RES5: what has moved since a position. */
export function resumeContract(open: OpenHarness): void {
  describe('resume', () => {
    const stage = useStage(open);

    it('[RES2] tells nothing when nothing has moved, and its position is the last one', async () => {
      const { world, ben, resume } = await scene(stage.world(), 5);
      const { position } = await world.storage.info();
      const answer = await resume({ position });
      expect(answer).toMatchObject({ position, conversations: [], more: false });
      expect(answer.userStream).toMatchObject({ stream: ben, headSeq: 5, joinedSeq: 1, atPosition: { seq: 5, eventId: answer.userStream.headEventId } });
    });

    it('[RES2] tells the three of many that have moved, the latest first, and where the client is in each', async () => {
      const { world, ann, groups, resume, head } = await scene(stage.world(), 20);
      const before = await Promise.all(groups.map(head));
      const { position } = await world.storage.info();
      for (const at of [3, 11, 7]) await world.say(groups[at]!, ann, 'x');
      await world.say(groups[3]!, ann, 'y');
      const answer = await resume({ position });
      expect(answer.conversations.map((one) => one.stream)).toEqual([groups[3], groups[7], groups[11]]);
      for (const one of answer.conversations) {
        const at = groups.indexOf(one.stream);
        const now = await head(one.stream);
        expect(one).toEqual({
          stream: one.stream, headSeq: now.seq, headEventId: now.eventId, headPosition: now.position, marksVersion: 0, joinedSeq: 3,
          atPosition: { seq: before[at]!.seq, eventId: before[at]!.eventId },
        });
      }
      expect(answer.position).toBe((await head(groups[3]!)).position);
      expect(answer.more).toBe(false);
    });

    it('[RES5] names the fact at the position, so that a position of another log is told from one of this', async () => {
      const { world, ann, groups, resume, head } = await scene(stage.world(), 1);
      await world.say(groups[0]!, ann, 'x');
      const last = await head(groups[0]!);
      expect(await world.storage.info()).toMatchObject({ position: last.position, eventId: last.eventId });
      expect((await resume({ position: last.position })).positionEventId).toBe(last.eventId);
      for (const position of [null, 0, last.position + 1]) expect((await resume({ position })).positionEventId).toBe('');
    });

    it('[RES2] draws the line at the position itself', async () => {
      const { world, ann, groups, resume, head } = await scene(stage.world(), 2);
      await world.say(groups[0]!, ann, 'x');
      const last = await head(groups[0]!);
      expect((await resume({ position: last.position })).conversations).toEqual([]);
      expect((await resume({ position: last.position, placed: [groups[0]!] })).conversations).toMatchObject([{ stream: groups[0], atPosition: { seq: last.seq, eventId: last.eventId } }]);
      const answer = await resume({ position: last.position - 1 });
      expect(answer.conversations.map((one) => [one.stream, one.atPosition?.seq])).toEqual([[groups[0], last.seq - 1]]);
    });

    it('[RES2] gives the most recent ones, moved or not, and those that the client names', async () => {
      const { world, ann, groups, resume } = await scene(stage.world(), 6);
      const { position } = await world.storage.info();
      await world.say(groups[2]!, ann, 'x');
      const answer = await resume({ position, recent: 2, placed: [groups[0]!, groups[2]!, world.ids.id('conversation')] });
      expect(answer.conversations.map((one) => one.stream)).toEqual([groups[2], groups[5], groups[0]]);
      // Their place is the client's own affair.
      expect(answer.conversations.map((one) => one.atPosition?.seq)).toEqual([undefined, 3, 3]);
    });

    it('[RES2] takes everything as moved on a first connect', async () => {
      const { groups, resume } = await scene(stage.world(), 4);
      const answer = await resume({ position: null });
      expect(answer.conversations.map((one) => one.stream)).toEqual([...groups].reverse());
      for (const one of [...answer.conversations, answer.userStream]) expect(one.atPosition).toBeNull();
    });

    it('[RES2] says when there is more than the limit', async () => {
      const { world, ann, groups, resume } = await scene(stage.world(), 5);
      const { position } = await world.storage.info();
      for (const group of groups) await world.say(group, ann, 'x');
      const page = await resume({ position, limit: 3 });
      expect(page.conversations.map((one) => one.stream)).toEqual([groups[4], groups[3], groups[2]]);
      expect(page.more).toBe(true);
      expect((await resume({ position, limit: 5 })).more).toBe(false);
      expect((await resume({ position: null, limit: 3 })).more).toBe(true);
    });

    it('[RES3] looks back no further than it is told', async () => {
      const { world, ann, groups, resume } = await scene(stage.world(), 1);
      const { position } = await world.storage.info();
      for (let at = 0; at < 5; at += 1) await world.say(groups[0]!, ann, `m${at}`);
      const place = async (scan: number) => (await resume({ position, scan })).conversations[0]?.atPosition?.seq;
      expect(await place(5)).toBe(3);
      expect(await place(4)).toBeUndefined();
      expect(await place(0)).toBeUndefined();
    });

    it('[RES1] knows the place in a conversation that is newer than the position: before its first fact', async () => {
      const { world, ann, ben, resume } = await scene(stage.world(), 1);
      const { position } = await world.storage.info();
      const fresh = await world.group(ann, [ben]);
      const answer = await resume({ position });
      expect(answer.conversations).toMatchObject([{ stream: fresh, headSeq: 3, joinedSeq: 3, atPosition: { seq: 0, eventId: '' } }]);
      expect(answer.userStream).toMatchObject({ headSeq: 2, atPosition: { seq: 1 } });
      const tight = await resume({ position, scan: 2 });
      expect(tight.conversations[0]?.atPosition).toBeNull();
    });

    it('[VIS5] does not claim to know a place that retention may have taken', async () => {
      const { world, ann, groups, resume } = await scene(stage.world(), 1);
      const { position } = await world.storage.info();
      for (let at = 0; at < 3; at += 1) await world.say(groups[0]!, ann, `m${at}`);
      const facts = await world.facts(groups[0]!, null);
      await world.storage.applyRetention(world.app, facts[4]!.timeMs, 100);
      expect((await resume({ position })).conversations[0]).toMatchObject({ stream: groups[0], headSeq: 6, atPosition: null });
    });

    it('[ISO3] no longer tells of a conversation that the user has left', async () => {
      const { world, ann, ben, groups, resume } = await scene(stage.world(), 2);
      const { position } = await world.storage.info();
      await world.leave(groups[0]!, ben);
      await world.say(groups[0]!, ann, 'x');
      const answer = await resume({ position, recent: 5, placed: groups });
      expect(answer.conversations.map((one) => one.stream)).toEqual([groups[1]]);
      expect(answer.userStream).toMatchObject({ headSeq: 3, atPosition: { seq: 2 } });
    });

    it('[RES2] tells where the visible part begins', async () => {
      const { world, ann, ben, groups, resume } = await scene(stage.world(), 1);
      await world.leave(groups[0]!, ben);
      const joined = await world.join(groups[0]!, ann, ben);
      expect((await resume()).conversations).toMatchObject([{ joinedSeq: joined }]);
    });
  });

  describe('head', () => {
    const stage = useStage(open);

    it('[RES2] tells a stream\'s head and the store\'s position of one snapshot', async () => {
      const { world, ann, groups, head } = await scene(stage.world(), 1);
      await world.say(groups[0]!, ann, 'x');
      const last = await head(groups[0]!);
      await world.read(groups[0]!, ann, last.seq);
      expect(await world.storage.head(world.app, groups[0]!)).toEqual({
        app: world.app, stream: groups[0], headSeq: last.seq, headPosition: last.position, headEventId: last.eventId, floorSeq: 0, floorOrdinal: 0, ordinal: 1,
        marksVersion: 1, atPosition: (await world.storage.info()).position,
      });
      expect(await world.storage.head(world.app, world.ids.id('conversation'))).toBeNull();
      const eve = await world.user();
      // Her own stream can be followed before anything has happened to her.
      expect(await world.storage.head(world.app, eve)).toMatchObject({ stream: eve, headSeq: 0, headEventId: '', atPosition: (await world.storage.info()).position });
    });
  });
}
