/** Memory bounds: what one input may take, and what all inputs together may leave behind. */
import { Finding } from './finding.js';

const MEBIBYTE = 1_048_576;
/** One input has at most 256 KiB, so a peak that grows by this much because of it is an allocation that it chose. */
const INPUT_BYTES_MAX = 192 * MEBIBYTE;
/** Caches of a server are bounded; what grows with the number of inputs passes this soon. */
const LEFT_BYTES_MAX = 160 * MEBIBYTE;

const peakBytes = (): number => process.resourceUsage().maxRSS * 1_024;

/** The heap after a full collection; undefined where `--expose-gc` is not given. */
export function heapBytes(): number | undefined {
  if (globalThis.gc === undefined) return undefined;
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}

/** Watches the peak of this process from input to input. */
export class PeakGuard {
  private lastBytes = peakBytes();

  /** @throws Finding when the input since the last call took more than it may */
  check(): void {
    const nowBytes = peakBytes();
    const tookBytes = nowBytes - this.lastBytes;
    this.lastBytes = nowBytes;
    if (tookBytes > INPUT_BYTES_MAX) throw new Finding(`one input took ${Math.round(tookBytes / MEBIBYTE)} MiB of memory`);
  }
}

/** @throws Finding when the heap kept more than the bound */
export function refuseGrowth(beforeBytes: number, afterBytes: number): void {
  const grewBytes = afterBytes - beforeBytes;
  if (grewBytes > LEFT_BYTES_MAX) throw new Finding(`the heap kept ${Math.round(grewBytes / MEBIBYTE)} MiB after a full collection`);
}
