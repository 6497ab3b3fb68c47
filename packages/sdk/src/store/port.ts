import type { TalariaError } from '../errors.js';
import type { Answered } from '../outbox/entry.js';

/** The parts of a store: what waits to be sent, how far consumers are, and what the client knows of itself. */
export type StoreTable = 'outbox' | 'cursors' | 'meta';

/** One change of a table. */
export interface StoreChange {
  readonly table: StoreTable;
  readonly key: string;
  /** null deletes. */
  readonly value: string | null;
}

/**
 * Where the outbox and the cursors are kept. A store belongs to one user of one app on one device.
 *
 * - `write` is atomic, and resolves when what it wrote survives the end of the process (SND7).
 * - Writes are applied in the order of the calls.
 * - Values are texts of at most 128 KiB in UTF-8: the largest is a command of the outbox, with its text, its data and the escapes
 *   of both; the outbox takes none that is larger.
 */
export interface Store {
  /** Everything of a table, ascending by key. */
  load(table: StoreTable): Promise<readonly (readonly [key: string, value: string])[]>;
  write(changes: readonly StoreChange[]): Promise<void>;
  close(): Promise<void>;
  /** Of a store that several clients have open at once, as the tabs of a browser do. */
  readonly shared?: SharedStore | undefined;
}

/** What a client does beside the other clients of its store (SND8). */
export interface SharedStore {
  /** Adds a value to the outbox, behind all that is there. @returns its place, which ascends */
  append(value: string): Promise<number>;
  /** From now on the outbox holds what all clients have put into the store, and its turn comes to send that. */
  join(outbox: SharedOutbox): void;
  /** The server, or the outbox itself, has answered a command of this client's outbox. */
  settled(clientId: string, answer: Answered | TalariaError): void;
  /** Asks whoever sends to give a command up. @returns whether nobody has sent it, nor will */
  giveUp(clientId: string): Promise<boolean>;
  /**
   * Stands for a part that one client has at a time.
   *
   * @param begin called when this client has it @param end called when it has it no more
   * @returns how to stand no more; resolves when it is known whether this client has it
   */
  stand(part: string, begin: () => Promise<void>, end: () => void): Promise<() => void>;
}

/** The outbox of a client, as its store changes it in the name of the others. */
export interface SharedOutbox {
  /** Whether this client sends what the outbox holds. */
  lead(leads: boolean): void;
  /** What another client has put there. @param value as `append` was given it */
  adopt(order: number, value: string): void;
  /** What was answered to another client. `aborted`: it was given up. */
  settle(clientId: string, answer: Answered | TalariaError): void;
  /** Gives a command up that is not on its way. @returns whether it could be */
  abandon(clientId: string): Promise<boolean>;
}
