/** How the load program speaks to a subject: the same WebSocket client for all, the subject's own frames inside. */
import type { Target } from '../subject.js';

/** A page of history: how many messages, and the numbers of the oldest and of the newest of them. */
export interface Page {
  readonly items: number;
  readonly first: number;
  readonly last: number;
}

export interface Link {
  /** Sends a message; `acked` is called with this number when the server has answered it. */
  send(id: number, room: number, text: string): void;
  acked: ((id: number) => void) | undefined;
  /** Called with each message of a room that is followed, encoded as it came. */
  delivered: ((bytes: Buffer) => void) | undefined;
  /** Asks for the newest messages of a room, or those before one; `paged` is called with this number and the page. */
  readonly page?: (id: number, room: number, before: number | undefined) => void;
  paged?: (id: number, page: Page) => void;
  close(): void;
}

export interface Driver {
  /** Connects a client of the target. Resolves when it follows what it is to follow. */
  connect(target: Target, client: number): Promise<Link>;
}
