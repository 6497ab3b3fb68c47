/** How the load program speaks to a subject: the same WebSocket client for all, the subject's own frames inside. */
import type { Target } from '../subject.js';

/** A page of history: how many messages, and the numbers of the oldest and of the newest of them. */
export interface Page {
  readonly items: number;
  readonly first: number;
  readonly last: number;
}

export interface Link {
  /** Sends a message; `acked` is called with this number when the server has answered it. The same number again is the same message again. */
  send(id: number, room: number, text: string): void;
  acked: ((id: number) => void) | undefined;
  /** Called with each message of a room that is followed, encoded as it came. The bytes are good until it returns. */
  delivered: ((bytes: Buffer) => void) | undefined;
  /** Asks for the newest messages of a room, or those before one; `paged` is called with this number and the page. */
  readonly page?: (id: number, room: number, before: number | undefined) => void;
  paged?: (id: number, page: Page) => void;
  /** Says up to where a room is read. */
  readonly mark?: (room: number, seq: number) => void;
  /** Called with the size of each frame that tells how far somebody has read in a room that is followed. */
  marked?: (bytes: number) => void;
  /** Called when the server has greeted a connection, before what was missed comes. */
  greeted: (() => void) | undefined;
  /** Called when the connection has ended by itself. */
  lost: (() => void) | undefined;
  /** Ends the connection abruptly. */
  cut(): void;
  /** Connects; once more, and it goes on from where it was, as far as the subject can. Resolves when it follows what it is to follow. */
  connect(): Promise<void>;
}

/** Makes a client of the target that is not connected yet. */
export type Driver = (target: Target, client: number) => Link;
