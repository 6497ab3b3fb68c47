/** What is measured: server programs that are started in the same way and spoken to in the same way. */
import type { Places } from './services.js';

export const subjectNames = ['talaria', 'talaria-search', 'talaria-postgres', 'talaria-cluster', 'raw-uws', 'socketio', 'socketio-csr', 'socketio-sqlite', 'socketio-postgres', 'socketio-marks', 'socketio-presence', 'sqlite-rows', 'jetstream'] as const;
export type SubjectName = (typeof subjectNames)[number];

/** What a server process is asked to prepare before clients come. */
export interface Stage {
  /** Who will connect. */
  readonly clients: number;
  /** How many of them send. Senders follow nothing. */
  readonly senders: number;
  /** Rooms, each with the numbers of the clients that follow it. Rooms of `senders` take the senders as well. */
  readonly rooms: readonly (readonly number[])[];
  /** Stored before clients come, each room in turn, by subjects that the load program cannot fill. */
  readonly messages?: number;
}

/** Where clients connect, as plain data for the load program. */
export interface Target {
  readonly subject: SubjectName;
  /** One a node; clients are dealt out over them. */
  readonly ports: readonly number[];
  /** By client number; empty where there are no credentials. */
  readonly tokens: readonly string[];
  /** Ids by client number; empty where the server does not know who somebody is. */
  readonly users: readonly string[];
  /** By room number. */
  readonly rooms: readonly string[];
  /** Rooms by client number. */
  readonly follows: readonly (readonly number[])[];
  /** Of the app; empty where there is none. */
  readonly app: string;
}

/** The node's port that a client goes to. */
export const portOf = ({ ports }: Target, client: number): number => ports[client % ports.length]!;

/** What outlives a server process. */
export interface Home {
  /** For its data. */
  readonly directory: string;
  readonly port: number;
  /** URLs of what runs beside it; only of what the subject needs. */
  readonly services: Places;
}

/** What the parent says to a server process. */
export type SubjectOrder =
  /** The directory is empty. */
  | { readonly kind: 'prepare'; readonly stage: Stage; readonly home: Home }
  /** With what an earlier process, which may have been killed, has left. */
  | { readonly kind: 'start_again'; readonly target: Target; readonly home: Home }
  | { readonly kind: 'collect_garbage' }
  | { readonly kind: 'stop' };
/** What it answers. */
export type SubjectAnswer =
  /** The pid is of the process that serves: the one that answers, or one that it has started. */
  | { readonly kind: 'ready'; readonly target: Target; readonly started: Started; readonly pid: number }
  | { readonly kind: 'collected' };

export interface Started {
  /** From the call that starts the server until it is ready, without its process; 0 where nobody asks. */
  readonly start_ms: number;
  /** When it was ready, by `wallMs`. */
  readonly ready_at_ms: number;
}

/** Messages of one page of history. */
export const PAGE_ITEMS = 50;

/** Text of every message: its time and its number at its head, then padding, 180 bytes together. */
export const TEXT_BYTES = 180;
export const TIME_MARK = '@t';
const TIME_DIGITS = 16;
const NUMBER_DIGITS = 8;
const HEAD_BYTES = TIME_MARK.length + TIME_DIGITS + NUMBER_DIGITS;

/** @param nowUs microseconds of a clock that the reader shares */
export function stampedText(nowUs: number, number = 0): string {
  const head = `${TIME_MARK}${Math.floor(nowUs).toString().padStart(TIME_DIGITS, '0')}${number.toString().padStart(NUMBER_DIGITS, '0')}`;
  return head.padEnd(TEXT_BYTES, 'x');
}

/** The time in an encoded message, wherever it stands in there; undefined when there is none. */
export function stampOf(bytes: Buffer): number | undefined {
  const at = bytes.indexOf(TIME_MARK);
  return at < 0 ? undefined : Number(bytes.toString('latin1', at + TIME_MARK.length, at + TIME_MARK.length + TIME_DIGITS));
}

/** Calls back with the number and the time of each message in a frame: a server may put several into one. */
export function eachMessage(bytes: Buffer, take: (number: number, timeUs: number) => void): void {
  for (let at = bytes.indexOf(TIME_MARK); at >= 0; at = bytes.indexOf(TIME_MARK, at + HEAD_BYTES)) {
    const from = at + TIME_MARK.length;
    const middle = from + TIME_DIGITS;
    take(Number(bytes.toString('latin1', middle, middle + NUMBER_DIGITS)), Number(bytes.toString('latin1', from, middle)));
  }
}
