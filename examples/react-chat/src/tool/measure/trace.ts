/** What Chromium itself writes down of what it does. */
import type { Chromium } from '@talaria/services';

export interface TraceEvent {
  readonly name: string;
  readonly cat: string;
  readonly ph: string;
  readonly pid: number;
  /** In microseconds. */
  readonly ts: number;
  /** Of the processor, in microseconds. */
  readonly tdur?: number;
  readonly tid: number;
  readonly args: Readonly<Record<string, unknown>>;
}

/** What the page says of itself when there is nothing more to scroll to: what is drawn after that does not count. */
export const ARRIVED = 'arrived';
/** What is read of a trace: all of it would be hundreds of megabytes. */
const NAMES: ReadonlySet<string> = new Set(['navigationStart', 'firstPaint', 'firstContentfulPaint', ARRIVED, 'DrawFrame', 'thread_name', 'ThreadControllerImpl::RunTask']);
const CATEGORIES = ['toplevel', '__metadata', 'loading', 'blink.user_timing', 'devtools.timeline', 'disabled-by-default-devtools.timeline.frame', 'devtools.timeline.frame'];

/** @returns what was written down while it ran */
export async function traced(chromium: Chromium, run: () => Promise<void>): Promise<readonly TraceEvent[]> {
  const session = await chromium.browser.newBrowserCDPSession();
  const events: TraceEvent[] = [];
  session.on('Tracing.dataCollected', ({ value }) => {
    // The protocol says no more of an event than that it is an object.
    for (const event of value as unknown as readonly TraceEvent[]) {
      if (NAMES.has(event.name)) events.push(event);
    }
  });
  const complete = new Promise<void>((resolve) => {
    session.once('Tracing.tracingComplete', () => resolve());
  });
  await session.send('Tracing.start', { transferMode: 'ReportEvents', traceConfig: { includedCategories: CATEGORIES } });
  try {
    await run();
  } finally {
    await session.send('Tracing.end');
    await complete;
    await session.detach();
  }
  return events.toSorted((one, other) => one.ts - other.ts);
}

export interface Paints {
  readonly first_paint_ms: number;
  readonly first_contentful_paint_ms: number;
}

/** Since the beginning of the navigation to an address. @throws Error where the trace has none */
export function paintsOf(events: readonly TraceEvent[], url: string): Paints {
  const start = events.find(({ name, args }) => name === 'navigationStart' && (args['data'] as { readonly documentLoaderURL?: string } | undefined)?.documentLoaderURL?.startsWith(url) === true);
  const after = (wanted: string): number => {
    const paint = start && events.find(({ name, pid, ts }) => name === wanted && pid === start.pid && ts >= start.ts);
    if (!paint) throw new Error(`The trace has no ${wanted}.`);
    return (paint.ts - start.ts) / 1_000;
  };
  return { first_paint_ms: after('firstPaint'), first_contentful_paint_ms: after('firstContentfulPaint') };
}

export interface Frames {
  readonly seconds: number;
  readonly frames_per_s: number;
  /** Of the worst second. */
  readonly worst_frames_per_s: number;
  readonly longest_gap_ms: number;
  /** How much of the time the main thread of the page was at work, by the processor's clock: others on the machine do not count. */
  readonly main_thread: number;
}

/** Frames that were drawn, from the first of them until the page has arrived. */
export function framesOf(all: readonly TraceEvent[], pid: number): Frames {
  const arrived = all.findIndex(({ name }) => name === ARRIVED);
  if (arrived < 0) throw new Error('The first message was not reached.');
  const events = all.slice(0, arrived);
  const times = events.filter((event) => event.name === 'DrawFrame' && event.pid === pid).map(({ ts }) => ts / 1_000);
  const [from = 0, to = 0] = [times[0], times.at(-1)];
  const seconds = (to - from) / 1_000;
  let worst = times.length;
  let [first, end] = [0, 0];
  for (let start = from; start + 1_000 <= to; start += 100) {
    while (times[first]! < start) first += 1;
    while (times[end]! < start + 1_000) end += 1;
    worst = Math.min(worst, end - first);
  }
  const gaps = times.slice(1).map((time, at) => time - times[at]!);
  return { seconds, frames_per_s: times.length / seconds, worst_frames_per_s: worst, longest_gap_ms: Math.max(...gaps), main_thread: mainThreadS(events, pid) / seconds };
}

function mainThreadS(events: readonly TraceEvent[], pid: number): number {
  const main = events.find((event) => event.pid === pid && event.name === 'thread_name' && event.args['name'] === 'CrRendererMain')?.tid;
  return events.reduce((sum, event) => sum + (event.pid === pid && event.tid === main && event.name === 'ThreadControllerImpl::RunTask' ? event.tdur ?? 0 : 0), 0) / 1e6;
}
