import { expect, it } from 'vitest';
import { noRow, type Row } from '../src/outcome.js';
import { isGood, tableLines } from '../src/table.js';

const row: Row = {
  fault: 'F1', name: 'server killed', verdict: 'ok', why: '', operations: 12_345, faults: 7, in_flight: 90, acked: 12_340, unknown: 55, duplicates: 12, lost: 0, repeated: 0, reordered: 0,
  longest_stall_ms: 2_345, figures: {},
};

it('one line a fault, in 80 columns, and the sum last', () => {
  const lines = tableLines([row, { ...row, fault: 'F14', operations: 7 }]);
  expect(lines).toEqual([
    'fault  operations  faults   acked  unknown  lost  repeated  reordered  stall ms',
    'F1         12,345       7  12,340       55     0         0          0     2,345  ok',
    'F14             7       7  12,340       55     0         0          0     2,345  ok',
    'chaos: 2 ok',
  ]);
  expect(isGood([row])).toBe(true);
});

it('says why one is not ok, and what was not run', () => {
  const rows = [row, { ...row, fault: 'F9', verdict: 'unknown', why: 'a fault hit no work in flight' } as const, noRow('F3', 'power cut', 'not run', 'needs root')];
  const lines = tableLines(rows);
  expect(lines.slice(-3)).toEqual(['F9  a fault hit no work in flight', 'F3  not run: needs root', 'chaos: 1 ok, 1 unknown, 1 not run']);
  expect(lines[3]).toMatch(/^F3 .*–.* not run$/);
});

it.each(['failed', 'unknown', 'not run'] as const)('a run with one that is %s is no good one', (verdict) => {
  expect(isGood([row, { ...row, verdict }])).toBe(false);
  expect(isGood([])).toBe(false);
});
