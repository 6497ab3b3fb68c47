/** Beats that are under way. More would be those of ten minutes. */
const BEATS_MAX = 1_200;

/**
 * How far a replica is behind, at most. Beats are written to the database and looked for in the replica: one that is there has
 * brought along all that was committed before it was sent. So only this node's own clock counts, a database in which nothing
 * happens does not seem to lag, and a copy that follows another database has none of the beats.
 */
export class ReplicaLag {
  private readonly sent: { readonly beat: number; readonly atMs: number }[] = [];
  private freshMs = Number.NEGATIVE_INFINITY;

  constructor(private readonly monotonic: () => number) {}

  /** A beat is about to be written. Each has a larger number. */
  send(beat: number): void {
    this.sent.push({ beat, atMs: this.monotonic() });
    if (this.sent.length > BEATS_MAX) this.sent.shift();
  }

  /** The replica has this beat, and all before it. */
  seen(beat: number): void {
    while (this.sent[0] && this.sent[0].beat <= beat) this.freshMs = this.sent.shift()!.atMs;
  }

  /** The replica has all that was committed so long ago, in ms; Infinity while nothing is known. */
  get lagMs(): number {
    return this.monotonic() - this.freshMs;
  }
}
