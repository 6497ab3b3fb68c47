import { describe, expect, test } from 'vitest';
import { historyOf, judgeHistory } from '../src/index.js';
import { sampleHistories, settled } from './arbitrary.js';
import { MUTATIONS } from './mutants.js';

const RUNS = 24;
const MUTANTS_A_RUN_MAX = 5;
const MUTANTS_MIN = 10;

describe('a spoiled run', () => {
  const histories = [...sampleHistories(RUNS), ...sampleHistories(RUNS, settled)];

  test.each(MUTATIONS.map((mutation) => [mutation.rule, mutation.name, mutation] as const))('[%s] is caught: %s', (rule, _name, mutation) => {
    let judged = 0;
    for (const files of histories) {
      for (const mutant of take(mutation.mutants(files), MUTANTS_A_RUN_MAX)) {
        const verdict = judgeHistory(historyOf(mutant));
        expect(verdict.verdict).toBe('failed');
        expect(verdict.violations.map((violation) => violation.rule)).toContain(rule);
        judged += 1;
      }
    }
    expect(judged).toBeGreaterThanOrEqual(MUTANTS_MIN);
  });
});

function* take<T>(items: Iterable<T>, count: number): Generator<T> {
  let left = count;
  for (const item of items) {
    if (left-- <= 0) return;
    yield item;
  }
}
