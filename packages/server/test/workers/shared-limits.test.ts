/** Limits of several nodes together, on a clock that the test moves and a bus that it spoils. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Bus, BusMessage } from '../../src/bus/port.js';
import { createLocalBus } from '../../src/bus/local/local-bus.js';
import { createCommandLimits } from '../../src/domain/limits/command-limits.js';
import { TokenBuckets, type Rate } from '../../src/domain/limits/token-bucket.js';
import { INTERVAL_MS, NAMES_MAX, shareLimits, type SharedBuckets } from '../../src/workers/shared-limits.js';
import { manualClock, type ManualClock } from '../support/manual-clock.js';

const STEP_MS = 10;
const OFF: Rate = { per_s: 0, burst: 1 };

type Trouble = (message: BusMessage) => readonly number[];

/** A bus of several nodes. @param trouble after how many ms a message arrives at another node: none when it is lost, twice when it comes twice */
function busOf(nodes: number, clock: ManualClock, trouble: Trouble) {
  const handlers = Array.from({ length: nodes }, () => new Set<(message: BusMessage) => void>());
  const told: BusMessage[] = [];
  const buses = handlers.map((mine, at): Bus => ({
    lossless: false, alive: () => true, follow: () => () => undefined, inbox: () => () => undefined, stop: () => Promise.resolve(),
    publish(message) {
      told.push(message);
      for (const handler of mine) handler(message);
      for (const [other, theirs] of handlers.entries()) {
        if (other !== at) for (const ms of trouble(message)) clock.after(ms, () => theirs.forEach((handler) => handler(message)));
      }
    },
    listen(handler) {
      mine.add(handler);
      return () => void mine.delete(handler);
    },
  }));
  return { buses, told };
}

function nodesOf(count: number, rate: Rate, trouble: Trouble) {
  const clock = manualClock();
  const { buses, told } = busOf(count, clock, trouble);
  const users = buses.map((bus, at) => {
    const shared: SharedBuckets = { user: new TokenBuckets(rate, clock), conversation: new TokenBuckets(OFF, clock), app: new TokenBuckets(OFF, clock), address: new TokenBuckets(OFF, clock) };
    shareLimits(bus, clock, `n${at}`, shared, () => count - 1);
    return shared.user;
  });
  return { clock, users, told };
}

interface Plan {
  readonly nodes: number;
  readonly rate: Rate;
  readonly late_ms: number;
  /** For each step: how many ask at which node. */
  readonly asks: readonly (readonly [node: number, count: number])[];
}

const plans = fc.record({
  nodes: fc.integer({ min: 2, max: 4 }),
  rate: fc.record({ per_s: fc.integer({ min: 1, max: 200 }), burst: fc.integer({ min: 1, max: 100 }) }),
  late_ms: fc.integer({ min: 0, max: 700 }),
  asks: fc.array(fc.tuple(fc.nat(3), fc.oneof(fc.constant(0), fc.nat(3), fc.nat(200))), { minLength: 50, maxLength: 400 }),
});

/** @returns when each was let in, in ms, by node */
function walk({ nodes, rate, asks }: Pick<Plan, 'nodes' | 'rate' | 'asks'>, trouble: Trouble) {
  const stage = nodesOf(nodes, rate, trouble);
  const startMs = stage.clock.monotonic();
  const admitted: { readonly atMs: number; readonly node: number }[] = [];
  for (const [node, count] of asks) {
    for (let ask = 0; ask < count; ask += 1) {
      if (stage.users[node % nodes]!.take('a|u') === 0) admitted.push({ atMs: stage.clock.monotonic() - startMs, node: node % nodes });
    }
    stage.clock.advance(STEP_MS);
  }
  return { ...stage, admitted };
}

/** The most that any stretch of time has above what the rate allows in it. */
function excess(admitted: readonly { readonly atMs: number }[], per_s: number): number {
  let most = 0;
  for (const [first, { atMs }] of admitted.entries()) {
    for (let last = first; last < admitted.length; last += 1) most = Math.max(most, last - first + 1 - ((admitted[last]!.atMs - atMs) / 1_000) * per_s);
  }
  return most;
}

