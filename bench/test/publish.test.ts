/** What the pages say of the measurements is what was measured. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { checks } from '../src/checks.js';
import { charts, chartSvg } from '../src/publish/chart.js';
import { derivedFiles } from '../src/publish/pages.js';
import { readResults, root } from '../src/publish/results.js';
import type { Figure } from '../src/result.js';

const results = readResults();

it('has results with where, when and of which commit', () => {
  expect(results).toMatchObject({ machine: expect.stringMatching(/cores/), date: expect.stringMatching(/^\d{4}-\d{2}-\d{2}$/), commit: expect.stringMatching(/^[0-9a-f]{12}$/) });
  for (const { scenario, subject, params, metric, unit, value } of results.figures) {
    expect([typeof scenario, typeof subject, typeof params, typeof metric, typeof unit, typeof value]).toEqual(['string', 'string', 'object', 'string', 'string', 'number']);
  }
});

it.each([...derivedFiles(results).keys()])('%s says what the results say (node bench/dist/write-pages.js)', (path) => {
  expect(readFileSync(join(root, path), 'utf8')).toBe(derivedFiles(results).get(path));
});

it('has a table and a chart for each scenario that was measured', () => {
  const page = readFileSync(join(root, 'docs/performance.md'), 'utf8');
  for (const scenario of new Set(results.figures.map((figure) => figure.scenario))) expect(page, scenario).toContain(`<!-- bench: ${scenario} -->`);
  for (const { scenario } of charts) expect(derivedFiles(results).has(`docs/images/bench-${scenario}-dark.svg`), scenario).toBe(results.figures.some((figure) => figure.scenario === scenario));
});

const figure = (subject: Figure['subject'], value: number, metric = 'acked_per_s'): Figure => ({ scenario: 'send', subject, params: { in_flight: 512 }, metric, unit: '1/s', value });

it('judges by the ratio within one run', () => {
  expect(checks([figure('talaria', 500), figure('socketio-sqlite', 100)])).toEqual([{ ok: true, text: expect.stringContaining('5.00 × socketio-sqlite') }]);
  expect(checks([figure('talaria', 499), figure('socketio-sqlite', 100)])).toEqual([{ ok: false, text: expect.stringContaining('4.99 × socketio-sqlite') }]);
  expect(checks([figure('talaria', 499)])).toEqual([]);
});

it('judges a shape of Talaria by its own figures', () => {
  const cost = (nodes: number, value: number): Figure => ({ scenario: 'cluster', subject: 'talaria-cluster', params: { nodes }, metric: 'cpu_us_per_send', unit: 'µs', value });
  expect(checks([cost(1, 100), cost(3, 130)])).toEqual([{ ok: true, text: expect.stringContaining('1.30 × that at nodes 1') }]);
  expect(checks([cost(1, 100), cost(3, 131)])).toEqual([{ ok: false, text: expect.stringContaining('1.31 × that at nodes 1') }]);
});

it('has a place in the page for every chart', () => {
  const page = readFileSync(join(root, 'docs/performance.md'), 'utf8');
  for (const { scenario } of charts) expect(page).toContain(`<!-- bench: ${scenario} -->`);
});

it('draws a bar as long as its value', () => {
  const svg = chartSvg(charts[0]!, [figure('talaria', 100), figure('socketio-sqlite', 25)], 'light')!;
  const widths = [...svg.matchAll(/<rect [^>]*width="([\d.]+)"/g)].map((match) => Number(match[1]));
  expect(widths).toHaveLength(2);
  expect(widths[0]! / widths[1]!).toBeCloseTo(4, 1);
});
