import type { Ledger } from './ledger.js';

interface Behind {
  /** The first message that it may have missed. */
  readonly from: number;
  /** Known when it has come back: the last one that was acked by then. */
  readonly back?: { readonly to: number; readonly sinceMs: number };
}

/** Clients that were away and do not have yet what was acked by the time of their return. */
export class CatchUp {
  private readonly behind = new Map<number, Behind>();

  /** @param done called with the number of messages that were missed, and the time from the greeting until the last of them was there */
  constructor(private readonly ledger: Ledger, private readonly done: (client: number, missed: number, tookMs: number) => void) {}

  away(client: number): void {
    this.behind.set(client, { from: this.ledger.last(client) + 1 });
  }

  /** @param acked the last message that the server has answered for */
  greeted(client: number, acked: number): void {
    const behind = this.behind.get(client);
    if (!behind) return;
    this.behind.set(client, { from: behind.from, back: { to: acked, sinceMs: performance.now() } });
    // A server may send what was missed before it greets.
    this.came(client, this.ledger.last(client));
  }

  /** A message came. Behind a later one nothing of what is missing will come: such a client is not counted. */
  came(client: number, number: number): void {
    const { from, back } = this.behind.get(client) ?? {};
    if (from === undefined || !back || number < back.to) return;
    this.behind.delete(client);
    if (this.ledger.hasAll(client, from, back.to)) this.done(client, Math.max(0, back.to - from + 1), performance.now() - back.sinceMs);
  }
}
