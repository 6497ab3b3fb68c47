/** A bar chart as SVG, for light and for dark pages. */
import { paramsText, type Figure } from '../result.js';
import type { SubjectName } from '../subject.js';
import { rounded } from '../table.js';

export type Theme = 'light' | 'dark';

export interface Chart {
  readonly scenario: string;
  readonly metric: string;
  readonly title: string;
}

/** One chart a scenario: the figure that says most. */
export const charts: readonly Chart[] = [
  { scenario: 'send', metric: 'acked_per_s', title: 'Acked sends a second (more is better)' },
  { scenario: 'fanout', metric: 'cpu_us_per_delivery', title: 'Server CPU a delivery, µs (less is better)' },
  { scenario: 'many', metric: 'cpu_us_per_send', title: 'Server CPU a message to ten members, µs (less is better)' },
  { scenario: 'jitter', metric: 'delivered_pct', title: 'Delivered over cut connections, % (more is better)' },
  { scenario: 'avalanche', metric: 'recovered_p99_ms', title: 'Caught up after a killed server, p99 in ms (less is better)' },
  { scenario: 'idle', metric: 'kb_per_connection', title: 'Server memory a connection, KB (less is better)' },
  { scenario: 'history', metric: 'pages_per_s', title: 'Pages of 50 messages a second (more is better)' },
  { scenario: 'overload', metric: 'goodput_pct_of_peak', title: 'Goodput at twice the capacity, % of the peak (more is better)' },
  { scenario: 'growth', metric: 'page_p99_ms', title: 'A page of 50 messages, p99 in ms (less is better)' },
  { scenario: 'postgres-send', metric: 'acked_per_s', title: 'Acked sends a second on Postgres (more is better)' },
  { scenario: 'cluster', metric: 'cpu_us_per_send', title: 'CPU of all nodes a send, µs (less is better)' },
  { scenario: 'jetstream', metric: 'acked_per_s', title: 'Acked messages a second (more is better)' },
];

const COLOURS: Readonly<Record<Theme, { readonly text: string; readonly faint: string; readonly own: string; readonly peer: string }>> = {
  light: { text: '#1f2328', faint: '#59636e', own: '#0969da', peer: '#afb8c1' },
  dark: { text: '#f0f6fc', faint: '#9198a1', own: '#4493f8', peer: '#4d5661' },
};
const WIDTH = 720;
const LABEL_WIDTH = 250;
const VALUE_WIDTH = 80;
const BAR_HEIGHT = 16;
const BAR_GAP = 6;
const GROUP_GAP = 12;
const TOP = 44;
const FONT = 'font-family="system-ui, sans-serif"';

export const chartFile = (scenario: string, theme: Theme): string => `docs/images/bench-${scenario}-${theme}.svg`;

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** @returns undefined when there are no figures for the chart */
export function chartSvg({ scenario, metric, title }: Chart, all: readonly Figure[], theme: Theme): string | undefined {
  const figures = all.filter((figure) => figure.scenario === scenario && figure.metric === metric);
  if (figures.length === 0) return undefined;
  const colours = COLOURS[theme];
  const most = Math.max(...figures.map(({ value }) => value), Number.MIN_VALUE);
  const room = WIDTH - LABEL_WIDTH - VALUE_WIDTH;
  const parts: string[] = [];
  let y = TOP;
  let group: string | undefined;
  for (const { subject, params, value } of figures) {
    const name = paramsText(params).replaceAll('_', ' ');
    if (group !== undefined && name !== group) y += GROUP_GAP;
    group = name;
    parts.push(...bar({ y, label: [name, subject].filter(Boolean).join(' · '), value, width: Math.max(1, (Math.max(0, value) / most) * room) }, subject, colours));
    y += BAR_HEIGHT + BAR_GAP;
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y + BAR_GAP}" width="${WIDTH}" height="${y + BAR_GAP}" role="img" aria-label="${escaped(title)}">`,
    `<text x="0" y="22" ${FONT} font-size="16" font-weight="600" fill="${colours.text}">${escaped(title)}</text>`, ...parts, '</svg>', '',
  ].join('\n');
}

function bar({ y, label, value, width }: { y: number; label: string; value: number; width: number }, subject: SubjectName, colours: (typeof COLOURS)[Theme]): string[] {
  const own = subject.startsWith('talaria');
  const base = y + BAR_HEIGHT - 4;
  return [
    `<text x="${LABEL_WIDTH - 10}" y="${base}" ${FONT} font-size="12" text-anchor="end" fill="${own ? colours.text : colours.faint}">${escaped(label)}</text>`,
    `<rect x="${LABEL_WIDTH}" y="${y}" width="${width.toFixed(1)}" height="${BAR_HEIGHT}" rx="2" fill="${own ? colours.own : colours.peer}"/>`,
    `<text x="${(LABEL_WIDTH + width + 6).toFixed(1)}" y="${base}" ${FONT} font-size="12" fill="${colours.text}">${rounded(value)}</text>`,
  ];
}
