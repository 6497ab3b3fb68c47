import { expect, it } from 'vitest';
import { together } from '../src/scenarios/scenario.js';

it('takes the median of several rounds, and the worst of what may not happen', () => {
  const rounds = [{ p99_ms: 900, lost: 0 }, { p99_ms: 2, lost: 1 }, { p99_ms: 3, lost: 0 }];
  expect(together(rounds)).toEqual({ p99_ms: 3, lost: 1 });
  expect(together([{ p99_ms: 4 }])).toEqual({ p99_ms: 4 });
});
