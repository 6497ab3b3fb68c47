/** VIS1: what of a stream a viewer may see, as ranges of seqs, and what a page must declare as left out. */
import type { HistoryPolicy, Interval, MemberRow } from './rows.js';

export interface Range {
  readonly fromSeq: number;
  readonly toSeq: number;
}

export interface Omitted extends Range {
  readonly cause: 'membership' | 'retention';
}

/** What a viewer may see, and where the stream ends for them. */
export interface View {
  readonly ranges: readonly Range[];
  /** The last seq that exists for this viewer: the head, or where the membership ended (ISO3). */
  readonly endSeq: number;
  readonly floorSeq: number;
}

/** Everything: for a backend, and for a user's own stream. */
export function wholeView(headSeq: number, floorSeq: number): View {
  return { ranges: [{ fromSeq: floorSeq + 1, toSeq: headSeq }], endSeq: headSeq, floorSeq };
}

/**
 * The union of a member's intervals that the history policy allows (ISO2).
 *
 * @param intervals ascending, not overlapping
 * @returns undefined when there is nothing that the user may ever have seen
 */
export function memberView(
  member: Pick<MemberRow, 'active' | 'leftSeq'>, intervals: readonly Interval[], history: HistoryPolicy, headSeq: number, floorSeq: number,
): View | undefined {
  if (intervals.length === 0) return undefined;
  const endSeq = member.active ? headSeq : member.leftSeq ?? 0;
  const seen = history === 'all' ? [{ fromSeq: 1, toSeq: endSeq }] : intervals.map((one) => ({ fromSeq: one.fromSeq, toSeq: one.toSeq ?? headSeq }));
  const ranges = seen
    .map((range) => ({ fromSeq: Math.max(range.fromSeq, floorSeq + 1), toSeq: range.toSeq }))
    .filter((range) => range.fromSeq <= range.toSeq);
  return { ranges, endSeq, floorSeq };
}

/** @returns whether the viewer may see the fact at `seq`. */
export function sees(view: View, seq: number): boolean {
  return view.ranges.some((range) => range.fromSeq <= seq && seq <= range.toSeq);
}

/** The parts of `fromSeq..toSeq` that the view leaves out, each with its cause, ascending. */
export function omittedIn(view: View, fromSeq: number, toSeq: number): Omitted[] {
  const omitted: Omitted[] = [];
  const add = (from: number, to: number, cause: Omitted['cause']): void => {
    if (from <= to) omitted.push({ fromSeq: from, toSeq: to, cause });
  };
  add(fromSeq, Math.min(view.floorSeq, toSeq), 'retention');
  let next = Math.max(fromSeq, view.floorSeq + 1);
  for (const range of view.ranges) {
    if (range.toSeq < next) continue;
    if (range.fromSeq > toSeq) break;
    add(next, Math.min(range.fromSeq - 1, toSeq), 'membership');
    next = Math.max(next, range.toSeq + 1);
  }
  add(next, toSeq, 'membership');
  return omitted;
}
