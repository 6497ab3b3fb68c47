import { expect, it } from 'vitest';
import { ReplicaLag } from '../../src/storage/replica-lag.js';
import { manualClock } from '../support/manual-clock.js';

it('is the age of the newest beat that has arrived, by the clock of the node that sent it', () => {
  const clock = manualClock();
  const lag = new ReplicaLag(() => clock.monotonic());
  expect(lag.lagMs).toBe(Number.POSITIVE_INFINITY);
  lag.send(1);
  clock.advance(500);
  lag.send(2);
  clock.advance(500);
  expect(lag.lagMs).toBe(Number.POSITIVE_INFINITY);
  lag.seen(1);
  expect(lag.lagMs).toBe(1_000);
  lag.seen(1);
  clock.advance(100);
  expect(lag.lagMs).toBe(1_100);
  lag.seen(2);
  expect(lag.lagMs).toBe(600);
  // What it has not been sent, it has not seen; and it never goes back.
  lag.seen(9);
  lag.seen(1);
  expect(lag.lagMs).toBe(600);
});

it('[FLW3] keeps the beats of ten minutes, and goes on behind them', () => {
  const clock = manualClock();
  const lag = new ReplicaLag(() => clock.monotonic());
  for (let beat = 1; beat <= 5_000; beat += 1) {
    lag.send(beat);
    clock.advance(500);
  }
  lag.seen(10);
  expect(lag.lagMs).toBe(Number.POSITIVE_INFINITY);
  lag.seen(4_999);
  expect(lag.lagMs).toBe(1_000);
});
