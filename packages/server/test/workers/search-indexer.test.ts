import { ProtocolError } from '@talaria/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import type { IndexOrder, IndexProgress } from '../../src/storage/search/port.js';
import { createSearchIndexer, defaultIndexerBounds, type SearchIndexer } from '../../src/workers/search-indexer.js';
import { manualClock, type ManualClock } from '../support/manual-clock.js';
import { recordingLog, type RecordingLog } from '../support/recording-log.js';

let clock: ManualClock;
let log: RecordingLog;
let orders: IndexOrder[];
let answers: (Partial<IndexProgress> | Error)[];
let indexer: SearchIndexer;

beforeEach(() => {
  clock = manualClock();
  log = recordingLog();
  orders = [];
  answers = [];
  indexer = createSearchIndexer({
    indexMessages(order) {
      orders.push(order);
      const answer = answers.shift() ?? {};
      if (answer instanceof Error) return Promise.reject(answer);
      return Promise.resolve({ generation: 1, position: 1, behindMs: 0, building: null, indexed: 0, more: false, ...answer });
    },
  }, clock, log);
});

describe('the search indexer', () => {
  it('goes on at once for as long as there is more, and counts', async () => {
    answers = [{ indexed: 5, more: true, behindMs: 9_000 }, { indexed: 3, more: true, behindMs: 4_000 }, { indexed: 1 }];
    await indexer.turn();
    expect(orders).toHaveLength(3);
    expect(orders[0]).toMatchObject({ limit: defaultIndexerBounds.batch_max, nowMs: clock.now() });
    expect(indexer.seen()).toEqual({ indexed: 9, lagMs: 0 });
  });

  it('lets its lag grow while it hears nothing', async () => {
    answers = [{ behindMs: 2_000 }];
    await indexer.turn();
    expect(indexer.seen().lagMs).toBe(2_000);
    clock.advance(500);
    expect(indexer.seen().lagMs).toBe(2_500);
    // The wall clock has no part in it.
    clock.jump(1_000_000);
    expect(indexer.seen().lagMs).toBe(2_500);
    await indexer.turn();
    expect(indexer.seen().lagMs).toBe(0);
  });

  it('tries again after longer and longer when it fails, and says so', async () => {
    answers = Array.from({ length: 20 }, () => new ProtocolError('unavailable'));
    const tried: number[] = [];
    for (let second = 0; second < 200; second += 1) {
      const before = orders.length;
      await indexer.turn();
      if (orders.length > before) tried.push(second);
      clock.advance(1_000);
    }
    const gaps = tried.slice(1).map((at, index) => at - tried[index]!);
    expect(gaps.slice(0, 5)).toEqual([2, 4, 8, 16, 32]);
    expect(Math.max(...gaps)).toBe(60);
    expect(log.lines.filter(({ event }) => event === 'search.failed')).toHaveLength(tried.length);
    answers = [{ indexed: 1 }];
    clock.advance(60_000);
    await indexer.turn();
    expect(indexer.seen().indexed).toBe(1);
  });

  it('looks for entries of messages that are gone now and then', async () => {
    await indexer.turn();
    clock.advance(defaultIndexerBounds.sweep_ms);
    await indexer.turn();
    await indexer.turn();
    expect(orders.map(({ sweep }) => sweep)).toEqual([0, defaultIndexerBounds.sweep_max, 0]);
  });

  it('stops behind the step that it is in', async () => {
    answers = Array.from({ length: 50 }, () => ({ more: true }));
    const turn = indexer.turn();
    await indexer.stop();
    await turn;
    expect(orders.length).toBeLessThan(50);
  });
});
