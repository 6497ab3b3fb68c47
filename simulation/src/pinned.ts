/** Seeds that have failed once. A test runs them again, for ever. */
import { readFileSync, writeFileSync } from 'node:fs';

export interface PinnedSeed {
  readonly seed: number;
  /** One, when it is not said. */
  readonly nodes?: number;
  /** The rule that was broken, and how. */
  readonly found: string;
}

const FILE = new URL('../pinned.json', import.meta.url);

export function pinnedSeeds(): PinnedSeed[] {
  return JSON.parse(readFileSync(FILE, 'utf8')) as PinnedSeed[];
}

/** @returns whether it was new */
export function pin(seed: number, nodes: number, found: string): boolean {
  const known = pinnedSeeds();
  if (known.some((one) => one.seed === seed && (one.nodes ?? 1) === nodes)) return false;
  const all = [...known, { seed, ...(nodes === 1 ? {} : { nodes }), found }].sort((a, b) => a.seed - b.seed);
  writeFileSync(FILE, `${JSON.stringify(all, null, 2)}\n`);
  return true;
}
