/** The last minutes of this node as numbers, in memory that was taken once. Once a second it reads what the server counts anyway. */
import { errorCodes } from '@talaria/protocol';
import type { Counts } from '../domain/counts.js';
import type { Part, Point } from '../domain/insight/parts.js';
import { POINT_COLUMNS } from '../domain/insight/merge-stats.js';
import type { Clock } from '../runtime/clock.js';
import { LATENCY_BUCKETS } from '../runtime/latencies.js';
import { Series } from '../runtime/series.js';
import type { CommitCounts } from '../storage/port.js';

/** What is read each second. */
export interface StatsSource {
  readonly counts: Counts;
  readonly connections: () => number;
  readonly commits: () => CommitCounts;
  /** The longest that the event loop was late lately, in ms. */
  readonly loopLagMs: () => number;
  readonly memoryBytes: () => number;
  /** Null while it is not known. */
  readonly storageBytes: () => number | null;
  /** How far each consumer is behind, in ms, as last seen. */
  readonly lags: () => ReadonlyMap<string, number>;
}

export interface Stats {
  /** Reads everything: to be called once each `SAMPLE_MS`. */
  sample(): void;
  part(minutes: number): Part<'stats.get'>;
}

export const SAMPLE_MS = 1_000;
/** Minutes that are kept by the second; and by ten of them. */
export const FINE_MINUTES = 5;
const COARSE_MINUTES = 60;
const COARSE_S = 10;
/** Consumers whose lag is kept. */
const LAGS_MAX = 8;

const SUMS = POINT_COLUMNS.length;
const SENDS_AT = SUMS;
const REFUSALS_AT = SENDS_AT + LATENCY_BUCKETS;
const LAGS_AT = REFUSALS_AT + errorCodes.length;
const WIDTH = LAGS_AT + LAGS_MAX;

export function createStats(clock: Pick<Clock, 'now'>, source: StatsSource): Stats {
  const fine = new Series(1, FINE_MINUTES * 60 + 1, WIDTH);
  const coarse = new Series(COARSE_S, (COARSE_MINUTES * 60) / COARSE_S + 1, WIDTH);
  const consumers: string[] = [];
  const before = new Float64Array(WIDTH);
  const now = new Float64Array(WIDTH);
  let commits: CommitCounts = { count: 0, ms: 0 };
  readTotals(now);
  before.set(now);

  /** Everything that only grows, as it stands. */
  function readTotals(into: Float64Array): void {
    const { counts } = source;
    commits = source.commits();
    for (const [at, { of }] of POINT_COLUMNS.entries()) into[at] = totalOf(of, counts);
    into.set(counts.sends.counts, SENDS_AT);
    for (const [at, code] of errorCodes.entries()) into[REFUSALS_AT + at] = counts.refusals[code];
  }

  function totalOf(of: (typeof POINT_COLUMNS)[number]['of'], counts: Counts): number {
    switch (of) {
      case 'messages': return counts.messages;
      case 'deliveries': return counts.deliveries;
      case 'requests': return counts.requests;
      case 'requestErrors': return counts.requestErrors;
      case 'commits': return commits.count;
      case 'commitMs': return commits.ms;
      case 'connections': return source.connections();
      case 'loopLagMs': return source.loopLagMs();
      case 'memoryBytes': return source.memoryBytes();
      case 'storageBytes': return source.storageBytes() ?? Number.NaN;
    }
  }

  function sample(): void {
    readTotals(now);
    const lags = source.lags();
    for (const name of lags.keys()) if (!consumers.includes(name) && consumers.length < LAGS_MAX) consumers.push(name);
    for (const columns of [fine.at(clock.now()), coarse.at(clock.now())]) {
      for (const [at, { kind }] of POINT_COLUMNS.entries()) {
        if (kind === 'grows') columns[at] = (columns[at]! || 0) + now[at]! - before[at]!;
        else columns[at] = kind === 'most' ? Math.max(columns[at]! || 0, now[at]!) : now[at]!;
      }
      for (let at = SENDS_AT; at < LAGS_AT; at += 1) columns[at] = (columns[at]! || 0) + now[at]! - before[at]!;
      for (const [at, name] of consumers.entries()) columns[LAGS_AT + at] = lags.get(name) ?? Number.NaN;
    }
    before.set(now);
  }

  function pointOf(atMs: number, columns: Float64Array): Point {
    const some = (from: number, count: number): [number, number][] =>
      Array.from({ length: count }, (_, at): [number, number] => [at, columns[from + at]!]).filter(([, value]) => value > 0);
    return {
      at: atMs, sums: Array.from({ length: SUMS }, (_, at) => (Number.isNaN(columns[at]!) ? null : columns[at]!)), sends: some(SENDS_AT, LATENCY_BUCKETS),
      refusals: some(REFUSALS_AT, errorCodes.length).map(([at, value]) => [errorCodes[at]!, value]),
      lags: consumers.flatMap((name, at): [string, number][] => (Number.isNaN(columns[LAGS_AT + at]!) ? [] : [[name, columns[LAGS_AT + at]!]])),
    };
  }

  return {
    sample,
    part(minutes) {
      const series = minutes <= FINE_MINUTES ? fine : coarse;
      return { step_s: series.step_s, points: series.last(clock.now(), (minutes * 60) / series.step_s).map(({ atMs, columns }) => pointOf(atMs, columns)) };
    },
  };
}
