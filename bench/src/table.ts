import { linesOf, paramsText, type Figure } from './result.js';

const ROUND = { digits_small: 2, digits_large: 0, large: 100 };

export function rounded(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const digits = Math.abs(value) >= ROUND.large ? ROUND.digits_large : ROUND.digits_small;
  return value.toLocaleString('en', { maximumFractionDigits: digits, minimumFractionDigits: digits });
}

/** One line a subject and set of parameters, its metrics as columns. */
export function table(scenario: string, all: readonly Figure[]): string {
  const { metrics, lines } = linesOf(all, scenario, ({ subject, params }) => [paramsText(params), subject].filter(Boolean).join(' · '));
  const rows = [[scenario, ...metrics], ...[...lines].map(([name, values]) => [name, ...metrics.map((metric) => rounded(values.get(metric) ?? Number.NaN))])];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) => row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join('  ')).join('\n');
}
