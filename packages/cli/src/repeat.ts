/** Does something again and again until Ctrl-C. */
export async function repeat(everyMs: number, run: () => Promise<void>): Promise<void> {
  const stop = new AbortController();
  const end = (): void => stop.abort();
  process.once('SIGINT', end).once('SIGTERM', end);
  while (!stop.signal.aborted) {
    await run();
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, everyMs);
      stop.signal.addEventListener('abort', () => {
        clearTimeout(timer);
        resolve();
      }, { once: true });
    });
  }
}
