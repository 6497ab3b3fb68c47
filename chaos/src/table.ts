import type { Row } from './outcome.js';

/** The columns, by the words above them. */
export const columns: readonly { readonly head: string; readonly of: (row: Row) => number }[] = [
  { head: 'operations', of: (row) => row.operations },
  { head: 'faults', of: (row) => row.faults },
  { head: 'acked', of: (row) => row.acked },
  { head: 'unknown', of: (row) => row.unknown },
  { head: 'lost', of: (row) => row.lost },
  { head: 'repeated', of: (row) => row.repeated },
  { head: 'reordered', of: (row) => row.reordered },
  { head: 'stall ms', of: (row) => row.longest_stall_ms },
];

export const numberText = (value: number): string => value.toLocaleString('en');

/** One line a fault, then why one is not ok, and last the verdict over all. */
export function tableLines(rows: readonly Row[]): string[] {
  const cells = [['fault', ...columns.map(({ head }) => head)], ...rows.map((row) => [row.fault, ...columns.map(({ of }) => (row.verdict === 'not run' ? '–' : numberText(of(row))))])];
  const widths = cells[0]!.map((_, column) => Math.max(...cells.map((line) => line[column]!.length)));
  const lines = cells.map((line) => line.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join('  '));
  return [lines[0]!, ...rows.map((row, at) => `${lines[at + 1]!}  ${row.verdict}`), ...rows.flatMap(whyLine), lastLine(rows)];
}

/** The words that a run which was not made is known by. */
function whyLine({ fault, verdict, why }: Row): string[] {
  if (verdict === 'ok') return [];
  return [verdict === 'not run' ? `${fault}  not run: ${why}` : `${fault}  ${why}`];
}

/** Only a run in which every fault that was asked for is ok is a good one. */
export const isGood = (rows: readonly Row[]): boolean => rows.length > 0 && rows.every(({ verdict }) => verdict === 'ok');

function lastLine(rows: readonly Row[]): string {
  const count = (verdict: Row['verdict']): number => rows.filter((row) => row.verdict === verdict).length;
  const parts = (['ok', 'failed', 'unknown', 'not run'] as const).filter((verdict) => count(verdict) > 0).map((verdict) => `${count(verdict)} ${verdict}`);
  return `chaos: ${parts.join(', ')}`;
}
