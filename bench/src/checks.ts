/** The figures that Talaria is to reach: ratios within one run, or bounds. */
import { measuredValue, paramsText, type Figure } from './result.js';
import type { SubjectName } from './subject.js';
import { rounded } from './table.js';

export interface Check {
  readonly text: string;
  readonly ok: boolean;
}

interface Wanted {
  readonly scenario: string;
  readonly metric: string;
  readonly params: Figure['params'];
  /** Talaria in another shape than the usual. */
  readonly subject?: SubjectName;
  /** What Talaria's figure is held against; without one, the figure itself. */
  readonly peer?: SubjectName;
  /** Instead of a peer: Talaria's own figure with these. */
  readonly base?: Figure['params'];
  readonly at_least?: number;
  readonly at_most?: number;
}

const WANTED: readonly Wanted[] = [
  { scenario: 'send', metric: 'acked_per_s', params: { in_flight: 512 }, peer: 'socketio-sqlite', at_least: 5 },
  { scenario: 'send', metric: 'cpu_us_per_send', params: { in_flight: 512 }, peer: 'socketio-sqlite', at_most: 0.3 },
  { scenario: 'send', metric: 'acked_per_s', params: { in_flight: 1 }, peer: 'socketio-sqlite', at_least: 0.9 },
  { scenario: 'fanout', metric: 'cpu_us_per_delivery', params: { followers: 5_000 }, peer: 'raw-uws', at_most: 1.3 },
  { scenario: 'fanout', metric: 'cpu_us_per_delivery', params: { followers: 5_000 }, peer: 'socketio', at_most: 0.5 },
  { scenario: 'jitter', metric: 'delivered_pct', params: { clients: 5_000 }, at_least: 100 },
  { scenario: 'jitter', metric: 'replay_p99_ms', params: { clients: 5_000 }, at_most: 500 },
  { scenario: 'avalanche', metric: 'lost', params: { clients: 5_000 }, at_most: 0 },
  { scenario: 'avalanche', metric: 'never_back', params: { clients: 5_000 }, at_most: 0 },
  { scenario: 'avalanche', metric: 'recovered_p99_ms', params: { clients: 5_000 }, at_most: 3_000 },
  { scenario: 'idle', metric: 'kb_per_connection', params: { following: 20 }, at_most: 8 },
  { scenario: 'overload', metric: 'goodput_pct_of_peak', params: {}, at_least: 80 },
  { scenario: 'overload', metric: 'refused_retryable_pct', params: {}, at_least: 100 },
  { scenario: 'growth', metric: 'send_p50_ms', params: { messages: 1_000_000 }, base: { messages: 10_000 }, at_most: 1.5 },
  { scenario: 'growth', metric: 'page_p99_ms', params: { messages: 1_000_000 }, base: { messages: 10_000 }, at_most: 1.5 },
  { scenario: 'growth', metric: 'start_ms', params: { messages: 1_000_000 }, at_most: 300 },
  { scenario: 'search', subject: 'talaria-search', metric: 'p99_ms', params: { messages: 1_000_000 }, at_most: 50 },
  { scenario: 'search', subject: 'talaria-search', metric: 'prefix_p99_ms', params: { messages: 1_000_000 }, at_most: 50 },
  { scenario: 'search', subject: 'talaria-search', metric: 'like_ratio_p99', params: { messages: 1_000_000 }, at_least: 10 },
  { scenario: 'search', subject: 'talaria-search', metric: 'lag_p99_ms', params: { messages: 1_000_000 }, at_most: 5_000 },
  { scenario: 'inbox', metric: 'page_p99_ms', params: { messages: 1_000_000 }, at_most: 10 },
  { scenario: 'inbox', metric: 'deep_page_p99_ms', params: { messages: 1_000_000 }, at_most: 10 },
  { scenario: 'postgres-send', subject: 'talaria-postgres', metric: 'acked_per_s', params: { in_flight: 512 }, peer: 'socketio-postgres', at_least: 5 },
  { scenario: 'cluster', subject: 'talaria-cluster', metric: 'cpu_us_per_send', params: { nodes: 3 }, base: { nodes: 1 }, at_most: 1.3 },
  { scenario: 'cluster', subject: 'talaria-cluster', metric: 'cpu_us_per_delivery', params: { nodes: 3 }, base: { nodes: 1 }, at_most: 1.3 },
  { scenario: 'jetstream', metric: 'acked_per_s', params: { in_flight: 64 }, peer: 'jetstream', at_least: 1.5 },
  { scenario: 'jetstream', metric: 'acked_per_s', params: { in_flight: 512 }, peer: 'jetstream', at_least: 1.5 },
];

/** Those checks for which there are figures. */
export function checks(all: readonly Figure[]): Check[] {
  return WANTED.flatMap((wanted) => {
    const of = (subject: SubjectName, params = wanted.params): number | undefined => measuredValue(all, subject, { ...wanted, params });
    const { subject = 'talaria' } = wanted;
    const own = of(subject);
    const held = wanted.peer ?? (wanted.base && `that at ${paramsText(wanted.base)}`);
    const other = held === undefined ? 1 : of(wanted.peer ?? subject, wanted.base);
    if (own === undefined || other === undefined) return [];
    const value = own / other;
    const ok = value >= (wanted.at_least ?? -Infinity) && value <= (wanted.at_most ?? Infinity);
    const bound = wanted.at_least === undefined ? `at most ${wanted.at_most}` : `at least ${wanted.at_least}`;
    const where = [wanted.scenario, paramsText(wanted.params) && `(${paramsText(wanted.params)})`, `${wanted.metric}:`].filter(Boolean).join(' ');
    return [{ ok, text: `${where} ${rounded(value)}${held === undefined ? '' : ` × ${held}`}, wanted ${bound}` }];
  });
}
