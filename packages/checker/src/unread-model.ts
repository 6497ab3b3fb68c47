import { isTombstone, type LogRow, type StreamLog } from './streams.js';

/** CNT2: of the messages that were redacted after the mark, the server takes off no more than this many. */
const REDACTED_MAX = 1000;
/** Unread counts stop here (CNT2). */
const UNREAD_MAX = 1000;

/** Counts that are right: both ends included. They differ where the log cannot say when a row was redacted. */
export interface CountRange {
  readonly from: number;
  readonly to: number;
}

/** The countable messages of a conversation (CNT1), or of one of its threads (CNT2), arranged for counting. */
export interface UnreadModel {
  /** What is unread for `user` after `markSeq`, as it was when `atSeq` was the head. */
  count(user: string, markSeq: number, atSeq: number): CountRange;
}

interface Redacted {
  readonly seq: number;
  readonly actor: string;
  /** The fact that redacted it; undefined when no fact says. */
  readonly bySeq: number | undefined;
}

/** Counts rows, and as far as it can not the ordinals on them: those are what the server counts by, so they are what is judged. */
export function unreadModel(log: StreamLog): UnreadModel {
  let ordinal = 0;
  return modelOf(log, (row) => {
    if (row.ordinal === undefined) return false;
    // What a redacted row was, only its ordinal still says: one that does not count has that of the last that did (CNT1).
    const countable = row.countable ?? row.ordinal > ordinal;
    ordinal = Math.max(ordinal, row.ordinal);
    return countable;
  });
}

/** The replies of a thread, which counts for itself. @param thread the message that it began with */
export function threadModel(log: StreamLog, thread: number): UnreadModel {
  return modelOf(log, (row) => row.thread === thread && row.thread_countable === true);
}

/** @param counts asked of the messages in ascending order */
function modelOf(log: StreamLog, counts: (row: LogRow) => boolean): UnreadModel {
  const all: number[] = [];
  const byActor = new Map<string, number[]>();
  const redacted: Redacted[] = [];
  const tombstones = tombstonesOf(log.rows);
  for (const row of log.rows) {
    if (row.type !== 'message.created' || !counts(row)) continue;
    all.push(row.seq);
    const own = byActor.get(row.actor);
    if (own === undefined) byActor.set(row.actor, [row.seq]);
    else own.push(row.seq);
    if (row.redacted) redacted.push({ seq: row.seq, actor: row.actor, bySeq: tombstones.get(row.seq) });
  }
  return {
    count(user, markSeq, atSeq) {
      const others = within(all, markSeq, atSeq) - within(byActor.get(user) ?? [], markSeq, atSeq);
      const gone = redactedOf(redacted, user, markSeq, atSeq);
      const to = Math.max(0, others - Math.min(REDACTED_MAX, gone.sure));
      return { from: Math.min(UNREAD_MAX, Math.max(0, to - gone.unsure)), to: Math.min(UNREAD_MAX, to) };
    },
  };
}

function redactedOf(redacted: readonly Redacted[], user: string, markSeq: number, atSeq: number): { sure: number; unsure: number } {
  let sure = 0;
  let unsure = 0;
  for (const message of redacted) {
    if (message.seq <= markSeq || message.seq > atSeq || message.actor === user) continue;
    if (message.bySeq !== undefined && message.bySeq <= atSeq) sure += 1;
    // Either nothing says when it was redacted, or an erasure has since taken the name of an actor who may be the user.
    else if (message.bySeq === undefined || message.actor === '') unsure += 1;
  }
  return { sure, unsure };
}

/** By message: the fact with which it was deleted, or disappeared because its time had come. */
function tombstonesOf(rows: readonly LogRow[]): Map<number, number> {
  const found = new Map<number, number>();
  for (const row of rows) if (isTombstone(row) && !found.has(row.target_seq)) found.set(row.target_seq, row.seq);
  return found;
}

/** How many of the ascending seqs lie above `after`, up to and with `to`. */
function within(seqs: readonly number[], after: number, to: number): number {
  return Math.max(0, rank(seqs, to) - rank(seqs, after));
}

function rank(seqs: readonly number[], seq: number): number {
  let low = 0;
  let high = seqs.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((seqs[middle] as number) <= seq) low = middle + 1;
    else high = middle;
  }
  return low;
}
