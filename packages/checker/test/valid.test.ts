import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { historyOf, judgeHistory } from '../src/index.js';
import { history, sampleHistories, settled } from './arbitrary.js';

describe('a correct run', () => {
  test('[H1] [H2] [H3] [H4] [H5] [H6] [H7] [H8] [H9] [H10] [H11] no rule accuses it', () => {
    fc.assert(
      fc.property(history, (files) => {
        const verdict = judgeHistory(historyOf(files));
        expect(verdict.violations.map(({ rule, text }) => `${rule} ${text}`)).toEqual([]);
        expect(verdict).toMatchObject({ verdict: 'ok', lost: 0, repeated: 0, reordered: 0 });
      }),
      { numRuns: 300 },
    );
  });

  test('[H1] [H2] [H10] no rule accuses one of threads, of messages that wait and of those that disappear', () => {
    fc.assert(
      fc.property(settled, (files) => {
        expect(judgeHistory(historyOf(files)).violations.map(({ rule, text }) => `${rule} ${text}`)).toEqual([]);
      }),
      { numRuns: 60 },
    );
    const lines = sampleHistories(30, settled).flat().flatMap((file) => file.entries);
    const count = (test: (entry: (typeof lines)[number]) => boolean): number => lines.filter(test).length;
    expect(count((entry) => entry.k === 'unread' && entry.thread !== undefined && entry.count > 0)).toBeGreaterThan(10);
    for (const type of ['message.held', 'message.released', 'message.rejected', 'message.scheduled', 'message.unscheduled', 'message.expired', 'message.hidden', 'thread.followed', 'thread.read']) {
      expect(count((entry) => entry.k === 'log' && entry.type === type), type).toBeGreaterThan(5);
    }
  });

  test('[H3] [H10] [H11] the runs hold what the rules are about', () => {
    const lines = sampleHistories(30).flat().flatMap((file) => file.entries);
    const count = (test: (entry: (typeof lines)[number]) => boolean): number => lines.filter(test).length;
    expect(count((entry) => entry.k === 'range' && entry.cause === 'membership')).toBeGreaterThan(10);
    expect(count((entry) => entry.k === 'range' && entry.cause === 'retention')).toBeGreaterThan(3);
    expect(count((entry) => entry.k === 'unread' && entry.count > 0)).toBeGreaterThan(10);
    expect(count((entry) => entry.k === 'fact' && entry.redacted === true)).toBeGreaterThan(10);
    expect(count((entry) => entry.k === 'ack' && entry.duplicate)).toBeGreaterThan(10);
    expect(count((entry) => entry.k === 'unknown')).toBeGreaterThan(10);
    expect(count((entry) => entry.k === 'restart')).toBeGreaterThan(10);
    expect(count((entry) => entry.k === 'mark')).toBeGreaterThan(10);
    expect(count((entry) => entry.k === 'fail')).toBeGreaterThan(10);
  });
});
