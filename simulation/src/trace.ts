import { createHash } from 'node:crypto';

/** What happened, in order, as one hash: two runs of a seed are the same run when their hashes are. */
export class Trace {
  private readonly hash = createHash('sha256');

  /** @param listener hears every line, for whoever looks at one seed */
  constructor(private readonly listener?: (atMs: number, line: string) => void) {}

  note(atMs: number, line: string): void {
    this.hash.update(`${atMs} ${line}\n`);
    this.listener?.(atMs, line);
  }

  bytes(bytes: Uint8Array): void {
    this.hash.update(bytes);
  }

  /** Of everything so far. */
  digest(): string {
    return this.hash.copy().digest('hex').slice(0, 16);
  }
}
