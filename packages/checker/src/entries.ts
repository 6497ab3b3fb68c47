/**
 * The lines of a history. A history is a directory: one file `<client>.ndjson` for each client of a run,
 * and `log.ndjson`, the server's whole log as it stood at the end. One JSON object a line, told apart by `k`.
 */

/** First line of a client's file, and again after each restart. One file is one client of one user. */
export interface ClientEntry {
  k: 'client';
  client: string;
  app: string;
  /** `u_…`, or empty for a backend. */
  user: string;
  outbox: string;
}

/** A command was given to the client. A second `invoke` of a `client_id` is a retry of the same command. */
export interface InvokeEntry {
  k: 'invoke';
  client_id: string;
  /** `message.send`, `member.add`, …; or the id of an operation, such as `reactions.add`. */
  op: string;
  /** Empty when the command makes its stream. */
  stream: string;
  /** Empty when the command promises no order among its like (HTTP, SND4). */
  outbox: string;
  /** SHA-256, in hex, of the canonical content. */
  body?: string | undefined;
}

/** The command is committed (SND1). */
export interface AckEntry {
  k: 'ack';
  client_id: string;
  /** Whose seq it is: of what waits (VIS3), or concerns its user alone, the user's own stream. */
  stream: string;
  seq: number;
  /** Empty where the answer does not name the event: its place does. */
  event_id: string;
  duplicate: boolean;
}

/** The command is finally refused (SND5). Retryable refusals are not recorded. */
export interface FailEntry {
  k: 'fail';
  client_id: string;
  code: string;
}

/** The connection was lost before the answer; a later ack or fail of the same `client_id` resolves it. */
export interface UnknownEntry {
  k: 'unknown';
  client_id: string;
  reason: string;
}

/**
 * A callback begins to observe a stream, after `after_seq`. The name stands for one cursor: a second
 * `observe` under the same name goes on with the same walk (ORD2), so that a cursor which skipped a fact
 * across a restart is a gap. A subscription that owns no cursor takes a new name each time it begins.
 */
export interface ObserveEntry {
  k: 'observe';
  observer: string;
  stream: string;
  after_seq: number;
}

/** The callback saw a fact. */
export interface FactEntry {
  k: 'fact';
  observer: string;
  stream: string;
  seq: number;
  event_id: string;
  type: string;
  client_id: string;
  actor: string;
  target_seq?: number | undefined;
  redacted?: boolean | undefined;
  body?: string | undefined;
}

/** Why facts may be withheld (VIS1), or skipped by the client's own choice (RES3). */
export type RangeCause = 'membership' | 'retention' | 'truncated' | 'skipped';

/** A range, both ends included, that the observer was told it does not get (ORD1). */
export interface RangeEntry {
  k: 'range';
  observer: string;
  stream: string;
  from_seq: number;
  to_seq: number;
  cause: RangeCause;
}

/** At the end of the run: the observer had drained its stream up to `seq`. */
export interface EndEntry {
  k: 'end';
  observer: string;
  stream: string;
  seq: number;
}

/** The client's own process died and began anew. */
export interface RestartEntry {
  k: 'restart';
}

/** The marks of a user in a conversation, as this client learned of them. */
export interface MarkEntry {
  k: 'mark';
  stream: string;
  user: string;
  delivered_seq: number;
  read_seq: number;
}

/** An unread count that this client read, with the head it was computed at. */
export interface UnreadEntry {
  k: 'unread';
  stream: string;
  user: string;
  count: number;
  at_seq: number;
  /** Of a thread: the seq of the message that it began with. */
  thread?: number | undefined;
  /** Of a thread: the user's own stream, which says how far it is read, had come at least so far. */
  own_seq?: number | undefined;
}

/** A fault was injected while `in_flight` commands were not acked. */
export interface FaultEntry {
  k: 'fault';
  name: string;
  in_flight: number;
}

/** Declares a body hash that belongs to one app only. Allowed in every file. */
export interface CanaryEntry {
  k: 'canary';
  app: string;
  text_hash: string;
}

/** Whether a member sees what came before the join (ISO2). */
export type HistoryPolicy = 'from_join' | 'all';

/** A row of the server's log; only in `log.ndjson`. */
export interface LogEntry {
  k: 'log';
  app: string;
  stream: string;
  seq: number;
  event_id: string;
  type: string;
  /** Empty when the server made the fact by itself. */
  client_id: string;
  /** Empty for a backend, and after an erasure. */
  actor: string;
  /** 0 when the fact is about no other. */
  target_seq: number;
  redacted: boolean;
  time_ms: number;
  body?: string | undefined;
  /** The subject of `member.joined` and `member.left`. */
  user?: string | undefined;
  role?: string | undefined;
  ordinal?: number | undefined;
  sender_ordinal?: number | undefined;
  /** On `message.created`: whether it counts as unread (CNT1). Left out where nobody can tell any more. */
  countable?: boolean | undefined;
  /** Of a reply, and of what a user's own stream says of a thread: the message that the thread began with. */
  thread?: number | undefined;
  /** Of a reply: whether it counts in its thread (CNT2). */
  thread_countable?: boolean | undefined;
  /** On rows of a user's own stream: the conversation that they are about. */
  conversation?: string | undefined;
  /** On `thread.followed` and `thread.read`: up to where the thread is read; on `conversation.unread_set`: from where on it is not (CNT3). */
  mark_seq?: number | undefined;
  /** On `conversation.created`, and on `conversation.updated` when it changed. */
  history?: HistoryPolicy | undefined;
}

/** The first seq that retention has kept (VIS5): rows below it may be absent. Only in `log.ndjson`. */
export interface FloorEntry {
  k: 'floor';
  stream: string;
  floor_seq: number;
}

/** Every line of a history, without the fields that the writer and the reader add. */
export type Entry =
  | ClientEntry | InvokeEntry | AckEntry | FailEntry | UnknownEntry
  | ObserveEntry | FactEntry | RangeEntry | EndEntry | RestartEntry
  | MarkEntry | UnreadEntry | FaultEntry | CanaryEntry
  | LogEntry | FloorEntry;

/** The name of a kind of line. */
export type EntryKind = Entry['k'];

/** The kind of line called `K`. */
export type EntryOf<K extends EntryKind> = Extract<Entry, { k: K }>;

/**
 * A line as it stands in a file. `at` is in milliseconds with a fraction, from a clock that all clients of
 * the run share and that never goes back (H6 compares it between files).
 */
export type Stamped<E extends Entry = Entry> = E & { at: number };

/** A line as it was read, with its number in its file. */
export type Recorded<E extends Entry = Entry> = Stamped<E> & { line: number };
