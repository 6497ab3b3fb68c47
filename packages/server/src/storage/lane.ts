/** Turns of a lane that are refused: from that of a command that was refused retryably, until it comes again. */
interface Closed {
  readonly clientId: string;
  readonly from: number;
  /** The turn with which it came again; infinite while it has not. */
  to: number;
}

/**
 * The commands of one connection for one stream, in order (SND4). After a retryable refusal the lane is blocked:
 * later commands are refused until the refused one is sent again or abandoned. Each command has a turn, because a later
 * one may be refused (as overloaded, say) while an earlier one still waits: that one goes on.
 */
export class Lane {
  /** By `from`; the last one may be open. What has come again is kept while something with a turn before that may wait. */
  private closed: Closed[] = [];
  private turns = 0;

  /** The turn of a command that is handed over now. @param clientId of one that may be what blocks the lane: behind it, the lane is open again */
  take(clientId?: string): number {
    this.turns += 1;
    const { open } = this;
    if (open && open.clientId === clientId) open.to = this.turns;
    return this.turns;
  }

  /** @returns whether this command may go on. Asked in the order of the turns. */
  admit(clientId: string, turn = this.take(clientId)): boolean {
    if (this.closed.length === 0) return true;
    this.closed = this.closed.filter(({ to }) => to > turn);
    return !this.closed.some(({ from }) => from <= turn);
  }

  /** A command was refused retryably. The earliest one blocks, of those that have not come again. */
  block(clientId: string, turn = this.take()): void {
    if (this.open && this.open.from <= turn) return;
    this.closed = [...this.closed.filter(({ from }) => from < turn), { clientId, from: turn, to: Number.POSITIVE_INFINITY }];
  }

  /** The client gave the command up. */
  abandon(clientId: string): void {
    if (this.open?.clientId === clientId) this.closed.pop();
  }

  /** Nothing is waited for. */
  get idle(): boolean {
    return this.open === undefined;
  }

  private get open(): Closed | undefined {
    const last = this.closed.at(-1);
    return last?.to === Number.POSITIVE_INFINITY ? last : undefined;
  }
}
