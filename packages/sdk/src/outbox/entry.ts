import type { Deferred } from '../deferred.js';
import type { TalariaError } from '../errors.js';

/** What a command does, as it is kept and sent. `stream` is its conversation; empty for one that makes a conversation. */
export type OutboxCommand =
  | { readonly kind: 'send'; readonly clientId: string; readonly stream: string; readonly text: string; readonly data: string; readonly silent: boolean }
  | { readonly kind: 'call'; readonly clientId: string; readonly stream: string; readonly op: string; readonly json: string };

/** As the store keeps it. */
export type StoredCommand = OutboxCommand & {
  /** Finally, and the app may not have been told. */
  readonly refused?: Pick<TalariaError, 'code' | 'message' | 'remediation'>;
};

/** The place in the log that a command was given. */
export interface Committed {
  /** Of what the command made or changed; empty for a message that is held. */
  readonly id: string;
  readonly conversationId: string;
  /** 0 for a message that is held: it has no place in the conversation until it is approved (SND1). */
  readonly seq: number;
  readonly timeMs: number;
  /** The server had executed it before: an earlier answer was lost. */
  readonly duplicate: boolean;
  /** Set when the message waits for approval. */
  readonly held: { readonly id: string; readonly reason: string } | undefined;
}

/** With the whole answer of the operation, of a command that is one. */
export type Answered = Committed & { readonly output?: unknown };

/** A command that was not executed yet. */
export interface PendingCommand {
  readonly command: OutboxCommand;
  /** Finally; it is sent again only when the app says so. */
  readonly refused: boolean;
  /** As `add` gave it: of one that is sent again, what came of it the first time. */
  readonly committed: Promise<Answered>;
}

export type EntryState =
  /** Waits for the store: to be loaded, or to have written it. */
  | { readonly kind: 'storing' }
  /** Waits to be sent. */
  | { readonly kind: 'queued' }
  /** Sent; the answer has not come. */
  | { readonly kind: 'in_flight' }
  /** Waits for the store to have forgotten it. */
  | { readonly kind: 'given_up' };

export interface OutboxEntry {
  /** Ascends in the order in which the app called (SND4); 0 until what is stored has been loaded. */
  order: number;
  readonly command: OutboxCommand;
  state: EntryState;
  readonly queued: Deferred<void>;
  readonly committed: Deferred<Answered>;
}
