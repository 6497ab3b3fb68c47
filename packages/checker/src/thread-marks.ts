import type { LogRow, StreamLog } from './streams.js';

/** Which thread, of whose reading, when. */
export interface ThreadReading {
  readonly user: string;
  readonly thread: number;
  readonly at_seq: number;
  /** The user's own stream had come at least so far; undefined when nobody says. */
  readonly own_seq?: number | undefined;
}

/**
 * Up to where a user may have read a thread (CNT2). Their own stream says it, and every own reply has read what was there before.
 *
 * @param log of the conversation @param own the user's own stream
 * @returns undefined when the history cannot tell: the thread was not followed, or what said so is gone
 */
export function readMarksOf(log: StreamLog, own: StreamLog | undefined, { user, thread, at_seq: atSeq, own_seq: ownSeq = 0 }: ThreadReading): readonly number[] | undefined {
  if (own === undefined || own.knownFrom > 1) return undefined;
  const replied = log.rows.findLast((row) => row.thread === thread && row.actor === user && row.type === 'message.created' && row.seq <= atSeq)?.seq ?? 0;
  let mark: number | undefined;
  let found: (number | undefined)[] = [mark];
  for (const row of own.rows) {
    if (row.conversation !== log.stream || row.thread !== thread) continue;
    mark = after(mark, row);
    // What the stream said before it came so far has been replaced.
    if (row.seq <= ownSeq) found = [];
    found.push(mark);
  }
  const marks = found.filter((one) => one !== undefined).map((one) => Math.max(one, replied));
  return marks.length === 0 ? undefined : [...new Set(marks)];
}

function after(mark: number | undefined, { type, mark_seq: seq = 0 }: LogRow): number | undefined {
  if (type === 'thread.unfollowed') return undefined;
  return type === 'thread.followed' ? seq : Math.max(mark ?? 0, seq);
}
