/** Writes what the pages say of the results, between the marks that they have for it. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { checks } from '../checks.js';
import { linesOf, measuredValue, paramsText, type Figure } from '../result.js';
import { rounded } from '../table.js';
import { chartFile, charts, chartSvg, type Theme } from './chart.js';
import { root, type Results } from './results.js';
import { costsTable, loadsTable } from './scaling.js';

const PAGES = ['README.md', 'docs/performance.md', 'docs/scaling.md'] as const;
const THEMES: readonly Theme[] = ['light', 'dark'];
/** `<!-- bench: name -->`, anything, `<!-- bench end -->`. */
const MARKED = /<!-- bench: ([a-z-]+) -->\n[^]*?<!-- bench end -->/g;

/** The files that follow from the results, by path from the root. */
export function derivedFiles(results: Results): Map<string, string> {
  const files = new Map<string, string>();
  for (const page of PAGES) {
    const text = readFileSync(join(root, page), 'utf8');
    files.set(page, text.replaceAll(MARKED, (_, name: string) => `<!-- bench: ${name} -->\n${part(name, results, page)}\n<!-- bench end -->`));
  }
  for (const chart of charts) {
    for (const theme of THEMES) {
      const svg = chartSvg(chart, results.figures, theme);
      if (svg !== undefined) files.set(chartFile(chart.scenario, theme), svg);
    }
  }
  return files;
}

export function writeDerived(results: Results): void {
  for (const [path, text] of derivedFiles(results)) {
    const file = join(root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}

function part(name: string, results: Results, page: string): string {
  if (name === 'where') return `Measured on ${results.date} at commit \`${results.commit}\`, on ${results.machine}${results.quick ? ', with `--quick`' : ''}.`;
  if (name === 'verdicts') return verdicts(results.figures);
  if (name === 'summary') return summary(results.figures);
  if (name === 'costs') return costsTable(results.figures);
  if (name === 'loads') return loadsTable(results.figures);
  return [table(name, results.figures), picture(name, results.figures, page)].filter(Boolean).join('\n\n');
}

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

function table(scenario: string, all: readonly Figure[]): string {
  const { metrics, lines } = linesOf(all, scenario, ({ subject, params }) => `${paramsText(params).replaceAll('_', ' ')} | ${subject}`);
  if (lines.size === 0) return 'Not measured yet.';
  return [
    row(['parameters', 'subject', ...metrics.map((metric) => `\`${metric}\``)]), row(['---', '---', ...metrics.map(() => '---:')]),
    ...[...lines].map(([name, values]) => row([name, ...metrics.map((metric) => rounded(values.get(metric) ?? Number.NaN))])),
  ].join('\n');
}

function picture(scenario: string, all: readonly Figure[], page: string): string {
  const chart = charts.find((one) => one.scenario === scenario);
  if (!chart || !all.some((figure) => figure.scenario === scenario && figure.metric === chart.metric)) return '';
  const up = '../'.repeat(page.split('/').length - 1);
  const path = (theme: Theme): string => `${up}${chartFile(scenario, theme)}`.replace('../docs/', '');
  return `<picture><source media="(prefers-color-scheme: dark)" srcset="${path('dark')}"><img src="${path('light')}" alt="${chart.title}"></picture>`;
}

function verdicts(all: readonly Figure[]): string {
  return checks(all).map(({ ok, text }) => `- ${ok ? 'Reached' : '**Missed**'}: ${text}.`).join('\n');
}

/** What the first page shows: a line for each question that people ask first. */
const QUESTIONS: readonly { readonly text: string; readonly scenario: string; readonly metric: string; readonly params: Figure['params']; readonly peers: readonly Figure['subject'][] }[] = [
  { text: 'Acked durable sends a second, 512 in flight', scenario: 'send', metric: 'acked_per_s', params: { in_flight: 512 }, peers: ['socketio-sqlite'] },
  { text: 'Server CPU a send, µs', scenario: 'send', metric: 'cpu_us_per_send', params: { in_flight: 512 }, peers: ['socketio-sqlite'] },
  { text: 'Server CPU a delivery to 5,000 followers, µs', scenario: 'fanout', metric: 'cpu_us_per_delivery', params: { followers: 5_000 }, peers: ['socketio', 'raw-uws'] },
  { text: 'Delivered to 5,000 clients over cut connections, %', scenario: 'jitter', metric: 'delivered_pct', params: { clients: 5_000 }, peers: ['socketio-csr', 'socketio'] },
  { text: 'Memory a connection that follows 20 conversations, KB', scenario: 'idle', metric: 'kb_per_connection', params: { following: 20 }, peers: ['socketio', 'raw-uws'] },
];

function summary(all: readonly Figure[]): string {
  const of = (question: (typeof QUESTIONS)[number], subject: Figure['subject']): number | undefined => measuredValue(all, subject, question);
  const known = QUESTIONS.filter((question) => of(question, 'talaria') !== undefined);
  return [
    row(['', 'Talaria', 'peers']), row(['---', '---:', '---']),
    ...known.map((question) => row([
      question.text, rounded(of(question, 'talaria') ?? Number.NaN),
      question.peers.flatMap((peer) => (of(question, peer) === undefined ? [] : [`${peer} ${rounded(of(question, peer)!)}`])).join(', '),
    ])),
  ].join('\n');
}
