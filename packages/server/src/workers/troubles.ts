/** What failed of the work of this node, by the name of the consumer: how often in a row, and what the last error was. */
import type { Clock } from '../runtime/clock.js';
import { hideSecrets } from '../runtime/safe-fields.js';

export interface Trouble {
  readonly name: string;
  /** In a row. */
  readonly failures: number;
  readonly lastError: string;
  readonly lastErrorMs: number;
}

const ERROR_CHARS_MAX = 500;

export interface Troubles {
  failed(name: string, error: unknown): void;
  worked(name: string): void;
  list(): readonly Trouble[];
}

export function createTroubles(clock: Pick<Clock, 'now'>): Troubles {
  const byName = new Map<string, Trouble>();
  return {
    failed(name, error) {
      const text = hideSecrets(error instanceof Error ? error.message : String(error)).slice(0, ERROR_CHARS_MAX);
      byName.set(name, { name, failures: (byName.get(name)?.failures ?? 0) + 1, lastError: text, lastErrorMs: clock.now() });
    },
    worked(name) {
      const known = byName.get(name);
      if (known && known.failures > 0) byName.set(name, { ...known, failures: 0 });
    },
    list: () => [...byName.values()],
  };
}
