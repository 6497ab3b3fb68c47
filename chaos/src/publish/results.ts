/** The published results: one run, with where, when and of which commit. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Row } from '../outcome.js';

export const root = fileURLToPath(new URL('../../../', import.meta.url));
export const RESULTS_FILE = 'chaos/results/latest.json';

export interface Results {
  readonly machine: string;
  /** As YYYY-MM-DD. */
  readonly date: string;
  readonly commit: string;
  readonly topology: string;
  /** How long clients were at work under each fault. */
  readonly minutes: number;
  readonly rows: readonly Row[];
}

const GIB = 2 ** 30;

function machine(): string {
  const all = cpus();
  const model = all[0]?.model.replaceAll(/\s+/g, ' ').trim() ?? 'unknown';
  return `${all.length} cores of ${model}, ${Math.round(totalmem() / GIB)} GiB, ${process.platform} ${process.arch}, Node ${process.versions.node}`;
}

/** Empty where this is no checkout. */
function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short=12', 'HEAD'], { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return '';
  }
}

export function resultsOf(rows: readonly Row[], minutes: number): Results {
  return { machine: machine(), date: new Date().toISOString().slice(0, 10), commit: commit(), topology: 'one node, SQLite', minutes, rows };
}

export function readResults(): Results {
  return JSON.parse(readFileSync(join(root, RESULTS_FILE), 'utf8')) as Results;
}

export function writeResults(results: Results): void {
  const file = join(root, RESULTS_FILE);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
}
