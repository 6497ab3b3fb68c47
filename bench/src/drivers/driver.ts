/** How the load program speaks to a subject: the same WebSocket client for all, the subject's own frames inside. */
import type { Target } from '../subject.js';

export interface Link {
  /** Sends a message; `acked` is called with this number when the server has answered it. */
  send(id: number, room: number, text: string): void;
  acked: ((id: number) => void) | undefined;
  /** Called with each message of a room that is followed, encoded as it came. */
  delivered: ((bytes: Buffer) => void) | undefined;
  close(): void;
}

export interface Driver {
  /** Connects a client of the target. Resolves when it follows what it is to follow. */
  connect(target: Target, client: number): Promise<Link>;
}
