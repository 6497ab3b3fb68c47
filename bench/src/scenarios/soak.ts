/** Half of what the server can do, for long: whether anything is lost, and whether its memory grows. */
import type { Rig } from '../rig.js';
import { slope, type Point } from '../slope.js';
import { peakOf } from './peak.js';
import { scenario, type RunOptions, type Scenario } from './scenario.js';

const SENDERS = 16;
const ROOMS = 16;
const FOLLOWERS = 2;
const RETURNING = 4;
const SHARE_OF_PEAK = 0.5;
/** Half of a moment that was fast by chance would be too much later on. */
const PEAK_WARM_MS = 5_000;
const PEAK_RUN_MS = 30_000;
const MINUTE_MS = 60_000;
const SAMPLE_MS = 5_000;
/** At least so many samples, however short the soak is. */
const SAMPLES_MIN = 24;

const count = (from: number, length: number): number[] => Array.from({ length }, (_, at) => from + at);

export const soak: Scenario = {
  by_name_only: true,
  ...scenario('soak', ['talaria'], (options) => [{ params: { minutes: options.minutes }, measure: (rig) => soaked(rig, options) }]),
};

async function soaked(rig: Rig, { minutes, progress }: RunOptions): Promise<Record<string, number>> {
  const clients = SENDERS + FOLLOWERS + RETURNING;
  await rig.prepare({ clients, senders: SENDERS, rooms: Array.from({ length: ROOMS }, () => count(SENDERS, FOLLOWERS + RETURNING)) });
  await rig.connectBursts(0, SENDERS);
  // What senders alone reach would be no peak of this: whoever follows costs, too, and here they share two cores with the server.
  const followed = { by: count(SENDERS, FOLLOWERS + RETURNING), target: rig.target };
  const peak = await peakOf(rig, { senders: SENDERS, rooms: ROOMS, warm_ms: PEAK_WARM_MS, run_ms: PEAK_RUN_MS, followed });
  const rate_per_s = peak * SHARE_OF_PEAK;
  progress(`soak, peak ${Math.round(peak)}/s, goes on with ${Math.round(rate_per_s)}/s`);
  const run_ms = minutes * MINUTE_MS;
  const { points, result } = await sampled(rig, run_ms, progress, () => rig.measure({
    kind: 'soak', target: rig.target, rate_per_s, rooms: ROOMS, run_ms, followers: count(SENDERS, FOLLOWERS), returning: count(SENDERS + FOLLOWERS, RETURNING),
  }));
  const { done: acked, lost, refused, returns, p99_ms } = result.result;
  if (lost > 0) throw new Error(`${lost} of ${acked} messages were acked and lost`);
  return {
    memory_start_kb: points[0]!.y, memory_end_kb: points.at(-1)!.y, memory_slope_kb_per_min: slope(points.slice(Math.floor(points.length / 2))),
    acked, lost, refused, returns, p99_ms, offered_per_s: rate_per_s,
  };
}

/** The server's memory in KB over minutes, while something runs. */
async function sampled<T>(rig: Rig, run_ms: number, progress: RunOptions['progress'], run: () => Promise<T>): Promise<{ readonly points: readonly Point[]; readonly result: T }> {
  const points: Point[] = [];
  const startedMs = performance.now();
  const sample = (): void => {
    const x = (performance.now() - startedMs) / MINUTE_MS;
    const y = rig.memoryNow() / 1_024;
    if (Math.floor(x) > Math.floor(points.at(-1)?.x ?? 0)) progress(`soak, minute ${Math.floor(x)}, memory ${Math.round(y)} KB`);
    points.push({ x, y });
  };
  sample();
  const timer = setInterval(sample, Math.min(SAMPLE_MS, run_ms / SAMPLES_MIN));
  try {
    return { result: await run(), points };
  } finally {
    clearInterval(timer);
  }
}
