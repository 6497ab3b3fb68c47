import fc from 'fast-check';
import { expect, it } from 'vitest';
import { backoffMs } from '../../src/connection/backoff.js';

const bounds = { base_ms: 500, max_ms: 30_000 };

it('[RES7,SND5] waits anywhere between nothing and an exponential bound, from the first attempt on', () => {
  fc.assert(fc.property(fc.nat(200), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (attempt, fraction) => {
    const bound = Math.min(bounds.max_ms, bounds.base_ms * 1.5 ** attempt);
    const wait = backoffMs(attempt, bounds, fraction);
    expect(wait).toBeGreaterThanOrEqual(0);
    expect(wait).toBeLessThanOrEqual(bound);
  }));
  expect([0, 0.5, 0.999].map((fraction) => backoffMs(0, bounds, fraction))).toEqual([0, 250, 499]);
  expect(backoffMs(100, bounds, 0.5)).toBe(15_000);
});
