const time = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const weekday = new Intl.DateTimeFormat(undefined, { weekday: 'long' });
const date = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'long', year: 'numeric' });
const shortDate = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'short' });

const DAY_MS = 86_400_000;

function daysAgo(ms: number): number {
  return Math.round((new Date().setHours(0, 0, 0, 0) - new Date(ms).setHours(0, 0, 0, 0)) / DAY_MS);
}

/** The heading of a day. */
export function dayOf(ms: number): string {
  const days = daysAgo(ms);
  if (days <= 0) return 'Today';
  if (days === 1) return 'Yesterday';
  return days < 7 ? weekday.format(ms) : date.format(ms);
}

export const sameDay = (one: number, other: number): boolean => Math.abs(one - other) < DAY_MS && new Date(one).getDate() === new Date(other).getDate();

/** The time of a message; in a list (`brief`) the day, where it was not today. */
export function Time({ ms, brief = false }: { readonly ms: number; readonly brief?: boolean }) {
  const text = brief ? dayOrTime(ms) : time.format(ms);
  return <time dateTime={new Date(ms).toISOString()} title={full.format(ms)}>{text}</time>;
}

function dayOrTime(ms: number): string {
  const days = daysAgo(ms);
  if (days <= 0) return time.format(ms);
  if (days === 1) return 'Yesterday';
  return days < 7 ? weekday.format(ms).slice(0, 3) : shortDate.format(ms);
}

/** When somebody was last here. */
export function agoOf(ms: number, nowMs: number): string {
  const minutes = Math.floor((nowMs - ms) / 60_000);
  if (minutes < 1) return 'just now';
  if (minutes < 60) return `${minutes} min ago`;
  return daysAgo(ms) <= 0 ? `today at ${time.format(ms)}` : `${dayOf(ms)} at ${time.format(ms)}`;
}
