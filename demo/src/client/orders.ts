/** What the demo and its client processes tell each other. */
import type { Piece } from '../pieces.js';

/** Where a client connects, what it does, and where it writes. */
export interface ClientSetup {
  readonly name: string;
  readonly url: string;
  readonly appId: string;
  readonly publicKey: string;
  readonly userId: string;
  readonly token: string;
  readonly conversation: string;
  readonly historyDir: string;
  /** The outbox and the cursors. */
  readonly storeFile: string;
  /** What this client sends, as far as it is allowed. */
  readonly pieces: readonly Piece[];
  readonly paceMs: number;
  /** Text of the other app, which must never come here. */
  readonly foreignText: string;
}

export type Order =
  | { readonly kind: 'start'; readonly setup: ClientSetup }
  /** Send up to this many pieces. */
  | { readonly kind: 'allow'; readonly pieces: number }
  /** Send this text, which belongs to this app only. */
  | { readonly kind: 'say'; readonly text: string }
  | { readonly kind: 'ask'; readonly id: number }
  /** The run is over: see everything up to the head, then tell. */
  | { readonly kind: 'finish'; readonly headSeq: number };

export interface ClientState {
  readonly connected: boolean;
  /** Pieces that were given to the SDK. */
  readonly sent: number;
  /** Commands whose answer has not come. */
  readonly unacked: readonly string[];
  readonly acked: number;
  /** Commands that were answered as duplicates. */
  readonly duplicates: readonly string[];
  readonly received: number;
  readonly lostConnections: number;
}

export interface ClientEnd {
  /** What the others sent of the file, as it came. */
  readonly received: readonly { readonly sender: string; readonly text: string }[];
  readonly lastFact: { readonly seq: number; readonly type: string } | undefined;
  /** From the user's own stream: the last fact of the conversation that the user may see. */
  readonly removedAtSeq: number | undefined;
  /** Facts that held the other app's text. */
  readonly foreign: number;
  readonly problem: string | undefined;
}

export type Report =
  | { readonly kind: 'ready' }
  | { readonly kind: 'progress'; readonly state: ClientState }
  | { readonly kind: 'state'; readonly id: number; readonly state: ClientState }
  | { readonly kind: 'finished'; readonly end: ClientEnd }
  | { readonly kind: 'failed'; readonly message: string };
