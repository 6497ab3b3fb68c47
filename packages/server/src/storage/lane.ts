/**
 * The commands of one connection for one stream, in order (SND4). After a retryable refusal the lane is blocked:
 * later commands are refused until the refused one is sent again or abandoned.
 */
export class Lane {
  private blockedBy: string | null = null;

  /** @returns whether this command may go on; the one that blocks the lane opens it again. */
  admit(clientId: string): boolean {
    if (this.blockedBy === null) return true;
    if (this.blockedBy !== clientId) return false;
    this.blockedBy = null;
    return true;
  }

  /** A command was refused retryably. The first one blocks. */
  block(clientId: string): void {
    this.blockedBy ??= clientId;
  }

  /** The client gave the command up. */
  abandon(clientId: string): void {
    if (this.blockedBy === clientId) this.blockedBy = null;
  }

  get idle(): boolean {
    return this.blockedBy === null;
  }
}
