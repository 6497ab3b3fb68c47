/** What is measured: server programs that are started in the same way and spoken to in the same way. */

export const subjectNames = ['talaria', 'raw-uws', 'socketio', 'socketio-csr', 'socketio-sqlite'] as const;
export type SubjectName = (typeof subjectNames)[number];

/** What a server process is asked to prepare before clients come. */
export interface Stage {
  /** Who will connect. */
  readonly clients: number;
  /** How many of them send. Senders follow nothing. */
  readonly senders: number;
  /** Rooms, each with the numbers of the clients that follow it. Rooms of `senders` take the senders as well. */
  readonly rooms: readonly (readonly number[])[];
}

/** Where clients connect, as plain data for the load program. */
export interface Target {
  readonly subject: SubjectName;
  readonly port: number;
  /** By client number; empty where there are no credentials. */
  readonly tokens: readonly string[];
  /** By room number. */
  readonly rooms: readonly string[];
  /** Rooms by client number. */
  readonly follows: readonly (readonly number[])[];
  /** Of the app; empty where there is none. */
  readonly app: string;
}

/** What the parent says to a server process. */
export type SubjectOrder =
  /** The directory is empty; it outlives the process. */
  | { readonly kind: 'prepare'; readonly stage: Stage; readonly directory: string }
  /** With what an earlier process has left in the directory. */
  | { readonly kind: 'start_again'; readonly target: Target; readonly directory: string }
  | { readonly kind: 'collect_garbage' }
  | { readonly kind: 'stop' };
/** What it answers. */
export type SubjectAnswer = { readonly kind: 'ready'; readonly target: Target; readonly start_ms: number } | { readonly kind: 'collected' };

/** Messages of one page of history. */
export const PAGE_ITEMS = 50;

/** Text of every message: the time at its head, then padding, 180 bytes together. */
export const TEXT_BYTES = 180;
export const TIME_MARK = '@t';
const TIME_DIGITS = 16;

/** @param nowUs microseconds of a clock that the reader shares */
export function stampedText(nowUs: number): string {
  const head = `${TIME_MARK}${Math.floor(nowUs).toString().padStart(TIME_DIGITS, '0')}`;
  return head.padEnd(TEXT_BYTES, 'x');
}

/** The time in an encoded message, wherever it stands in there; undefined when there is none. */
export function stampOf(bytes: Buffer): number | undefined {
  const at = bytes.indexOf(TIME_MARK);
  return at < 0 ? undefined : Number(bytes.toString('latin1', at + TIME_MARK.length, at + TIME_MARK.length + TIME_DIGITS));
}
