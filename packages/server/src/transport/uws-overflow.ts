/** What can be ended at once. */
export interface Terminable {
  terminate(): void;
}

/**
 * Sockets whose buffer is over the bound, and which therefore have lost a frame. They must not get a later one, but the
 * library says so while it walks through its own lists, where closing a socket would free what it holds. So they are
 * remembered, and ended before and after everything that could give them another frame.
 */
export class Overflow {
  #sockets: Terminable[] = [];

  add(socket: Terminable): void {
    this.#sockets.push(socket);
    // The library may have met the bound by itself, at the end of a turn, with no call of ours to follow.
    if (this.#sockets.length === 1) setImmediate(() => this.end());
  }

  end(): void {
    if (this.#sockets.length === 0) return;
    const sockets = this.#sockets;
    this.#sockets = [];
    for (const socket of sockets) socket.terminate();
  }
}
