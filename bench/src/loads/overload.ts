import { sleep } from '../clock.js';
import type { BurstLink } from '../drivers/talaria-burst.js';
import type { LoadResult, MeterTimes } from '../meter.js';
import { startOpenLoop, type OpenLoopCounts, type OpenLoopRate } from './open-loop.js';

/** Offers messages at a rate that need not be the server's. */
export interface OverloadOrder extends MeterTimes, OpenLoopRate {
  readonly kind: 'overload';
}

/** `done` are the acked ones. */
export interface OverloadResult extends LoadResult, OpenLoopCounts {}

export async function runOverload(links: readonly BurstLink[], order: OverloadOrder, begins: () => void): Promise<OverloadResult> {
  const loop = startOpenLoop(links, order);
  await sleep(order.warm_ms);
  const [before, startedMs] = [loop.counts(), performance.now()];
  loop.forget();
  begins();
  await sleep(order.run_ms);
  const [after, endedMs] = [loop.counts(), performance.now()];
  const [p50_ms, p99_ms] = [loop.latencyMs(50), loop.latencyMs(99)];
  await loop.finish();
  const acked = after.acked - before.acked;
  return {
    done: acked, elapsed_ms: endedMs - startedMs, p50_ms, p99_ms,
    offered: after.offered - before.offered, acked, refused: after.refused - before.refused, refused_retryable: after.refused_retryable - before.refused_retryable,
  };
}
