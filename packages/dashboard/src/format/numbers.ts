/** Numbers as people read them. */

/** `12,345`. */
export function count(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: value !== 0 && Math.abs(value) < 10 ? 2 : 0 });
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** `1.5 MiB`. @param value bytes, not negative */
export function bytes(value: number): string {
  const at = value < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(value) / 10));
  return `${(value / 1_024 ** at).toLocaleString('en-US', { maximumFractionDigits: at === 0 ? 0 : 1 })} ${UNITS[at]}`;
}

const SPANS = [['d', 86_400_000], ['h', 3_600_000], ['min', 60_000], ['s', 1_000]] as const;

/** The largest part alone: `3 min`. @param value milliseconds, not negative */
export function roughly(value: number): string {
  const [unit, ms] = SPANS.find(([, least]) => value >= least) ?? ['ms', 1];
  return `${Math.floor(value / ms)} ${unit}`;
}

/** `2 d 3 h`, `4 min`, `250 ms`: the two largest parts. @param value milliseconds, not negative */
export function span(value: number): string {
  const first = SPANS.findIndex(([, ms]) => value >= ms);
  const [unit, ms] = SPANS[first] ?? ['ms', 1];
  const whole = Math.floor(value / ms);
  const [below, belowMs] = SPANS[first + 1] ?? ['', 0];
  const rest = first === -1 || belowMs === 0 || whole >= 10 ? 0 : Math.floor((value % ms) / belowMs);
  return rest === 0 ? `${whole} ${unit}` : `${whole} ${unit} ${rest} ${below}`;
}
