import type { SubjectName } from './subject.js';

/** One figure. */
export interface Figure {
  readonly scenario: string;
  readonly subject: SubjectName;
  readonly params: Readonly<Record<string, number>>;
  readonly metric: string;
  readonly unit: string;
  readonly value: number;
}

/** Names end in their unit. */
export function unitOf(metric: string): string {
  if (metric.endsWith('_per_s')) return '1/s';
  if (metric.endsWith('_ms')) return 'ms';
  if (/_pct(?:_|$)/.test(metric)) return '%';
  if (metric.endsWith('_kb_per_min')) return 'KB/min';
  if (metric.endsWith('_kb')) return 'KB';
  if (/_us(?:_|$)|^cpu_us/.test(metric)) return 'µs';
  if (metric.startsWith('kb_')) return 'KB';
  if (/(?:^|_)bytes_/.test(metric)) return 'B';
  return '';
}

/** @param values a percentile of nothing is NaN, and null once it has come from another process: it is no figure */
export function figures(scenario: string, subject: SubjectName, params: Figure['params'], values: Readonly<Record<string, number | null>>): Figure[] {
  const found = Object.entries(values).filter((entry): entry is [string, number] => Number.isFinite(entry[1]));
  return found.map(([metric, value]) => ({ scenario, subject, params, metric, unit: unitOf(metric), value }));
}

/** Parameters as they are shown, by the names that they have in the results. */
export const paramsText = (params: Figure['params']): string => Object.entries(params).map(([name, value]) => `${name} ${value.toLocaleString('en')}`).join(', ');

/** What was measured of a subject; parameters that are not named may be any. */
export function measuredValue(all: readonly Figure[], subject: SubjectName, { scenario, metric, params }: Pick<Figure, 'scenario' | 'metric' | 'params'>): number | undefined {
  return all.find((figure) => figure.subject === subject && figure.scenario === scenario && figure.metric === metric
    && Object.entries(params).every(([name, value]) => figure.params[name] === value))?.value;
}

/** The figures of a scenario as lines, each with its metrics. @param nameOf what a line is called; figures of one name share it */
export function linesOf(all: readonly Figure[], scenario: string, nameOf: (figure: Figure) => string) {
  const mine = all.filter((figure) => figure.scenario === scenario);
  const lines = new Map<string, Map<string, number>>();
  for (const figure of mine) {
    const name = nameOf(figure);
    lines.set(name, (lines.get(name) ?? new Map<string, number>()).set(figure.metric, figure.value));
  }
  return { metrics: [...new Set(mine.map(({ metric }) => metric))], lines };
}
