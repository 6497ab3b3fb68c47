/** The published results: one run, with where, when and of which commit. */
import { headCommit, machineText, today } from '@talaria/probe/harness';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Row } from '../outcome.js';
import { TOPOLOGIES, type Topology } from '../topology.js';

export const root = fileURLToPath(new URL('../../../', import.meta.url));
/** One run of each topology. */
export const resultsFile = (topology: Topology): string => `chaos/results/${topology}.json`;

export interface Results {
  readonly machine: string;
  /** As YYYY-MM-DD. */
  readonly date: string;
  readonly commit: string;
  readonly topology: Topology;
  /** How long clients were at work under each fault. */
  readonly minutes: number;
  readonly rows: readonly Row[];
}

/** Empty where this is no checkout. */
function commit(): string {
  try {
    return headCommit(root);
  } catch {
    return '';
  }
}

export function resultsOf(rows: readonly Row[], minutes: number, topology: Topology): Results {
  return { machine: machineText(), date: today(), commit: commit(), topology, minutes, rows };
}

/** Those that are published, in the order of topologies. */
export function readResults(): Results[] {
  return TOPOLOGIES.map((topology) => join(root, resultsFile(topology))).filter((file) => existsSync(file)).map((file) => JSON.parse(readFileSync(file, 'utf8')) as Results);
}

export function writeResults(results: Results): void {
  const file = join(root, resultsFile(results.topology));
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
}
