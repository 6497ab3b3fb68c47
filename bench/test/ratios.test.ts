import { expect, it } from 'vitest';
import { checks } from '../src/checks.js';
import type { Figure } from '../src/result.js';
import { ratios, withRatios } from '../src/scenarios/scenario.js';

const figure = (subject: Figure['subject'], metric: string, value: number, members = 10): Figure => ({ scenario: 'receipts', subject, params: { members }, metric, unit: 'µs', value });
const measured = [
  figure('talaria', 'cpu_us_per_mark', 30), figure('socketio-marks', 'cpu_us_per_mark', 120), figure('talaria', 'cpu_us_per_mark', 50, 20), figure('socketio-marks', 'cpu_us_per_mark', 100, 20),
  figure('talaria', 'list_p99_ms', 4), figure('socketio-marks', 'list_p99_ms', 2), figure('talaria', 'load_cpu_pct', 7),
];

it('divides by the figure of the peer with the same parameters', () => {
  expect(ratios(measured, 'socketio-marks', ['cpu_us_per_mark'])).toEqual([
    { scenario: 'receipts', subject: 'talaria', params: { members: 10 }, metric: 'cpu_us_per_mark_ratio', unit: '', value: 0.25 },
    { scenario: 'receipts', subject: 'talaria', params: { members: 20 }, metric: 'cpu_us_per_mark_ratio', unit: '', value: 0.5 },
  ]);
});

it('has no ratio to what was not measured', () => {
  expect(ratios(measured, 'socketio-marks', ['load_cpu_pct', 'nothing'])).toEqual([]);
  expect(ratios([figure('talaria', 'lost', 1), figure('socketio-marks', 'lost', 0)], 'socketio-marks', ['lost'])).toEqual([]);
});

it('puts ratios behind the figures of a scenario', async () => {
  const scenario = withRatios({ name: 'receipts', needs: [], run: () => Promise.resolve(measured) }, 'socketio-marks', ['list_p99_ms']);
  const found = await scenario.run({ quick: true, long: false, minutes: 1, progress: () => undefined });
  expect(found.slice(0, -1)).toEqual(measured);
  expect(found.at(-1)).toMatchObject({ metric: 'list_p99_ms_ratio', value: 2 });
});

it('holds a page of the inbox to 10 ms at a million messages', () => {
  const page = (value: number, messages = 1_000_000): Figure => ({ scenario: 'inbox', subject: 'talaria', params: { messages, conversations: 5_000 }, metric: 'page_p99_ms', unit: 'ms', value });
  expect(checks([page(10)])).toEqual([{ ok: true, text: expect.stringContaining('wanted at most 10') }]);
  expect(checks([page(10.1)])).toEqual([{ ok: false, text: expect.stringContaining('wanted at most 10') }]);
  expect(checks([page(10.1, 100_000)])).toEqual([]);
});
