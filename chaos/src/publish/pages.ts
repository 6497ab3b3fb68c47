/** Writes what the page says of the results, between the marks that it has for it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Row } from '../outcome.js';
import { columns, numberText } from '../table.js';
import { root, type Results } from './results.js';

export const PAGE = 'docs/reliability.md';
/** `<!-- chaos: name -->`, anything, `<!-- chaos end -->`. */
const MARKED = /<!-- chaos: ([a-z]+) -->\n[^]*?<!-- chaos end -->/g;

/** The page as it follows from the results. @throws Error for a mark that nobody knows */
export function derivedPage(results: Results): string {
  return readFileSync(join(root, PAGE), 'utf8').replaceAll(MARKED, (_, name: string) => `<!-- chaos: ${name} -->\n${part(name, results)}\n<!-- chaos end -->`);
}

export function writeDerived(results: Results): void {
  writeFileSync(join(root, PAGE), derivedPage(results));
}

function part(name: string, { machine, date, commit, topology, minutes, rows }: Results): string {
  if (name === 'where') return `Run on ${date} at commit \`${commit}\`: ${topology}, ${minutes} minutes under each fault, on ${machine}.`;
  if (name === 'table') return table(rows);
  if (name === 'figures') return figures(rows);
  throw new Error(`${PAGE} has a mark ${name} that nobody knows`);
}

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

function table(rows: readonly Row[]): string {
  return [
    line(['fault', ...columns.map(({ head }) => head), 'verdict']), line(['---', ...columns.map(() => '---:'), '---']),
    ...rows.map((row) => line([`${row.fault} ${row.name}`, ...columns.map(({ of }) => numberText(of(row))), row.verdict])),
  ].join('\n');
}

function figures(rows: readonly Row[]): string {
  return rows.map(({ fault, in_flight, duplicates, figures: more }) => {
    const all = Object.entries({ in_flight, duplicates, ...more }).map(([name, value]) => `\`${name}\` ${numberText(value)}`);
    return `- ${fault}: ${all.join(', ')}`;
  }).join('\n');
}
