/** Attacks one target with inputs until there are enough, or one is found that it does not stand. */
import fc from 'fast-check';
import { describe } from './finding.js';
import { heapBytes, PeakGuard, refuseGrowth } from './memory.js';
import type { OpenTarget, Target, TargetName } from './target.js';

export interface HuntOptions {
  readonly inputs: number;
  readonly seed: number;
  /** Replays one input of the first batch, as a finding names it. */
  readonly path?: string | undefined;
  /** Told before each input, so that a process that dies can be asked what it was doing. */
  readonly onInput?: (seed: number, at: number) => void;
  readonly onProgress?: (done: number) => void;
}

/** An input that the target does not stand, made as small as it could be. */
export interface Found {
  readonly target: TargetName;
  readonly message: string;
  readonly seed: number;
  /** Where fast-check finds the shrunk input again; undefined when a whole batch is needed. */
  readonly path: string | undefined;
  readonly input: string;
}

export interface HuntResult {
  readonly target: TargetName;
  readonly inputs: number;
  readonly elapsed_ms: number;
  /** How often each answer was given. */
  readonly codes: Readonly<Record<string, number>>;
  /** What the heap kept between the first batch and the last, after full collections; undefined without `--expose-gc`. */
  readonly heap_growth_bytes: number | undefined;
  readonly found: Found | undefined;
}

/** How often a failing input is tried in smaller forms. */
const SHRINKS_MAX = 400;
const PROGRESS_MS = 250;
/** Far enough apart that the batches of two neighbouring seeds do not meet. */
const SEED_STEP = 1_000_003;

/** The seed of a batch; the first has the seed itself, so that a finding of any batch is replayed as the first. */
const batchSeed = (seed: number, batch: number): number => (seed + batch * SEED_STEP) | 0;

export async function hunt<Input>(target: Target<Input>, options: HuntOptions): Promise<HuntResult> {
  const startedMs = performance.now();
  const codes: Record<string, number> = {};
  const open = await target.open();
  let inputs = 0;
  let firstBytes: number | undefined;
  let lastBytes: number | undefined;
  let found: Found | undefined;
  try {
    for (let batch = 0; inputs < options.inputs && !found; batch += 1) {
      const count = Math.min(target.batch, options.inputs - inputs);
      found = await huntBatch(target, open, { ...options, inputs: count, seed: batchSeed(options.seed, batch) }, codes, inputs);
      inputs += count;
      lastBytes = heapBytes();
      firstBytes ??= lastBytes;
    }
    if (!found && firstBytes !== undefined && lastBytes !== undefined) found = grown(target.name, options.seed, firstBytes, lastBytes);
  } finally {
    await open.close?.();
  }
  return {
    target: target.name, inputs, elapsed_ms: performance.now() - startedMs, codes, found,
    heap_growth_bytes: firstBytes === undefined || lastBytes === undefined ? undefined : lastBytes - firstBytes,
  };
}

async function huntBatch<Input>(target: Target<Input>, open: OpenTarget<Input>, options: HuntOptions, codes: Record<string, number>, before: number): Promise<Found | undefined> {
  const { seed, path } = options;
  const guard = new PeakGuard();
  let at = 0;
  let failures = 0;
  let shrinks = 0;
  let toldMs = 0;
  const attack = async (input: Input): Promise<void> => {
    // Smaller forms are tried for a while; then the smallest so far is small enough.
    if (failures > 0 && (shrinks += 1) > SHRINKS_MAX) return;
    options.onInput?.(seed, at);
    at += 1;
    try {
      for (const code of await open.attack(input)) codes[code] = (codes[code] ?? 0) + 1;
      guard.check();
    } catch (error) {
      failures += 1;
      throw error;
    }
    if (failures === 0 && performance.now() - toldMs > PROGRESS_MS) {
      toldMs = performance.now();
      options.onProgress?.(before + at);
    }
  };
  await open.renew?.();
  const details = await fc.check(fc.asyncProperty(open.inputs, attack), { seed, numRuns: options.inputs, ...(path !== undefined && { path, endOnFailure: true }) });
  if (details.failed) {
    const [input] = details.counterexample ?? [];
    return {
      target: target.name, seed, path: details.counterexamplePath ?? undefined, message: describe(details.errorInstance),
      input: input === undefined ? '' : open.show(input),
    };
  }
  try {
    await open.settle?.();
  } catch (error) {
    return { target: target.name, seed, path: undefined, message: describe(error), input: `all ${options.inputs} inputs of this seed together` };
  }
  return undefined;
}

function grown(target: TargetName, seed: number, firstBytes: number, lastBytes: number): Found | undefined {
  try {
    refuseGrowth(firstBytes, lastBytes);
    return undefined;
  } catch (error) {
    return { target, seed, path: undefined, message: describe(error), input: 'all inputs of this run together' };
  }
}
