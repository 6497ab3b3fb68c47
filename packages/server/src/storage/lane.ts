/**
 * The commands of one connection for one stream, in order (SND4). After a retryable refusal the lane is blocked:
 * later commands are refused until the refused one is sent again or abandoned. Each command has a turn, because a later
 * one may be refused (as overloaded, say) while an earlier one still waits: that one goes on.
 */
export class Lane {
  private blocked: { readonly clientId: string; readonly turn: number } | null = null;
  private turns = 0;

  /** The turn of a command that is handed over now. */
  take(): number {
    this.turns += 1;
    return this.turns;
  }

  /** @returns whether this command may go on; the one that blocks the lane opens it again */
  admit(clientId: string, turn = this.take()): boolean {
    if (this.blocked === null) return true;
    if (this.blocked.clientId !== clientId) return turn < this.blocked.turn;
    this.blocked = null;
    return true;
  }

  /** A command was refused retryably. The earliest one blocks. */
  block(clientId: string, turn = this.take()): void {
    if (this.blocked === null || turn < this.blocked.turn) this.blocked = { clientId, turn };
  }

  /** The client gave the command up. */
  abandon(clientId: string): void {
    if (this.blocked?.clientId === clientId) this.blocked = null;
  }

  get idle(): boolean {
    return this.blocked === null;
  }
}
