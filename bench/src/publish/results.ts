/** The published results: one run, with where, when and of which commit. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
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

const GIB = 2 ** 30;
/** Digits that a measurement can stand for. */
const DIGITS = 4;

function machine(): string {
  const all = cpus();
  const model = all[0]?.model.replaceAll(/\s+/g, ' ').trim() ?? 'unknown';
  return `${all.length} cores of ${model}, ${Math.round(totalmem() / GIB)} GiB, ${process.platform} ${process.arch}, Node ${process.versions.node}`;
}

const git = (...args: string[]): string => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();

export function readResults(): Results {
  return JSON.parse(readFileSync(join(root, RESULTS_FILE), 'utf8')) as Results;
}

/** Writes the results of this run. Scenarios that were not run keep the figures of the same machine's last run. */
export function writeResults(figures: readonly Figure[], quick: boolean): void {
  const ran = new Set(figures.map(({ scenario }) => scenario));
  const kept = known()?.figures.filter(({ scenario }) => !ran.has(scenario)) ?? [];
  const all = [...kept, ...figures].map((figure) => ({ ...figure, value: Number(figure.value.toPrecision(DIGITS)) }));
  const results: Results = { machine: machine(), date: new Date().toISOString().slice(0, 10), commit: git('rev-parse', '--short=12', 'HEAD'), quick, figures: all };
  const file = join(root, RESULTS_FILE);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
}

function known(): Results | undefined {
  try {
    const results = readResults();
    return results.machine === machine() ? results : undefined;
  } catch {
    return undefined;
  }
}
