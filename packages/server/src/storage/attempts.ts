import type { AttemptRow } from './rows.js';

/** Something that may be tried a few times, and then only after a delay that doubles. */
export interface AttemptRule {
  /** A hash: who tries what stands nowhere. */
  readonly name: string;
  /** Tries without a delay. */
  readonly free: number;
  /** The first delay, and the longest. */
  readonly delay_ms: number;
  readonly delay_ms_max: number;
  /** When nothing has been tried for so long, all is forgotten. */
  readonly keep_ms: number;
}

/** What came of an attempt that was counted. */
export interface AttemptSettled {
  /** Names that begin anew. */
  readonly forget: readonly string[];
  /** Names of which one attempt does not count. */
  readonly back: readonly string[];
  /** A name that is known from now on. */
  readonly known: { readonly name: string; readonly untilMs: number } | null;
}

const alive = (row: AttemptRow | null, nowMs: number): row is AttemptRow => row !== null && row.untilMs > nowMs;

/** @returns 0, or how long to wait */
export function waitOf(row: AttemptRow | null, rule: AttemptRule, nowMs: number): number {
  if (!alive(row, nowMs) || row.count < rule.free) return 0;
  const delayMs = Math.min(rule.delay_ms * 2 ** Math.min(row.count - rule.free, 40), rule.delay_ms_max);
  // Where the clock has jumped back, no wait is longer than the delay.
  return Math.max(0, Math.min(delayMs, row.lastMs + delayMs - nowMs));
}

/** The row with one attempt more. */
export function counted(app: string, row: AttemptRow | null, rule: AttemptRule, nowMs: number): AttemptRow {
  return { app, name: rule.name, count: (alive(row, nowMs) ? row.count : 0) + 1, lastMs: nowMs, untilMs: nowMs + rule.keep_ms };
}
