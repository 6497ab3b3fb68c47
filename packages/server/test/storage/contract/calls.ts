import { limits, type CallState } from '@talaria/protocol';
import { describe, expect, it } from 'vitest';
import { parseCall } from '../../../src/domain/calls/live-call.js';
import type { OpenHarness } from '../harness.js';
import { refusedWith, type World } from '../world.js';
import { useStage } from './stage.js';

const RING_MS = 30_000;

/** A group of some users, the first of whom owns it, and what they do about calls. */
async function scene(world: World, size = 3) {
  const users = await world.users(size);
  const group = await world.group(users[0]!, users.slice(1));
  const startCommand = (user: string) => world.command('call.start', { user, conversation: group, callKind: 'audio', device: 'desk', data: '{}', ringMs: RING_MS, notAfterMs: null });
  const about = (user: string | null, callSeq: number) => ({ user, conversation: group, callSeq });
  return {
    group, users: users as [string, string, string, ...string[]], startCommand, about,
    start: async (user = users[0]!): Promise<number> => (await world.done(startCommand(user))).seq,
    answer: (user: string, callSeq: number, device = 'phone') => world.append(world.command('call.answer', { ...about(user, callSeq), device })),
    leave: (user: string, callSeq: number) => world.append(world.command('call.leave', about(user, callSeq))),
    end: (user: string | null, callSeq: number) => world.append(world.command('call.end', { ...about(user, callSeq), failed: false })),
    calls: async (viewer: string | null, limit = 10, before: number | null = null): Promise<CallState[] | undefined> =>
      (await world.storage.calls(world.app, viewer, group, limit, before))?.items.map(parseCall),
    types: async () => (await world.facts(group, null)).map(({ type }) => type).filter((type) => type.startsWith('call.')),
  };
}

