/** The last frame of a connection, kept as it came: a cursor is read out of it only when it is needed. */
export class LastFrame {
  private kept = Buffer.alloc(0);
  private length = 0;

  /** Copies: the bytes are the socket's. */
  keep(bytes: Buffer): void {
    if (this.kept.length < bytes.length) this.kept = Buffer.allocUnsafe(bytes.length * 2);
    this.length = bytes.copy(this.kept);
  }

  /** Undefined when there was none. */
  get bytes(): Buffer | undefined {
    return this.length === 0 ? undefined : this.kept.subarray(0, this.length);
  }
}
