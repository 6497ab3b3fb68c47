/** Usage by the hour: hours in which nothing was used are 0. */
import type { UsageHour } from '@talaria/protocol/types';

export const HOUR_MS = 3_600_000;

export interface UsageSeries {
  readonly timesMs: readonly number[];
  readonly messages: readonly number[];
  readonly facts: readonly number[];
  readonly bytes: readonly number[];
}

/** @param fromMs the first hour begins here; both ends are rounded down to hours */
export function usageSeries(items: readonly UsageHour[], fromMs: number, toMs: number): UsageSeries {
  const begin = Math.floor(fromMs / HOUR_MS) * HOUR_MS;
  const hours = Math.max(1, Math.floor(toMs / HOUR_MS) - begin / HOUR_MS + 1);
  const zeros = (): number[] => Array.from({ length: hours }, () => 0);
  const sums = { messages: zeros(), facts: zeros(), bytes: zeros() };
  for (const { hour_ms, messages, facts, bytes } of items) {
    const at = (hour_ms - begin) / HOUR_MS;
    if (!Number.isInteger(at) || at < 0 || at >= hours) continue;
    sums.messages[at] = (sums.messages[at] ?? 0) + messages;
    sums.facts[at] = (sums.facts[at] ?? 0) + facts;
    sums.bytes[at] = (sums.bytes[at] ?? 0) + bytes;
  }
  return { timesMs: Array.from({ length: hours }, (_, at) => begin + at * HOUR_MS), ...sums };
}

export const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** The busiest hour, by the second. */
export const peakPerS = (values: readonly number[]): number => values.reduce((most, value) => Math.max(most, value), 0) / (HOUR_MS / 1_000);
