import { monitorEventLoopDelay } from 'node:perf_hooks';

/** How late the event loop comes round. */
export interface LoopLag {
  /** The longest since it was last asked, in ms; without what the loop is late by at this moment. */
  takeMs(): number;
  stop(): void;
}

const RESOLUTION_MS = 20;
const NS_PER_MS = 1e6;

/** The event loop of this process. */
export function measureLoopLag(): LoopLag {
  const loop = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  loop.enable();
  return {
    takeMs() {
      // What it counts is the whole time between two looks.
      const ms = loop.count === 0 ? 0 : Math.max(0, loop.max / NS_PER_MS - RESOLUTION_MS);
      loop.reset();
      return ms;
    },
    stop: () => void loop.disable(),
  };
}
