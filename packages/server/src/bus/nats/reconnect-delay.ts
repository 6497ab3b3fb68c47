/** The library counts the time between two tries at a server in dates: after a step back of the clock it would wait until they come round again. */

/** Each server is tried once at once after a step back, which gives it a new date; there are hardly more of them. */
const TRIES_AT_ONCE = 16;

/**
 * @param now the wall clock that the library looks at, in ms @param wait between two tries at a server, in ms
 * @returns what the library asks before each try
 */
export function createReconnectDelay(now: () => number, wait: () => number): () => number {
  let lastMs = now();
  let atOnce = 0;
  return () => {
    const nowMs = now();
    if (nowMs < lastMs) atOnce = TRIES_AT_ONCE;
    lastMs = nowMs;
    if (atOnce === 0) return wait();
    atOnce -= 1;
    return Number.NEGATIVE_INFINITY;
  };
}
