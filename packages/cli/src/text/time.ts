import { InvalidArgumentError } from 'commander';

/** `2026-11-21 09:30`, in UTC: short enough for a table. */
export function shortTime(ms: number | null): string {
  return ms === null ? '–' : new Date(ms).toISOString().slice(0, 16).replace('T', ' ');
}

/** `2026-11-21T09:30:00Z` */
export function longTime(ms: number | null): string {
  return ms === null ? 'never' : new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z');
}

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };

/** `90`, `90s`, `15m`, `12h` or `30d` in seconds. @throws InvalidArgumentError */
export function durationSeconds(text: string): number {
  const match = /^(\d{1,9})([smhd]?)$/.exec(text.trim());
  if (!match) throw new InvalidArgumentError('It must be a time such as 90s, 15m, 12h or 30d.');
  return Number(match[1]) * (UNITS[match[2] === '' ? 's' : match[2]!] ?? 1);
}

/** A date, a date with time, or how long ago (`7d`), in ms since 1970. @throws InvalidArgumentError */
export function momentMs(text: string): number {
  if (/^\d{1,9}[smhd]$/.test(text)) return Date.now() - durationSeconds(text) * 1_000;
  const ms = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms) || ms < 0) throw new InvalidArgumentError('It must be a date such as 2026-11-21, or how long ago, such as 7d.');
  return ms;
}

/** `3 d 4 h`, `2 min 10 s` */
export function spanText(seconds: number): string {
  const parts: readonly (readonly [number, string])[] = [
    [86_400, 'd'],
    [3_600, 'h'],
    [60, 'min'],
    [1, 's'],
  ];
  const first = parts.findIndex(([unit]) => seconds >= unit);
  if (first === -1) return '0 s';
  let left = Math.floor(seconds);
  return parts
    .slice(first, first + 2)
    .map(([unit, name]) => {
      const count = Math.floor(left / unit);
      left -= count * unit;
      return count === 0 ? '' : `${count} ${name}`;
    })
    .filter((part) => part !== '')
    .join(' ');
}

/** `512 B`, `1.5 MiB` */
export function bytesText(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let at = 0;
  while (value >= 1_024 && at < units.length - 1) {
    value /= 1_024;
    at += 1;
  }
  return `${at === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[at]!}`;
}
