import { sleep } from '../clock.js';
import type { Link } from '../drivers/driver.js';

/** The SDK's default, which does not export it: exponential backoff with full jitter, from the first attempt on (RES7). */
const BACKOFF = { base_ms: 500, growth: 1.5, max_ms: 30_000 };

const backoffMs = (attempt: number): number => Math.floor(Math.random() * Math.min(BACKOFF.max_ms, BACKOFF.base_ms * BACKOFF.growth ** Math.min(attempt, 50)));

/** Connects a link that was lost, however often it takes. @returns whether it is back */
export async function comeBack(link: Link, withinMs: number): Promise<boolean> {
  const endMs = performance.now() + withinMs;
  for (let attempt = 0; performance.now() < endMs; attempt += 1) {
    await sleep(backoffMs(attempt));
    const back = await link.connect().then(() => true, () => false);
    if (back) return true;
  }
  return false;
}
