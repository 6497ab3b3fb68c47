import { describe, expect, it } from 'vitest';
import { createCounts } from '../../src/domain/counts.js';
import { mergeStats } from '../../src/domain/insight/merge-stats.js';
import { Latencies, percentile } from '../../src/runtime/latencies.js';
import { createStats, type Stats } from '../../src/workers/stats.js';
import { manualClock, type ManualClock } from '../support/manual-clock.js';

interface Node {
  readonly clock: ManualClock;
  readonly stats: Stats;
  readonly counts: ReturnType<typeof createCounts>;
  readonly now: { connections: number; loopLagMs: number; commits: { count: number; ms: number }; lags: Map<string, number> };
  /** Lets seconds go by. */
  seconds(count: number): void;
}

function node(clock = manualClock()): Node {
  const counts = createCounts();
  const now: Node['now'] = { connections: 0, loopLagMs: 0, commits: { count: 0, ms: 0 }, lags: new Map() };
  const stats = createStats(clock, {
    counts, connections: () => now.connections, commits: () => now.commits, loopLagMs: () => now.loopLagMs, memoryBytes: () => 1_000, storageBytes: () => null, lags: () => now.lags,
  });
  // Steps begin with whole seconds, tens of them.
  clock.advance(10_000 - (clock.now() % 10_000));
  return {
    clock, stats, counts, now,
    seconds(count) {
      for (let at = 0; at < count; at += 1) {
        stats.sample();
        clock.advance(1_000);
      }
    },
  };
}

const merged = (nodes: readonly Node[], minutes = 5) => mergeStats({ parts: nodes.map(({ stats }, at) => ({ node: `n${at}`, part: stats.part(minutes) })), missing: ['gone'] });
const series = (found: ReturnType<typeof merged>, name: string, of: string | null = null) => found.series.find((one) => one.name === name && one.of === of)?.values;

describe('the last minutes in numbers', () => {
  it('count by the second what was done in each', () => {
    const one = node();
    one.now.connections = 3;
    one.seconds(1);
    one.counts.messages += 7;
    one.counts.deliveries += 21;
    one.counts.refusals.rate_limited += 2;
    one.counts.refusals.not_found += 1;
    one.now.commits = { count: 4, ms: 10 };
    one.seconds(1);
    one.now.connections = 5;
    one.now.loopLagMs = 12;
    one.now.lags.set('usage', 40);
    one.seconds(1);
    const found = merged([one]);
    expect(found).toMatchObject({ step_s: 1, nodes: ['n0'], missing_nodes: ['gone'] });
    expect(found.times_ms.map((ms) => ms - found.times_ms[0]!)).toEqual([0, 1_000, 2_000]);
    expect(series(found, 'connections')).toEqual([3, 3, 5]);
    expect(series(found, 'messages_per_s')).toEqual([0, 7, 0]);
    expect(series(found, 'deliveries_per_s')).toEqual([0, 21, 0]);
    expect(series(found, 'refusals_per_s')).toEqual([0, 3, 0]);
    expect(series(found, 'refusals_per_s', 'rate_limited')).toEqual([0, 2, 0]);
    expect(series(found, 'commit_ms')).toEqual([null, 2.5, null]);
    expect(series(found, 'loop_lag_ms')).toEqual([0, 0, 12]);
    expect(series(found, 'storage_bytes')).toEqual([null, null, null]);
    expect(series(found, 'consumer_lag_ms', 'usage')).toEqual([null, null, 40]);
  });

  it('take counts over ten seconds where they go further back, and keep no more than they have room for', () => {
    const one = node();
    for (let at = 0; at < 4_000; at += 1) {
      one.counts.messages += 3;
      one.seconds(1);
    }
    const fine = merged([one]);
    expect([fine.step_s, fine.times_ms.length, series(fine, 'messages_per_s')!.every((value) => value === 3)]).toEqual([1, 300, true]);
    const coarse = merged([one], 60);
    expect([coarse.step_s, coarse.times_ms.length, series(coarse, 'messages_per_s')!.every((value) => value === 3)]).toEqual([10, 360, true]);
    expect(merged([one], 1).times_ms).toHaveLength(60);
  });

  it('add up over nodes what is counted, and take the largest of what is a delay', () => {
    const clock = manualClock();
    const [one, two] = [node(clock), node(clock)];
    one.stats.sample();
    two.stats.sample();
    one.counts.messages += 1;
    two.counts.messages += 2;
    one.counts.sends.add(1);
    for (let at = 0; at < 99; at += 1) two.counts.sends.add(900);
    one.now.loopLagMs = 30;
    two.now.loopLagMs = 4;
    one.stats.sample();
    two.stats.sample();
    clock.advance(1_000);
    const found = merged([one, two]);
    expect([series(found, 'messages_per_s'), series(found, 'loop_lag_ms'), series(found, 'memory_bytes')]).toEqual([[3], [30], [2_000]]);
    expect(series(found, 'send_p50_ms')![0]).toBeGreaterThan(700);
    expect(merged([one]).series.find(({ name }) => name === 'send_p50_ms')!.values[0]).toBeLessThanOrEqual(1);
  });

  it('say of a time when nothing was looked at that nothing is known', () => {
    const one = node();
    one.seconds(1);
    one.clock.advance(5_000);
    one.seconds(1);
    const { times_ms: times } = merged([one]);
    expect(times.map((ms) => ms - times[0]!)).toEqual([0, 6_000]);
  });
});

describe('latencies', () => {
  it('are told to within their bucket', () => {
    const all = new Latencies();
    for (let ms = 1; ms <= 100; ms += 1) all.add(ms);
    for (const [part, expected] of [[0.5, 50], [0.95, 95], [0.99, 99]] as const) expect(Math.abs(percentile(all.counts, part)! - expected)).toBeLessThan(6);
    expect(percentile(new Latencies().counts, 0.5)).toBeNull();
    const long = new Latencies();
    long.add(1e9);
    expect(percentile(long.counts, 0.5)).toBe(10_000);
  });
});
