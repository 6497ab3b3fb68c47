import fc from 'fast-check';
import type { HistoryFile } from '../src/index.js';
import { runWorld, type Op, type Setup } from './world.js';

const index = fc.nat(11);
const policy = fc.constantFrom('from_join' as const, 'all' as const);

const setup: fc.Arbitrary<Setup> = fc.record({
  apps: fc.integer({ min: 1, max: 3 }), users: fc.integer({ min: 1, max: 3 }), devices: fc.integer({ min: 1, max: 2 }),
  conversations: fc.integer({ min: 1, max: 2 }), history: policy,
});

const op: fc.Arbitrary<Op> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ op: fc.constant('send' as const), client: index, conversation: index, countable: fc.constantFrom(true, true, true, false) }) },
  { weight: 12, arbitrary: fc.record({ op: fc.constantFrom('commit' as const, 'commit' as const, 'answer' as const, 'lose' as const, 'refuse' as const), client: index }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('restart' as const), client: index, again: fc.boolean() }) },
  { weight: 8, arbitrary: fc.record({ op: fc.constant('drain' as const), client: index, facts: fc.integer({ min: 1, max: 5 }) }) },
  { weight: 8, arbitrary: fc.record({ op: fc.constantFrom('subscribe' as const, 'read' as const, 'unread' as const, 'unread' as const, 'unread' as const), client: index, conversation: index }) },
  { weight: 6, arbitrary: fc.record({ op: fc.constantFrom('join' as const, 'join' as const, 'leave' as const), conversation: index, user: index }) },
  { weight: 3, arbitrary: fc.record({ op: fc.constantFrom('delete' as const, 'edit' as const), conversation: index, message: index }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('policy' as const), conversation: index, history: policy }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('retain' as const), conversation: index, keep: fc.nat(6) }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('fault' as const), in_flight: fc.integer({ min: 1, max: 9 }) }) },
);

/** A correct run, as the files that it leaves. */
export const history: fc.Arbitrary<HistoryFile[]> = fc
  .tuple(setup, fc.array(op, { maxLength: 200, size: 'max' }))
  .map(([given, ops]) => runWorld(given, [...opening(given), ...ops]));

/** Everybody joins the first conversation of each app, most of the time: an empty room shows little. */
function opening(setup: Setup): Op[] {
  const users = Array.from({ length: setup.devices === 1 ? 1 : setup.users }, (_, user) => user);
  return Array.from({ length: setup.apps * setup.conversations }, (_, conversation) => users.map((user): Op => ({ op: 'join', conversation, user }))).flat();
}

/** The same runs at every call. */
export function sampleHistories(runs: number): HistoryFile[][] {
  return fc.sample(history, { numRuns: runs, seed: 20 });
}
