const LOOK_MS = 20;

/** Waits for something that is not told. @returns whether it came in time */
export async function until(holds: () => boolean | Promise<boolean>, within_ms: number): Promise<boolean> {
  for (const endMs = performance.now() + within_ms; !await holds();) {
    if (performance.now() > endMs) return false;
    await new Promise((resolve) => {
      setTimeout(resolve, LOOK_MS);
    });
  }
  return true;
}
