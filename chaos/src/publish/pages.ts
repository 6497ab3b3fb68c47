/** Writes what the page says of the results, between the marks that it has for it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { faults } from '../faults.js';
import type { Row } from '../outcome.js';
import { columns, numberText } from '../table.js';
import { topologyText } from '../topology.js';
import { root, type Results } from './results.js';

export const PAGE = 'docs/reliability.md';
/** `<!-- chaos: name -->`, anything, `<!-- chaos end -->`. */
const MARKED = /<!-- chaos: ([a-z]+) -->\n[^]*?<!-- chaos end -->/g;

/** The page as it follows from the results. @throws Error for a mark that nobody knows */
export function derivedPage(results: readonly Results[]): string {
  return readFileSync(join(root, PAGE), 'utf8').replaceAll(MARKED, (_, name: string) => {
    const text = part(name, results);
    return `<!-- chaos: ${name} -->\n${text === '' ? '' : `${text}\n`}<!-- chaos end -->`;
  });
}

export function writeDerived(results: readonly Results[]): void {
  writeFileSync(join(root, PAGE), derivedPage(results));
}

function part(name: string, results: readonly Results[]): string {
  if (name === 'where') return results.map(where).join('\n\n');
  if (name === 'missing') return missing(results);
  if (name === 'table') return table(results);
  if (name === 'figures') return results.map(figures).join('\n\n');
  throw new Error(`${PAGE} has a mark ${name} that nobody knows`);
}

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

function where({ machine, date, commit, topology, minutes }: Results): string {
  return `\`${topology}\`: ${topologyText[topology]}. Run on ${date} at commit \`${commit}\`, ${minutes} minutes under each fault, on ${machine}.`;
}

/** Faults that are run, and that no published run was made of yet; nothing when there are none. */
function missing(results: readonly Results[]): string {
  const texts = results.flatMap(({ topology, rows }) => {
    const ids = faults.filter(({ id, topologies }) => topologies.includes(topology) && !rows.some(({ fault }) => fault === id)).map(({ id }) => id);
    return ids.length === 0 ? [] : [`${ids.join(', ')} on \`${topology}\``];
  });
  return texts.length === 0 ? '' : `Run by the command, and not in this table yet: ${texts.join('; ')}.`;
}

/** Faults by number, each on every topology that it was played on. */
function table(results: readonly Results[]): string {
  const rows = results.flatMap(({ topology, rows: all }) => all.map((row) => ({ topology, row }))).sort((left, right) => numberOf(left.row) - numberOf(right.row));
  return [
    line(['fault', 'on', ...columns.map(({ head }) => head), 'verdict']), line(['---', '---', ...columns.map(() => '---:'), '---']),
    ...rows.map(({ topology, row }) => line([`${row.fault} ${row.name}`, topology, ...columns.map(({ of }) => numberText(of(row))), row.verdict])),
  ].join('\n');
}

const numberOf = ({ fault }: Row): number => Number(fault.slice(1));

function figures({ topology, rows }: Results): string {
  return [`\`${topology}\`:`, '', ...rows.map(({ fault, in_flight, duplicates, figures: more }) => {
    const all = Object.entries({ in_flight, duplicates, ...more }).map(([name, value]) => `\`${name}\` ${numberText(value)}`);
    return `- ${fault}: ${all.join(', ')}`;
  })].join('\n');
}
