import type { Clock } from '../../runtime/clock.js';

export interface Rate {
  /** Refill; 0 switches the limit off. */
  readonly per_s: number;
  readonly burst: number;
}

interface Bucket {
  readonly name: string;
  /** Below 0 where other nodes have given out more than there was. */
  tokens: number;
  atMs: number;
  /** Taken here, and not told to the other nodes. */
  untold: number;
  listed: boolean;
}

/** How many were taken of a bucket; below 0 when some of those that were told have been given back. */
export type Taken = readonly [name: string, count: number];

/** Token buckets by name. At most `names_max` are kept; the longest unused go first, which can only favour its owner (FLW3). */
export class TokenBuckets {
  private readonly buckets = new Map<string, Bucket>();
  /** Those of which something was taken; nobody collects them on the only node. At most `names_max`. */
  private changed: Bucket[] | undefined;

  constructor(readonly rate: Rate, private readonly clock: Clock, private readonly names_max = 50_000) {}

  /** @returns 0 and takes one, or after how many ms to come back */
  take(name: string): number {
    if (this.rate.per_s === 0) return 0;
    const bucket = this.refill(name);
    if (bucket.tokens >= 1) {
      this.spend(bucket, 1);
      return 0;
    }
    return Math.ceil(((1 - bucket.tokens) / this.rate.per_s) * 1_000);
  }

  /** Gives one back that was taken for something that is not to count. */
  give(name: string): void {
    if (this.rate.per_s === 0) return;
    this.spend(this.refill(name), -1);
  }

  /** What is left now, for `RateLimit` headers. */
  remaining(name: string): number {
    return this.rate.per_s === 0 ? Number.MAX_SAFE_INTEGER : Math.max(0, Math.floor(this.refill(name).tokens));
  }

  /** From now on what is taken is kept for `collect`. */
  share(): void {
    this.changed ??= [];
  }

  /** What was taken here since it was last asked; of at most so many names, the rest the next time. */
  collect(names_max: number): readonly Taken[] {
    const taken: Taken[] = [];
    for (const bucket of this.changed?.splice(0, names_max) ?? []) {
      // What was given back at once need not be told.
      if (bucket.untold !== 0) taken.push([bucket.name, bucket.untold]);
      bucket.untold = 0;
      bucket.listed = false;
    }
    return taken;
  }

  /**
   * Takes what another node has given out, also where there is not so much.
   *
   * @param debt_max how far below 0 that may lead
   */
  debit([name, count]: Taken, debt_max: number): void {
    if (this.rate.per_s === 0) return;
    const bucket = this.refill(name);
    bucket.tokens = Math.min(this.rate.burst, Math.max(bucket.tokens - count, Math.min(bucket.tokens, -debt_max)));
  }

  private spend(bucket: Bucket, count: number): void {
    bucket.tokens = Math.min(this.rate.burst, bucket.tokens - count);
    if (!this.changed) return;
    bucket.untold += count;
    if (bucket.listed || this.changed.length >= this.names_max) return;
    bucket.listed = true;
    this.changed.push(bucket);
  }

  private refill(name: string): Bucket {
    const nowMs = this.clock.monotonic();
    const known = this.buckets.get(name);
    const bucket = known ?? { name, tokens: this.rate.burst, atMs: nowMs, untold: 0, listed: false };
    bucket.tokens = Math.min(this.rate.burst, bucket.tokens + ((nowMs - bucket.atMs) / 1_000) * this.rate.per_s);
    bucket.atMs = nowMs;
    this.buckets.delete(name);
    this.buckets.set(name, bucket);
    if (this.buckets.size > this.names_max) this.buckets.delete(this.buckets.keys().next().value!);
    return bucket;
  }
}