describe('[FLW2] nodes that hear each other', () => {
  it('let in what one would, and an error that is the same however long it goes on', () => {
    fc.assert(fc.property(plans, (plan) => {
      const { nodes, rate, late_ms } = plan;
      const { admitted } = walk(plan, () => [late_ms]);
      // Timers and messages are due at a step.
      const unheard_s = (INTERVAL_MS + late_ms + 2 * STEP_MS) / 1_000;
      const bound = rate.burst + (nodes - 1) * (rate.burst + rate.per_s * unheard_s);
      expect(excess(admitted, rate.per_s)).toBeLessThanOrEqual(bound + 1e-6);
    }), { numRuns: 300 });
  });

  it('let in no less than the rate, when it is asked for everywhere', () => {
    fc.assert(fc.property(fc.integer({ min: 2, max: 4 }), fc.integer({ min: 20, max: 200 }), fc.integer({ min: 0, max: 300 }), (nodes, per_s, late_ms) => {
      const rate = { per_s, burst: per_s };
      const seconds = 40;
      const asks = Array.from({ length: (seconds * 1_000) / STEP_MS }, (_, at) => [at % nodes, 50] as const);
      const { admitted } = walk({ nodes, rate, asks }, () => [late_ms]);
      const bound = rate.burst + (nodes - 1) * (rate.burst + per_s * ((INTERVAL_MS + late_ms + 2 * STEP_MS) / 1_000));
      expect(admitted.length).toBeLessThanOrEqual(seconds * per_s + bound);
      expect(admitted.length).toBeGreaterThanOrEqual(seconds * per_s);
    }), { numRuns: 20 });
  });

  it('take nothing twice that comes twice, and nothing back that comes late', () => {
    const { clock, users } = nodesOf(2, { per_s: 1, burst: 100 }, () => [0, 100, 900]);
    for (let ask = 0; ask < 40; ask += 1) users[0]!.take('a|u');
    clock.advance(INTERVAL_MS);
    clock.advance(1);
    expect(users[1]!.remaining('a|u')).toBe(60);
    for (let step = 0; step < 100; step += 1) clock.advance(STEP_MS);
    expect(users[1]!.remaining('a|u')).toBe(61);
  });
});

describe('[CLU2] nodes whose messages are lost, late, repeated and out of order', () => {
  it('let each in again that has been quiet for a while, and never more than each node alone would', () => {
    fc.assert(fc.property(plans, fc.infiniteStream(fc.oneof(fc.constant([]), fc.tuple(fc.nat(3_000)), fc.tuple(fc.nat(3_000), fc.nat(3_000)))), (plan, fates) => {
      const { nodes, rate } = plan;
      const { admitted, clock, users } = walk(plan, () => fates.next().value as readonly number[]);
      for (let node = 0; node < nodes; node += 1) expect(excess(admitted.filter((one) => one.node === node), rate.per_s)).toBeLessThanOrEqual(rate.burst + 1e-6);
      // What is on its way arrives; the deepest debt is paid.
      for (let step = 0; step < 400; step += 1) clock.advance(STEP_MS);
      clock.advance(1_000 * ((nodes - 1) * (rate.burst / rate.per_s + 1) + 1 / rate.per_s) + 1);
      for (const bucket of users) expect(bucket.take('a|u')).toBe(0);
    }), { numRuns: 200 });
  });

  it('let in as much as each alone when nothing arrives', () => {
    const asks = Array.from({ length: 100 }, (_, at) => [at, 10] as const);
    const { admitted } = walk({ nodes: 2, rate: { per_s: 100, burst: 100 }, asks }, () => []);
    expect(admitted.length).toBeGreaterThanOrEqual(390);
  });
});

it('[ISO1] one app feels nothing of the limits of another on another node', () => {
  const clock = manualClock();
  const { buses } = busOf(2, clock, () => [0]);
  const rate = { per_s: 1, burst: 10 };
  const limits = buses.map((bus, at) => {
    const made = createCommandLimits({ user: rate, conversation: rate, app: rate }, clock);
    shareLimits(bus, clock, `n${at}`, { ...made.buckets, address: new TokenBuckets(OFF, clock) }, () => 1);
    return made;
  });
  for (let ask = 0; ask < 10; ask += 1) limits[0]!.take('a_1', 'u', 'c');
  clock.advance(INTERVAL_MS);
  clock.advance(1);
  expect(() => limits[1]!.take('a_1', 'u', 'c')).toThrow('Too many requests of this user.');
  expect(() => limits[1]!.take('a_1', 'v', 'd')).toThrow('Too many requests of this app.');
  expect(limits[1]!.allowance('a_2', 'u')).toMatchObject({ remaining: 10 });
  for (let ask = 0; ask < 10; ask += 1) limits[1]!.take('a_2', 'u', 'c');
});

it('tells nothing where nothing was taken, nor on the only node, and a bounded number of names at once', () => {
  const { clock, users, told } = nodesOf(2, { per_s: 10, burst: 10 }, () => [0]);
  clock.advance(INTERVAL_MS);
  expect(told).toEqual([]);
  users[0]!.take('a|u');
  users[0]!.give('a|u');
  clock.advance(INTERVAL_MS);
  expect(told).toEqual([]);
  for (let name = 0; name < NAMES_MAX + 5; name += 1) users[0]!.take(`a|u${name}`);
  clock.advance(INTERVAL_MS);
  clock.advance(INTERVAL_MS);
  expect(told.map((message) => message.kind === 'taken' && message.taken.map(({ scope, names }) => [scope, names.length]))).toEqual([[['user', NAMES_MAX]], [['user', 5]]]);
  const local = createLocalBus();
  const published: BusMessage[] = [];
  local.listen((message) => void published.push(message));
  const alone: SharedBuckets = { user: new TokenBuckets({ per_s: 1, burst: 1 }, clock), conversation: new TokenBuckets(OFF, clock), app: new TokenBuckets(OFF, clock), address: new TokenBuckets(OFF, clock) };
  shareLimits(local, clock, 'n', alone, () => 0);
  alone.user.take('a|u');
  clock.advance(INTERVAL_MS);
  expect([published, alone.user.collect(10)]).toEqual([[], []]);
});
