/** What the log says of a node that is not well, on a clock that the test moves. */
import { expect, it } from 'vitest';
import { createCounts } from '../../src/domain/counts.js';
import { createObserver } from '../../src/workers/observer.js';
import type { ConsumerState, Storage } from '../../src/storage/port.js';
import { manualClock } from '../support/manual-clock.js';
import { recordingLog } from '../support/recording-log.js';

function observed() {
  const clock = manualClock();
  const log = recordingLog();
  const counts = createCounts();
  const state = { ready: true, late: 0, free: 50e9, behindSinceMs: null as number | null, searchLagMs: 0, fails: false };
  const consumer = (): ConsumerState => ({ name: 'usage', position: 1, owner: 'n', untilMs: 0, lag: 0, behindSinceMs: state.behindSinceMs, deadLetters: 0 });
  const storage = {
    ready: () => state.ready, commits: () => ({ count: 0, ms: 0 }), bytes: () => Promise.resolve(4_096), info: () => Promise.resolve({ position: 9 }), due: () => Promise.resolve({ items: [], nextMs: null }),
    consumers: () => (state.fails ? Promise.reject(new Error('gone')) : Promise.resolve([consumer()])),
  } as unknown as Storage;
  const observer = createObserver({
    storage, clock, log, counts, ready: () => state.ready, connections: () => 0, memoryBytes: () => 1, loopLag: { takeMs: () => state.late, stop: () => undefined }, searchLagMs: () => state.searchLagMs,
    disk: () => Promise.resolve({ freeBytes: state.free, totalBytes: 100e9 }),
  });
  observer.run();
  return {
    clock, log, counts, state, observer,
    /** One look of each kind, and what it reads. */
    async look() {
      for (let seconds = 0; seconds < 60; seconds += 1) {
        clock.advance(1_000);
        for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
      }
    },
    said: () => log.lines.map(({ level, event }) => `${level} ${event}`),
  };
}

it('says when a node cannot serve, and when it can again, once each', async () => {
  const { state, look, said, observer } = observed();
  await look();
  state.ready = false;
  await look();
  await look();
  state.ready = true;
  await look();
  expect(said()).toEqual(['warn node.not_ready', 'info node.ready']);
  await observer.stop();
});

it('says that consumers are behind, and that they have caught up', async () => {
  const { clock, state, look, said, observer } = observed();
  await look();
  state.behindSinceMs = clock.now() - 200_000;
  state.searchLagMs = 300_000;
  await look();
  await look();
  state.behindSinceMs = null;
  state.searchLagMs = 0;
  await look();
  expect(said()).toEqual(['warn consumer.behind', 'warn consumer.behind', 'info consumer.caught_up', 'info consumer.caught_up']);
  await observer.stop();
});

it('says that the disk is nearly full, that the event loop stands still, and that connections take nothing', async () => {
  const { clock, state, counts, look, said, observer } = observed();
  await look();
  state.free = 1e9;
  counts.slow += 3;
  await look();
  state.late = 800;
  clock.advance(1_000);
  state.late = 0;
  state.free = 60e9;
  await look();
  expect(said().toSorted()).toEqual(['info disk.has_room', 'warn connection.slow', 'warn disk.nearly_full', 'warn loop.stalled']);
  await observer.stop();
});

it('says that the event loop stood still when that kept the look itself waiting', async () => {
  const { clock, look, said, observer } = observed();
  await look();
  clock.advance(4_000);
  expect(said()).toEqual(['warn loop.stalled']);
  expect(observer.stats.part(60).points.length).toBeGreaterThan(0);
  await observer.stop();
});

it('goes on when what it reads cannot be read', async () => {
  const { state, look, said, observer } = observed();
  state.fails = true;
  await look();
  state.fails = false;
  await look();
  expect(new Set(said())).toEqual(new Set(['warn observer.failed']));
  expect(observer.stats.part(5).points.at(-1)!.sums.at(-1)).toBe(4_096);
  await observer.stop();
});