/** Calls: what is decided in the transaction, what is due, and who is shown what. */
export function callsContract(open: OpenHarness): void {
  describe('calls', () => {
    const stage = useStage(open);

    it('[SND1] exactly one device of a user wins, and one call is on, however many come at once', async () => {
      const world = stage.world();
      const { group, users: [ann, ben], startCommand, answer, types, calls } = await scene(world);
      const started = await Promise.all([ann, ben, ann, ben].map((user) => world.append(startCommand(user))));
      expect(started.map(refusedWith).filter((code) => code !== undefined)).toEqual(['call_in_progress', 'call_in_progress', 'call_in_progress']);
      const [live] = (await calls(null))!;
      const callee = live!.started_by === ann ? ben : ann;
      const devices = Array.from({ length: 12 }, (_, at) => `device ${at}`);
      const answers = await Promise.all(devices.map((device) => answer(callee, live!.seq, device)));
      const winners = devices.filter((_, at) => answers[at]!.ok);
      expect(winners).toHaveLength(1);
      expect(answers.filter((one) => !one.ok).map(refusedWith)).toEqual(Array.from({ length: 11 }, () => 'already_answered'));
      expect((await calls(callee))![0]!.participants.find((one) => one.user_id === callee)!.device_id).toBe(winners[0]);
      expect(await types()).toEqual(['call.started', 'call.answered']);
      // The same device may say so again, and nothing happens twice.
      const again = await answer(callee, live!.seq, winners[0]);
      expect(again).toMatchObject({ ok: true, facts: [], place: { stream: group } });
      expect(await types()).toHaveLength(2);
    });

    it('is due when it has rung out, then when it has lasted too long, and not when it is over', async () => {
      const world = stage.world();
      const { group, start, answer, end, users: [ann, ben] } = await scene(world);
      const due = async () => (await world.storage.due(Number.MAX_SAFE_INTEGER, 1_000)).items.filter((row) => row.app === world.app).map(({ stream, type, dueMs, seq, value }) => ({ stream, type, dueMs, seq, call: JSON.parse(value) as CallState }));
      const callSeq = await start();
      const [ringing] = await due();
      expect(ringing).toMatchObject({ stream: group, type: 'call', seq: callSeq, call: { state: 'ringing' } });
      expect(ringing!.dueMs! - ringing!.call.started_ms).toBe(RING_MS);
      await answer(ben, callSeq);
      const [ongoing] = await due();
      expect(ongoing!.dueMs! - ongoing!.call.started_ms).toBe(limits.call_hours_max * 3_600_000);
      // What was due before the answer is not any more.
      const late = world.command('call.overdue', { user: null, conversation: group, callSeq, entrySeq: callSeq });
      expect(refusedWith(await world.append(late))).toBe('not_found');
      await end(ann, callSeq);
      expect(await due()).toEqual([]);
    });

    it('ends once when it is overdue: missed while it rings, expired afterwards', async () => {
      const world = stage.world();
      const { group, start, answer, calls, types, users: [ann, ben] } = await scene(world);
      const overdue = (callSeq: number, entrySeq: number) => world.append(world.command('call.overdue', { user: null, conversation: group, callSeq, entrySeq }));
      const missed = await start();
      const twice = await Promise.all([overdue(missed, missed), overdue(missed, missed)]);
      expect(twice.map(refusedWith).filter((code) => code !== undefined)).toEqual(['not_found']);
      const lasting = await start();
      const answered = await answer(ben, lasting);
      await overdue(lasting, answered.ok ? answered.place.seq : 0);
      expect((await calls(ann))!.map(({ reason, ended_by, duration_ms }) => ({ reason, ended_by, lasted: duration_ms !== null }))).toEqual([
        { reason: 'expired', ended_by: null, lasted: true }, { reason: 'missed', ended_by: null, lasted: false },
      ]);
      expect(await types()).toEqual(['call.started', 'call.ended', 'call.started', 'call.answered', 'call.ended']);
    });

    it('[ISO2,ISO3,VIS1] shows what is over to whoever saw all of it, and what is on to who is a member', async () => {
      const world = stage.world();
      const { group, start, answer, leave, end, calls, users: [ann, ben, carol] } = await scene(world);
      const first = await start();
      await end(ann, first);
      const second = await start();
      await answer(ben, second);
      // Carol is away for the end of it; who comes late sees that a call is on.
      await world.leave(group, carol);
      const late = await world.user();
      await world.join(group, ann, late);
      expect((await calls(late))!.map(({ seq, state }) => [seq, state])).toEqual([[second, 'ongoing']]);
      expect((await calls(carol))!.map(({ seq }) => seq)).toEqual([first]);
      await answer(late, second, 'tablet');
      await leave(ben, second);
      await end(ann, second);
      await world.join(group, ann, carol);
      const third = await start(ben);
      expect((await calls(null))!.map(({ seq }) => seq)).toEqual([third, second, first]);
      expect((await calls(ann))!.map(({ seq }) => seq)).toEqual([third, second, first]);
      expect((await calls(carol))!.map(({ seq }) => seq)).toEqual([third, first]);
      expect((await calls(late))!.map(({ seq }) => seq)).toEqual([third]);
      expect(await world.storage.calls(world.app, await world.user(), group, 10, null)).toBeNull();
    });

    it('[ISO3] a member who rejoined without missing a fact sees the call whole', async () => {
      const world = stage.world();
      const { group, start, end, calls, users: [ann, ben] } = await scene(world);
      const callSeq = await start();
      await world.leave(group, ben);
      await world.join(group, ann, ben);
      await end(ann, callSeq);
      expect((await calls(ben))!.map(({ seq }) => seq)).toEqual([callSeq]);
    });

    it('pages the newest first, each call once', async () => {
      const world = stage.world();
      const { group, start, end, calls, users: [ann] } = await scene(world);
      const seqs: number[] = [];
      for (let at = 0; at < 5; at += 1) {
        seqs.unshift(await start());
        if (at < 4) await end(ann, seqs[0]!);
      }
      const paged: number[] = [];
      for (let before: number | null = null; ;) {
        const page: CallState[] = (await calls(ann, 2, before))!;
        paged.push(...page.map(({ seq }) => seq));
        if (page.length < 2) break;
        before = page.at(-1)!.seq;
      }
      expect(paged).toEqual(seqs);
      expect(await world.storage.calls(world.app, ann, group, 5, null)).toMatchObject({ more: false });
      expect(await world.storage.calls(world.app, ann, group, 4, null)).toMatchObject({ more: true });
      expect((await calls(ann, 1, seqs[1]! + 1))!.map(({ seq }) => seq)).toEqual([seqs[1]]);
    });

    it('[VIS5] forgets calls whose beginning retention has removed, and keeps the one that is on', async () => {
      const world = stage.world();
      const { group, start, end, calls, users: [ann] } = await scene(world);
      const first = await start();
      await end(ann, first);
      const live = await start();
      const facts = await world.facts(group, null);
      await world.storage.applyRetention(world.app, facts.at(-1)!.timeMs + 1, 1_000);
      expect((await calls(ann))!.map(({ seq }) => seq)).toEqual([live]);
      await end(ann, live);
      expect(await calls(ann)).toEqual([]);
    });

    it("lists what is on in a user's conversations, as far as it is asked to look", async () => {
      const world = stage.world();
      const [one, other] = [await scene(world), await scene(world)];
      const [ann] = one.users;
      const mine = await world.group(ann, [other.users[0]]);
      const { seq } = await world.done(world.command('call.start', { user: ann, conversation: mine, callKind: 'data', device: 'd', data: '{}', ringMs: RING_MS, notAfterMs: null }));
      await other.start();
      const live = async (user: string, conversations = 10) => (await world.storage.liveCalls(world.app, user, conversations)).map((row) => row.stream);
      expect(await live(ann)).toEqual([mine]);
      await one.start();
      expect(await live(ann)).toEqual([one.group, mine]);
      expect(await live(ann, 1)).toEqual([one.group]);
      expect(await live(other.users[0])).toEqual([other.group, mine]);
      await world.leave(mine, other.users[0]);
      expect(await live(other.users[0])).toEqual([other.group]);
      await world.done(world.command('call.end', { user: null, conversation: mine, callSeq: seq, failed: false }));
      expect(await live(ann)).toEqual([one.group]);
    });
  });
}
