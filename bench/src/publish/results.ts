/** The published results: one run, with where, when and of which commit. */
import { headCommit, machineText, today } from '@talaria/probe/harness';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Figure } from '../result.js';

export const root = fileURLToPath(new URL('../../../', import.meta.url));
export const RESULTS_FILE = 'bench/results/latest.json';

export interface Results {
  readonly machine: string;
  /** As YYYY-MM-DD. */
  readonly date: string;
  readonly commit: string;
  /** Of shortened runs, which are less exact. */
  readonly quick: boolean;
  readonly figures: readonly Figure[];
}

/** Digits that a measurement can stand for. */
const DIGITS = 4;

export function readResults(): Results {
  return JSON.parse(readFileSync(join(root, RESULTS_FILE), 'utf8')) as Results;
}

/** Writes the results of this run. Scenarios that were not run keep the figures of the same machine's last run. */
export function writeResults(figures: readonly Figure[], quick: boolean): void {
  const ran = new Set(figures.map(({ scenario }) => scenario));
  const kept = known()?.figures.filter(({ scenario }) => !ran.has(scenario)) ?? [];
  const all = [...kept, ...figures].map((figure) => ({ ...figure, value: Number(figure.value.toPrecision(DIGITS)) }));
  const results: Results = { machine: machineText(), date: today(), commit: headCommit(root), quick, figures: all };
  const file = join(root, RESULTS_FILE);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
}

function known(): Results | undefined {
  try {
    const results = readResults();
    return results.machine === machineText() ? results : undefined;
  } catch {
    return undefined;
  }
}
