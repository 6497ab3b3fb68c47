import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limits } from '@talaria/protocol';
import type { OpenHarness } from '../harness.js';
import { modelUnread, modelUnreadAbove, type UnreadModel } from '../unread-model.js';
import type { World } from '../world.js';
import { PROPERTY_MS, useStage } from './stage.js';

type Step =
  | { readonly kind: 'send'; readonly who: number; readonly silent: boolean }
  | { readonly kind: 'system' }
  | { readonly kind: 'edit' | 'delete'; readonly which: number }
  | { readonly kind: 'read' | 'unread'; readonly who: number; readonly at: number }
  | { readonly kind: 'toggle'; readonly who: number }
  | { readonly kind: 'retain'; readonly at: number };

const who = fc.integer({ min: 0, max: 2 });
const part = fc.integer({ min: 0, max: 100 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('send' as const), who, silent: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('send' as const), who, silent: fc.constant(false) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('system' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('edit' as const, 'delete' as const, 'delete' as const), which: part }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('read' as const, 'read' as const, 'unread' as const), who, at: part }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('toggle' as const), who }) },
);
const retain: fc.Arbitrary<Step> = fc.record({ kind: fc.constant('retain' as const), at: part });

interface Run {
  readonly world: World;
  readonly group: string;
  readonly owner: string;
  readonly users: readonly string[];
  readonly model: UnreadModel;
  floorSeq: number;
  head: number;
}

/** Does a step to the storage and to the model. */
async function take(run: Run, one: Step): Promise<void> {
  const { world, group, users, model } = run;
  const headBefore = run.head;
  switch (one.kind) {
    case 'send': {
      const user = users[one.who]!;
      if (!model.members.get(user)!.active) return;
      run.head = await world.say(group, user, 'text', one.silent);
      model.messages.push({ seq: run.head, sender: user, countable: !one.silent, deleted: false });
      return;
    }
    case 'system':
      run.head = await world.say(group, null, 'text');
      model.messages.push({ seq: run.head, sender: null, countable: false, deleted: false });
      return;
    case 'edit': case 'delete': {
      const there = model.messages.filter((message) => message.seq > run.floorSeq && !message.deleted);
      const message = there[one.which % Math.max(1, there.length)];
      if (!message) return;
      run.head = one.kind === 'edit' ? await world.edit(group, null, message.seq, 'edited') : await world.remove(group, null, message.seq);
      if (one.kind === 'delete') message.deleted = true;
      return;
    }
    case 'read': {
      const user = users[one.who]!;
      const member = model.members.get(user)!;
      const seq = Math.floor((one.at * headBefore) / 100);
      await world.read(group, user, seq);
      if (!member.active || seq === 0) return;
      member.readSeq = Math.max(member.readSeq, seq);
      if (member.unreadFrom !== null && seq >= member.unreadFrom) member.unreadFrom = null;
      return;
    }
    case 'unread': {
      const user = users[one.who]!;
      const member = model.members.get(user)!;
      const asked = Math.max(1, Math.floor((one.at * headBefore) / 100));
      const fromSeq = Math.max(asked, member.joinedSeq + 1);
      if (!member.active || fromSeq > headBefore) return;
      await world.done(world.command('conversation.mark_unread', { user, conversation: group, fromSeq: asked }));
      member.unreadFrom = fromSeq;
      return;
    }
    case 'toggle': {
      const user = users[one.who]!;
      const member = model.members.get(user)!;
      run.head = member.active ? await world.leave(group, user) : await world.join(group, run.owner, user);
      if (!member.active) Object.assign(member, { joinedSeq: run.head, readSeq: run.head, unreadFrom: null });
      member.active = !member.active;
      return;
    }
    case 'retain': {
      const facts = await world.facts(group, null);
      const fact = facts[Math.floor((one.at * (facts.length - 1)) / 100)];
      const changed = fact && await world.storage.applyRetention(world.app, fact.timeMs, 1_000);
      run.floorSeq = changed?.[0]?.floorSeq ?? run.floorSeq;
    }
  }
}

async function start(world: World): Promise<Run> {
  const owner = await world.user();
  const users = await world.users(3);
  const group = await world.group(owner, users);
  const members = users.map((user, at) => [user, { active: true, joinedSeq: at + 3, readSeq: at + 3, unreadFrom: null }] as const);
  return { world, group, owner, users, floorSeq: 0, head: 5, model: { messages: [], members: new Map(members) } };
}

/** CNT1, CNT2, CNT3: unread counts are arithmetic, and equal to counting. */
export function unreadContract(open: OpenHarness): void {
  describe('unread', () => {
    const stage = useStage(open);

    it('[CNT1,CNT2,CNT3] equals the count of what is there, after every step', async () => {
      await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 40, size: 'max' }), async (steps) => {
        const run = await start(stage.world());
        for (const one of steps) {
          await take(run, one);
          for (const user of run.users) expect(await run.world.unread(run.group, user), `${user} after ${JSON.stringify(one)}`).toBe(modelUnread(run.model, user));
        }
      }), { numRuns: 60, seed: 11 });
    }, PROPERTY_MS);

    it('[CNT2,VIS5] equals the count of what is left, when retention goes on', async () => {
      await fc.assert(fc.asyncProperty(fc.array(fc.oneof({ weight: 8, arbitrary: step }, { weight: 1, arbitrary: retain }), { maxLength: 40, size: 'max' }), async (steps) => {
        const run = await start(stage.world());
        for (const one of steps) {
          await take(run, one);
          for (const user of run.users) expect(await run.world.unread(run.group, user), `${user} after ${JSON.stringify(one)}`).toBe(modelUnreadAbove(run.model, user, run.floorSeq));
        }
      }), { numRuns: 60, seed: 12 });
    }, PROPERTY_MS);

    it('[CNT2] stops at its bound', async () => {
      const run = await start(stage.world());
      const { world, group, owner, users } = run;
      for (let turn = 0; turn < 3; turn += 1) await Promise.all(Array.from({ length: 400 }, () => world.say(group, owner, 'x')));
      expect(await world.unread(group, users[0]!)).toBe(limits.unread_max);
      await world.read(group, users[0]!, run.head + 700);
      expect(await world.unread(group, users[0]!)).toBe(500);
    });
  });
}
