/** Looks at every state that a view comes to, and at what must hold between any two of them. */
import { isDeepStrictEqual } from 'node:util';
import type { View } from '../../src/views/index.js';
import type { Timeline, TimelineState } from '../../src/views/index.js';
import { until } from '../client/stage.js';

export interface Watch {
  /** What was wrong with a state. */
  readonly problems: readonly string[];
  readonly states: number;
}

/** No key twice, none missing, nothing made anew that is as it was. */
export function watchTimeline(timeline: Timeline): Watch {
  const problems: string[] = [];
  let before: TimelineState = timeline.get();
  const watch = { problems, states: 0 };
  timeline.subscribe(() => {
    const now = timeline.get();
    watch.states += 1;
    if (now !== timeline.get()) problems.push('another state for the same');
    const keys = now.entries.map(({ key }) => key);
    if (keys.some((key) => key === '')) problems.push('an empty key');
    if (new Set(keys).size !== keys.length) problems.push(`a key twice: ${keys.join()}`);
    const known = new Map(before.entries.map((entry) => [entry.key, entry]));
    for (const entry of now.entries) {
      const old = known.get(entry.key);
      if (old && old !== entry && isDeepStrictEqual(old, entry) && old.message === entry.message) problems.push(`${entry.key} was made anew`);
    }
    if (now.entries !== before.entries && now.entries.length === before.entries.length && now.entries.every((entry, at) => entry === before.entries[at])) problems.push('the list was made anew');
    const seqs = now.entries.flatMap(({ message: { seq }, status }) => (status === 'sent' && seq > 0 ? [seq] : []));
    if (seqs.some((seq, at) => at > 0 && seq <= seqs[at - 1]!)) problems.push(`out of order: ${seqs.join()}`);
    before = now;
  });
  return watch;
}

/** Resolves when a view shows what is asked for. */
export async function shows<T>(view: View<T>, wanted: (state: T) => boolean): Promise<T> {
  await until(() => wanted(view.get()));
  return view.get();
}
