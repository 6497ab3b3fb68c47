import { percentile } from './percentile.js';

export interface LoadResult {
  readonly done: number;
  readonly elapsed_ms: number;
  readonly p50_ms: number;
  readonly p99_ms: number;
}

/** Counts what is done between a warm-up and the end, and how long each took. */
export class Meter {
  /** Whether the load goes on. */
  running = true;
  private startedMs: number | undefined;
  private done = 0;
  private readonly latencies_ms: number[] = [];

  add(count: number, latencyMs?: number): void {
    if (this.startedMs === undefined || !this.running) return;
    this.done += count;
    if (latencyMs !== undefined) this.latencies_ms.push(latencyMs);
  }

  /** Runs through both times. @param begins called when it begins to count */
  run(warm_ms: number, run_ms: number, begins: () => void, ended: (result: LoadResult) => void): void {
    setTimeout(() => {
      this.startedMs = performance.now();
      begins();
      setTimeout(() => {
        this.running = false;
        ended({
          done: this.done, elapsed_ms: performance.now() - this.startedMs!, p50_ms: percentile(this.latencies_ms, 0.5), p99_ms: percentile(this.latencies_ms, 0.99),
        });
      }, run_ms);
    }, warm_ms);
  }
}
