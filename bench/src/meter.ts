import { sleep } from './clock.js';
import { percentile } from './percentile.js';

export interface LoadResult {
  readonly done: number;
  readonly elapsed_ms: number;
  readonly p50_ms: number;
  readonly p99_ms: number;
}

export interface MeterTimes {
  /** Not counted. */
  readonly warm_ms: number;
  readonly run_ms: number;
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
  async run({ warm_ms, run_ms }: MeterTimes, begins: () => void): Promise<LoadResult> {
    await sleep(warm_ms);
    this.startedMs = performance.now();
    begins();
    await sleep(run_ms);
    this.running = false;
    return {
      done: this.done, elapsed_ms: performance.now() - this.startedMs, p50_ms: percentile(this.latencies_ms, 0.5), p99_ms: percentile(this.latencies_ms, 0.99),
    };
  }
}
