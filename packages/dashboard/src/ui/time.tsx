import type { JSX } from 'preact';
import { local, relative, utc } from '../format/times.js';

/** A moment in the viewer's zone; in UTC for the pointer. */
export function Time({ ms, ago = false }: { readonly ms: number; readonly ago?: boolean }): JSX.Element {
  const exact = `${local(ms)} · ${utc(ms)}`;
  return <time dateTime={new Date(ms).toISOString()} title={ago ? exact : utc(ms)}>{ago ? relative(ms, Date.now()) : local(ms)}</time>;
}

/** The same for what may not have been. */
export function MaybeTime({ ms, none = 'never', ago = false }: { readonly ms: number | null; readonly none?: string; readonly ago?: boolean }): JSX.Element {
  return ms === null ? <span class="muted">{none}</span> : <Time ms={ms} ago={ago} />;
}
