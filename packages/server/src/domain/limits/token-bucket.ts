import type { Clock } from '../../runtime/clock.js';

export interface Rate {
  /** Refill; 0 switches the limit off. */
  readonly per_s: number;
  readonly burst: number;
}

interface Bucket { tokens: number; atMs: number }

/** Token buckets by name. At most `names_max` are kept; the longest unused go first, which can only favour its owner (FLW3). */
export class TokenBuckets {
  private readonly buckets = new Map<string, Bucket>();

  constructor(private readonly rate: Rate, private readonly clock: Clock, private readonly names_max = 50_000) {}

  /** @returns 0 and takes one, or after how many ms to come back */
  take(name: string): number {
    if (this.rate.per_s === 0) return 0;
    const bucket = this.refill(name);
    if (bucket.tokens >= 1) {
      bucket.tokens -= 1;
      return 0;
    }
    return Math.ceil(((1 - bucket.tokens) / this.rate.per_s) * 1_000);
  }

  /** Gives one back that was taken for something that is not to count. */
  give(name: string): void {
    if (this.rate.per_s === 0) return;
    const bucket = this.refill(name);
    bucket.tokens = Math.min(this.rate.burst, bucket.tokens + 1);
  }

  /** What is left now, for `RateLimit` headers. */
  remaining(name: string): number {
    return this.rate.per_s === 0 ? Number.MAX_SAFE_INTEGER : Math.floor(this.refill(name).tokens);
  }

  private refill(name: string): Bucket {
    const nowMs = this.clock.monotonic();
    const known = this.buckets.get(name);
    const bucket = known ?? { tokens: this.rate.burst, atMs: nowMs };
    bucket.tokens = Math.min(this.rate.burst, bucket.tokens + ((nowMs - bucket.atMs) / 1_000) * this.rate.per_s);
    bucket.atMs = nowMs;
    this.buckets.delete(name);
    this.buckets.set(name, bucket);
    if (this.buckets.size > this.names_max) this.buckets.delete(this.buckets.keys().next().value!);
    return bucket;
  }
}
