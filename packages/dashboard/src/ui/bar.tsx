import type { JSX } from 'preact';

const WIDTH = 200;
const HEIGHT = 10;
/** What takes no time is still to be seen. */
const LEAST = 3;

export interface BarProps {
  readonly from: number;
  readonly to: number;
  /** Where the whole ends, in the same unit. */
  readonly whole: number;
  readonly label: string;
}

/** A part of a time, at its place. */
export function Bar({ from, to, whole, label }: BarProps): JSX.Element {
  const end = whole <= 0 ? 0 : (Math.min(to, whole) / whole) * WIDTH;
  const start = Math.max(0, Math.min(whole <= 0 ? 0 : (from / whole) * WIDTH, end - LEAST));
  return (
    <svg class="bar" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={label}>
      <rect class="track" x="0" y="4" width={WIDTH} height="2" />
      <rect class="part" x={start} y="1" width={Math.max(LEAST, end - start)} height="8" rx="1" />
    </svg>
  );
}
