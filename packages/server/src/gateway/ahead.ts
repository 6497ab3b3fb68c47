import type { EventRow } from '../storage/rows.js';

/** Facts of a stream beyond a gap, by seq, until the gap is filled. Almost always empty, and then it holds nothing. */
export class Ahead {
  private facts: Map<number, EventRow> | undefined;

  get size(): number {
    return this.facts?.size ?? 0;
  }

  has(seq: number): boolean {
    return this.facts?.has(seq) ?? false;
  }

  add(fact: EventRow): void {
    this.facts ??= new Map();
    this.facts.set(fact.seq, fact);
  }

  /** Takes out the fact with this seq. */
  take(seq: number): EventRow | undefined {
    const fact = this.facts?.get(seq);
    if (fact && this.facts?.delete(seq) && this.facts.size === 0) this.facts = undefined;
    return fact;
  }

  /** Forgets what has been passed. */
  dropUpTo(seq: number): void {
    for (const one of this.facts?.keys() ?? []) if (one <= seq) this.facts?.delete(one);
    if (this.facts?.size === 0) this.facts = undefined;
  }
}
