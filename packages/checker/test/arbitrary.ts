import fc from 'fast-check';
import type { HistoryFile } from '../src/index.js';
import { runWorld, WAYS, type Op, type Setup } from './world.js';

const index = fc.nat(11);
const policy = fc.constantFrom('from_join' as const, 'all' as const);

const setup: fc.Arbitrary<Setup> = fc.record({
  apps: fc.integer({ min: 1, max: 3 }), users: fc.integer({ min: 1, max: 3 }), devices: fc.integer({ min: 1, max: 2 }),
  conversations: fc.integer({ min: 1, max: 2 }), history: policy,
});

const op: fc.Arbitrary<Op> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ op: fc.constant('send' as const), client: index, conversation: index, way: fc.constantFrom('plain' as const, 'plain' as const, 'plain' as const, 'reply' as const, 'reply' as const, ...WAYS) }) },
  { weight: 12, arbitrary: fc.record({ op: fc.constantFrom('commit' as const, 'commit' as const, 'answer' as const, 'lose' as const, 'refuse' as const), client: index }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('restart' as const), client: index, again: fc.boolean() }) },
  { weight: 8, arbitrary: fc.record({ op: fc.constant('drain' as const), client: index, facts: fc.integer({ min: 1, max: 5 }) }) },
  { weight: 8, arbitrary: fc.record({ op: fc.constantFrom('subscribe' as const, 'read' as const, 'unread' as const, 'unread' as const, 'unread' as const), client: index, conversation: index }) },
  { weight: 6, arbitrary: fc.record({ op: fc.constantFrom('join' as const, 'join' as const, 'leave' as const), conversation: index, user: index }) },
  { weight: 3, arbitrary: fc.record({ op: fc.constantFrom('delete' as const, 'edit' as const, 'expire' as const), conversation: index, message: index }) },
  { weight: 6, arbitrary: fc.record({ op: fc.constantFrom('hide' as const, 'follow' as const, 'follow' as const, 'unfollow' as const, 'read thread' as const, 'unread replies' as const, 'unread replies' as const, 'mark unread' as const), client: index, conversation: index, message: index }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('release' as const), conversation: index, approve: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('policy' as const), conversation: index, history: policy }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('retain' as const), conversation: index, keep: fc.nat(6) }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('fault' as const), in_flight: fc.integer({ min: 1, max: 9 }) }) },
);

/** A correct run, as the files that it leaves. */
export const history: fc.Arbitrary<HistoryFile[]> = fc
  .tuple(setup, fc.array(op, { maxLength: 200, size: 'max' }))
  .map(([given, ops]) => runWorld(given, [...opening(given), ...ops]));

const onePlace = { client: index, conversation: fc.constant(0) };
const quietOp: fc.Arbitrary<Op> = fc.oneof(
  { weight: 10, arbitrary: fc.record({ op: fc.constant('send' as const), ...onePlace, way: fc.constantFrom('reply' as const, 'reply' as const, ...WAYS) }) },
  { weight: 20, arbitrary: fc.record({ op: fc.constantFrom('commit' as const, 'answer' as const), client: index }) },
  { weight: 6, arbitrary: fc.record({ op: fc.constantFrom('read' as const, 'unread' as const, 'unread' as const, 'unread' as const), ...onePlace }) },
  { weight: 3, arbitrary: fc.record({ op: fc.constantFrom('delete' as const, 'expire' as const), conversation: fc.constant(0), message: index }) },
  { weight: 16, arbitrary: fc.record({ op: fc.constantFrom('hide' as const, 'follow' as const, 'follow' as const, 'read thread' as const, 'unread replies' as const, 'unread replies' as const, 'unread replies' as const), ...onePlace, message: index }) },
  { weight: 4, arbitrary: fc.record({ op: fc.constant('release' as const), conversation: fc.constant(0), approve: fc.constantFrom(true, true, false) }) },
);

/** A correct run of one conversation that nobody leaves, and in which everything is sent that a conversation knows. */
export const settled: fc.Arbitrary<HistoryFile[]> = fc
  .tuple(fc.integer({ min: 2, max: 3 }), fc.array(quietOp, { minLength: 80, maxLength: 160, size: 'max' }))
  .map(([users, ops]) => {
    const given: Setup = { apps: 1, users, devices: 2, conversations: 1, history: 'from_join' };
    return runWorld(given, [...opening(given), ...ops]);
  });

/** Everybody joins the first conversation of each app, most of the time: an empty room shows little. */
function opening(setup: Setup): Op[] {
  const users = Array.from({ length: setup.devices === 1 ? 1 : setup.users }, (_, user) => user);
  return Array.from({ length: setup.apps * setup.conversations }, (_, conversation) => users.map((user): Op => ({ op: 'join', conversation, user }))).flat();
}

/** The same runs at every call. */
export function sampleHistories(runs: number, of = history): HistoryFile[][] {
  return fc.sample(of, { numRuns: runs, seed: 20 });
}
