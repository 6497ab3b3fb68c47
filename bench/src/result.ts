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
  if (metric.startsWith('bytes_')) return 'B';
  return '';
}

export function figures(scenario: string, subject: SubjectName, params: Figure['params'], values: Readonly<Record<string, number>>): Figure[] {
  return Object.entries(values).map(([metric, value]) => ({ scenario, subject, params, metric, unit: unitOf(metric), value }));
}
