import { createHash } from 'node:crypto';
import type { HistoryPolicy, LogEntry } from '../src/index.js';

/** What a command would write. */
export interface Draft {
  type: string;
  client_id: string;
  actor: string;
  target_seq?: number;
  body?: string;
  user?: string;
  countable?: boolean;
  history?: HistoryPolicy;
  /** Of a reply: the message that its thread began with. */
  thread?: number;
  /** Of a row of a user's own stream. */
  conversation?: string;
  mark_seq?: number;
}

/** A user's read mark, with the ordinals that CNT1 keeps on it. */
export interface ModelMark {
  read_seq: number;
  ordinal: number;
  senderOrdinal: number;
}

/** One stream of the model server, counted by ordinals as the server does, unlike the checker's model. */
export interface ModelStream {
  readonly app: string;
  readonly stream: string;
  readonly rows: LogEntry[];
  readonly stays: Map<string, { from: number; to: number }[]>;
  readonly senders: Map<string, number>;
  readonly marks: Map<string, ModelMark>;
  /** From where on a user shows it as unread (CNT3). */
  readonly unreadFrom: Map<string, ModelMark>;
  /** Ordinals of threads, by the message that they began with (CNT2). */
  readonly threads: Map<number, number>;
  /** How far followers have read a thread, by `user thread`. */
  readonly follows: Map<string, { read_seq: number; ordinal: number }>;
  ordinal: number;
  policy: HistoryPolicy;
  floor: number;
}

export const hashOf = (content: string): string => createHash('sha256').update(content).digest('hex');

export function modelStream(app: string, stream: string, policy: HistoryPolicy): ModelStream {
  return { app, stream, rows: [], stays: new Map(), senders: new Map(), marks: new Map(), unreadFrom: new Map(), threads: new Map(), follows: new Map(), ordinal: 0, policy, floor: 1 };
}

export const headOf = (log: ModelStream): number => log.rows.length;

export function isMember(log: ModelStream, user: string): boolean {
  return log.stays.get(user)?.at(-1)?.to === Number.POSITIVE_INFINITY;
}

/** Appends one fact, and keeps what follows from it: members, ordinals, policy. */
export function append(log: ModelStream, draft: Draft): LogEntry {
  const seq = log.rows.length + 1;
  const { countable, target_seq = 0, ...rest } = draft;
  const row: LogEntry = { k: 'log', app: log.app, stream: log.stream, seq, event_id: `e_${log.stream}_${seq}`, target_seq, redacted: false, time_ms: 1_700_000_000_000 + seq, ...rest };
  if (draft.type === 'message.created') row.countable = countable === true;
  if (draft.type === 'message.created' && draft.thread !== undefined) reply(log, row, draft.thread);
  if (countable === true) {
    row.ordinal = log.ordinal += 1;
    row.sender_ordinal = (log.senders.get(draft.actor) ?? 0) + 1;
    log.senders.set(draft.actor, row.sender_ordinal);
  }
  log.rows.push(row);
  if (draft.history !== undefined) log.policy = draft.history;
  if (draft.user !== undefined && draft.type === 'member.joined') join(log, draft.user, seq);
  if (draft.user !== undefined && draft.type === 'member.left') Object.assign(log.stays.get(draft.user)?.at(-1) ?? {}, { to: seq });
  return row;
}

/** Redacts a message and all facts about it, in the transaction that appends the deletion (VIS4). */
export function redact(log: ModelStream, seq: number, draft: Draft): LogEntry {
  const deletion = append(log, { ...draft, target_seq: seq });
  for (const row of log.rows) {
    if (row.seq !== seq && (row.target_seq !== seq || row === deletion)) continue;
    row.redacted = true;
    delete row.body;
    // What a reply was is still to be seen.
    if (row.thread === undefined) delete row.countable;
  }
  return deletion;
}

/** What a user may see, asked at this moment. */
export function maySee(log: ModelStream, user: string, seq: number): boolean {
  if (log.stream.startsWith('u_')) return log.stream === user;
  const stays = log.stays.get(user) ?? [];
  if (stays.some(({ from, to }) => seq >= from && seq <= to)) return true;
  return log.policy === 'all' && seq <= (stays.at(-1)?.to ?? 0);
}

export function mark(log: ModelStream, user: string, seq: number): ModelMark {
  if (seq > (log.unreadFrom.get(user)?.read_seq ?? seq)) log.unreadFrom.delete(user);
  const old = markOf(log, user);
  if (seq > old.read_seq) log.marks.set(user, markAt(log, user, seq));
  return markOf(log, user);
}

/** CNT2, in the server's own way: differences of ordinals, less what was redacted. */
export function unreadOf(log: ModelStream, user: string): number {
  const read = markOf(log, user);
  const shown = log.unreadFrom.get(user);
  const old = shown === undefined || shown.read_seq > read.read_seq ? read : shown;
  const redacted = log.rows.filter((row) => row.ordinal !== undefined && row.redacted && row.actor !== user && row.seq > old.read_seq);
  return log.ordinal - old.ordinal - ((log.senders.get(user) ?? 0) - old.senderOrdinal) - redacted.length;
}

export function markOf(log: ModelStream, user: string): ModelMark {
  return log.marks.get(user) ?? { read_seq: 0, ordinal: 0, senderOrdinal: 0 };
}

/** CNT3: the mark stays, and what lies behind a place counts again. */
export function markUnread(log: ModelStream, user: string, from: number): number {
  const at = Math.max(from, (log.stays.get(user)?.at(-1)?.from ?? 0) + 1);
  log.unreadFrom.set(user, markAt(log, user, at - 1));
  return at;
}

/** What is unread of a thread that the user follows; by its own ordinals. */
export function unreadRepliesOf(log: ModelStream, user: string, thread: number): number | undefined {
  const follow = log.follows.get(`${user} ${thread}`);
  if (follow === undefined) return undefined;
  const redacted = log.rows.filter((row) => row.thread === thread && row.thread_countable === true && row.redacted && row.actor !== user && row.seq > follow.read_seq);
  return (log.threads.get(thread) ?? 0) - follow.ordinal - redacted.length;
}

/** Reads a thread up to its end: when it is followed, by replying, and when the user says so. */
export function readThread(log: ModelStream, user: string, thread: number): number {
  const last = log.rows.findLast((row) => row.thread === thread)?.seq ?? 0;
  log.follows.set(`${user} ${thread}`, { read_seq: last, ordinal: log.threads.get(thread) ?? 0 });
  return last;
}

function reply(log: ModelStream, row: LogEntry, thread: number): void {
  row.thread_countable = row.actor !== '';
  if (row.thread_countable) log.threads.set(thread, (log.threads.get(thread) ?? 0) + 1);
}

function join(log: ModelStream, user: string, seq: number): void {
  log.stays.set(user, [...(log.stays.get(user) ?? []), { from: seq, to: Number.POSITIVE_INFINITY }]);
  // Who joins has read what came before.
  log.marks.set(user, markAt(log, user, seq));
  log.unreadFrom.delete(user);
}

function markAt(log: ModelStream, user: string, seq: number): ModelMark {
  const until = log.rows.slice(0, seq);
  const last = (rows: LogEntry[], field: 'ordinal' | 'sender_ordinal'): number => rows.findLast((row) => row[field] !== undefined)?.[field] ?? 0;
  return { read_seq: seq, ordinal: last(until, 'ordinal'), senderOrdinal: last(until.filter((row) => row.actor === user), 'sender_ordinal') };
}
