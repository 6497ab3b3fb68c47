import { sleep } from '../clock.js';
import type { BurstLink } from '../drivers/talaria-burst.js';
import { createFollower, type Follower } from '../drivers/talaria-follower.js';
import { nextId } from '../ids.js';
import type { LoadResult } from '../meter.js';
import type { Target } from '../subject.js';
import { startOpenLoop, type OpenLoopRate } from './open-loop.js';
import { until } from './until.js';

/** Offers messages at a steady rate, while some follow all of them and some come and go. */
export interface SoakOrder extends OpenLoopRate {
  readonly kind: 'soak';
  readonly target: Target;
  readonly run_ms: number;
  /** Clients by number. */
  readonly followers: readonly number[];
  readonly returning: readonly number[];
}

export interface SoakResult extends LoadResult {
  readonly refused: number;
  /** Of what was acked: what did not come to a follower, of whom it missed most. */
  readonly lost: number;
  /** How often somebody came back. */
  readonly returns: number;
}

const STAY_MS = { least: 2_000, most: 8_000 };
const AWAY_MS = { least: 200, most: 2_000 };
/** For what is on its way to the followers at the end. */
const ARRIVE_MS = 30_000;

const between = ({ least, most }: typeof STAY_MS): number => least + Math.random() * (most - least);

export async function runSoak(links: readonly BurstLink[], order: SoakOrder, begins: () => void): Promise<SoakResult> {
  const firstId = nextId();
  const all = [...order.followers, ...order.returning].map((client) => createFollower(order.target, client, firstId));
  for (const follower of all) await follower.connect();
  const loop = startOpenLoop(links, order);
  begins();
  const startedMs = performance.now();
  const comingAndGoing = Promise.all(all.slice(order.followers.length).map((follower) => comeAndGo(follower, startedMs + order.run_ms)));
  await sleep(order.run_ms);
  const elapsed_ms = performance.now() - startedMs;
  const [p50_ms, p99_ms] = [loop.latencyMs(50), loop.latencyMs(99)];
  await loop.finish();
  const returns = (await comingAndGoing).reduce((sum, each) => sum + each, 0);
  const { acked, refused } = loop.counts();
  let lost = 0;
  for (const follower of all) lost = Math.max(lost, await missedBy(follower, acked, loop.ackedSum()));
  for (const follower of all) follower.drop();
  return { done: acked, elapsed_ms, p50_ms, p99_ms, refused, lost, returns };
}

/** @returns how often it came back; it is connected in the end */
async function comeAndGo(follower: Follower, untilMs: number): Promise<number> {
  let returns = 0;
  while (performance.now() < untilMs) {
    await sleep(between(STAY_MS));
    follower.drop();
    await sleep(between(AWAY_MS));
    await follower.connect();
    returns += 1;
  }
  return returns;
}

/** @returns how many messages that were acked do not come @throws Error when others come instead */
async function missedBy(follower: Follower, acked: number, sum: number): Promise<number> {
  await until(() => follower.seen().count >= acked, ARRIVE_MS);
  const seen = follower.seen();
  if (seen.count > acked) throw new Error(`${acked} messages were acked, and a follower saw ${seen.count}`);
  if (seen.count === acked && seen.sum !== sum) throw new Error('a follower saw other messages than those that were acked');
  return acked - seen.count;
}
