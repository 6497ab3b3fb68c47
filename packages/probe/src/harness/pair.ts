/** A proxied connection: the client's socket, the server's, and what passes between them. */
import type { Socket } from 'node:net';
import { Flow, type Valve } from './flow.js';

export class Pair {
  private readonly up: Flow;
  private readonly down: Flow;
  /** Whether the end of one side is the end of the other. */
  private linked = true;

  /** @param ended is called when neither side is left */
  constructor(private readonly client: Socket, private readonly server: Socket, ended: () => void) {
    this.up = new Flow(client, server);
    this.down = new Flow(server, client);
    for (const [socket, other] of [[client, server], [server, client]] as const) {
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        if (this.linked) other.destroy();
        if (other.destroyed) ended();
      });
      socket.on('end', () => {
        if (this.linked) other.destroy();
      });
    }
  }

  /** Bytes of the client that have not gone on. */
  get kept(): number {
    return this.up.kept;
  }

  /** Whether the client's side is gone, and the server's is not. */
  get orphaned(): boolean {
    return this.client.destroyed && !this.server.destroyed;
  }

  set(valves: { readonly up?: Valve | undefined; readonly down?: Valve | undefined }): void {
    if (valves.up) this.up.set(valves.up);
    if (valves.down) this.down.set(valves.down);
  }

  cut(): void {
    this.client.destroy();
    this.server.destroy();
  }

  /** Ends both sides with a reset. */
  reset(): void {
    for (const socket of [this.client, this.server]) {
      // In Node 20 a socket that is shutting down and is reset stays open, and spins.
      if (socket.writable && !socket.writableEnded && !socket.connecting) socket.resetAndDestroy();
      else socket.destroy();
    }
  }

  /** As a pulled cable: nothing passes any more, and nobody is told, not even when one side ends. */
  sever(): void {
    this.linked = false;
    this.set({ up: { kind: 'swallow', after_bytes: 0 }, down: { kind: 'swallow', after_bytes: 0 } });
  }

  /** Cuts the client's side only. What it sent may still be kept here, on its way to the server. */
  orphan(): void {
    this.linked = false;
    this.down.set({ kind: 'swallow', after_bytes: 0 });
    this.client.destroy();
  }
}
