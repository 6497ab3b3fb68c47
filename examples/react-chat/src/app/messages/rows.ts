import type { TimelineEntry } from '@talaria/sdk/views';
import { dayOf, sameDay } from '../parts/time.js';

/** A message in its place in the list. */
export interface Row {
  readonly entry: TimelineEntry;
  /** The heading of a day that begins with it. */
  readonly day: string | undefined;
  /** What is new begins with it. */
  readonly divider: boolean;
  /** It does not belong to the message before it: the sender is named. */
  readonly starts: boolean;
}

/** Messages of one sender that are not further apart stand together. */
const GROUP_MS = 5 * 60_000;

/**
 * @param newAfter up to which seq the user had read when the list was opened; undefined for no divider
 * @param me whose messages are never new
 */
export function rowsOf(entries: readonly TimelineEntry[], newAfter: number | undefined, me: string): readonly Row[] {
  let divided = newAfter === undefined;
  return entries.map((entry, at) => {
    const { message } = entry;
    const before = entries[at - 1]?.message;
    const day = before && sameDay(before.created_ms, message.created_ms) ? undefined : dayOf(message.created_ms);
    const divider = !divided && message.seq > (newAfter ?? 0) && message.sender_id !== me;
    divided ||= divider || (message.seq === 0 && message.sender_id === me);
    const starts = day !== undefined || divider || before?.sender_id !== message.sender_id || message.created_ms - before.created_ms > GROUP_MS;
    return { entry, day, divider, starts };
  });
}
