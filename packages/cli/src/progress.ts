import type { OnProgress } from '@talaria/server';
import type { Context } from './context.js';
import { thousands } from './text/numbers.js';

const EVERY_MS = 200;

export interface ShownProgress {
  readonly show: OnProgress;
  /** Takes the line away, before anything else is written. */
  end(): void;
}

/** One line on a terminal that says how far long work has come; nothing elsewhere. */
export function shownProgress({ terminal, json }: Context): ShownProgress {
  if (json || !terminal.interactive) return { show: () => undefined, end: () => undefined };
  let nextMs = 0;
  let shown = false;
  const erase = '\r\u001B[K';
  return {
    show({ doing, rows }) {
      const nowMs = Date.now();
      if (nowMs < nextMs) return;
      nextMs = nowMs + EVERY_MS;
      shown = true;
      terminal.err(`${erase}${doing}: ${thousands(rows)} rows`);
    },
    end() {
      if (shown) terminal.err(erase);
      shown = false;
    },
  };
}
