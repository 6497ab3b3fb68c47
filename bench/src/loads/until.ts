import { sleep } from '../clock.js';

const LOOK_MS = 20;

/** Waits for something that is not told. @returns whether it came in time */
export async function until(holds: () => boolean, withinMs: number): Promise<boolean> {
  const endMs = performance.now() + withinMs;
  while (!holds()) {
    if (performance.now() > endMs) return false;
    await sleep(LOOK_MS);
  }
  return true;
}
