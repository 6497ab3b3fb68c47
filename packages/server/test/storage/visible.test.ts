import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Interval } from '../../src/storage/rows.js';
import { memberView, omittedIn, sees, wholeView, type View } from '../../src/storage/visible.js';

const HEAD = 30;

/** Intervals as joins and leaves make them: ascending, apart, at most the last one open. */
const intervals: fc.Arbitrary<Interval[]> = fc.tuple(fc.uniqueArray(fc.integer({ min: 2, max: HEAD }), { minLength: 1, maxLength: 8 }), fc.boolean()).map(([places]) => {
  const sorted = [...places].sort((a, b) => a - b);
  return sorted.flatMap((fromSeq, at) => (at % 2 === 0 ? [{ fromSeq, toSeq: sorted[at + 1] ?? null }] : []));
});
const floor = fc.integer({ min: 0, max: HEAD });

function viewOf(list: readonly Interval[], history: 'from_join' | 'all', floorSeq: number): View {
  const last = list.at(-1)!;
  return memberView({ active: last.toSeq === null, leftSeq: last.toSeq }, list, history, HEAD, floorSeq)!;
}

describe('view', () => {
  it('[VIS1,ISO2] is the union of the intervals above the floor', () => {
    fc.assert(fc.property(intervals, floor, (list, floorSeq) => {
      const view = viewOf(list, 'from_join', floorSeq);
      for (let seq = 1; seq <= HEAD; seq += 1) {
        expect(sees(view, seq)).toBe(seq > floorSeq && list.some((one) => one.fromSeq <= seq && seq <= (one.toSeq ?? HEAD)));
      }
      expect(view.endSeq).toBe(list.at(-1)!.toSeq ?? HEAD);
    }), { seed: 1 });
  });

  it('[ISO2,ISO3] under all is everything up to the leave', () => {
    fc.assert(fc.property(intervals, floor, (list, floorSeq) => {
      const view = viewOf(list, 'all', floorSeq);
      for (let seq = 1; seq <= HEAD; seq += 1) expect(sees(view, seq)).toBe(seq > floorSeq && seq <= (list.at(-1)!.toSeq ?? HEAD));
    }), { seed: 2 });
  });

  it('[ORD1] every seq of a page is seen or declared as left out, with its cause, and never both', () => {
    fc.assert(fc.property(intervals, floor, fc.constantFrom('from_join' as const, 'all' as const), fc.integer({ min: 1, max: HEAD }), fc.integer({ min: 0, max: HEAD }), (list, floorSeq, history, fromSeq, length) => {
      const view = viewOf(list, history, floorSeq);
      const toSeq = Math.min(fromSeq + length, view.endSeq);
      const omitted = omittedIn(view, fromSeq, toSeq);
      for (let seq = fromSeq; seq <= toSeq; seq += 1) {
        const causes = omitted.filter((one) => one.fromSeq <= seq && seq <= one.toSeq).map((one) => one.cause);
        expect(causes).toEqual(sees(view, seq) ? [] : [seq <= floorSeq ? 'retention' : 'membership']);
      }
      expect(omitted.every((one) => one.fromSeq >= fromSeq && one.toSeq <= toSeq && one.fromSeq <= one.toSeq)).toBe(true);
      expect(omitted.map((one) => one.fromSeq)).toEqual(omitted.map((one) => one.fromSeq).sort((a, b) => a - b));
    }), { seed: 3 });
  });

  it('[ISO2] is none for who was never a member', () => {
    expect(memberView({ active: true, leftSeq: null }, [], 'all', HEAD, 0)).toBeUndefined();
  });

  it('[VIS5] of a backend is everything above the floor', () => {
    expect(omittedIn(wholeView(10, 4), 1, 10)).toEqual([{ fromSeq: 1, toSeq: 4, cause: 'retention' }]);
    expect(omittedIn(wholeView(10, 10), 1, 10)).toEqual([{ fromSeq: 1, toSeq: 10, cause: 'retention' }]);
    expect(omittedIn(wholeView(10, 0), 11, 10)).toEqual([]);
  });
});
