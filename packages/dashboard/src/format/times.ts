/** Moments, in the viewer's zone and in UTC. */
import { roughly } from './numbers.js';

export const utc = (ms: number): string => `${new Date(ms).toISOString().replace('T', ' ').replace('Z', '')} UTC`;

/** `14 Nov 2026, 09:30:12` in the zone. @param zone of the viewer when left out */
export function local(ms: number, zone?: string): string {
  return new Date(ms).toLocaleString('en-GB', { year: 'numeric', month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', second: '2-digit', ...(zone !== undefined && { timeZone: zone }) });
}

/** `3 min ago`, `in 2 h`, `just now`. */
export function relative(ms: number, nowMs: number): string {
  const away = Math.abs(nowMs - ms);
  if (away < 5_000) return 'just now';
  return ms > nowMs ? `in ${roughly(away)}` : `${roughly(away)} ago`;
}
