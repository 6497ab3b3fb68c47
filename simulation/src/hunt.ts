/** Mutants, each through the seeds until its rule catches it. */
import { mutants, type Mutant } from './mutants.js';
import type { Pool } from './pool.js';

export interface Catch {
  readonly mutant: string;
  readonly rules: readonly string[];
  /** Undefined when no seed caught it. */
  readonly seed: number | undefined;
  readonly rule: string | undefined;
  readonly text: string | undefined;
}

/** @param told called with each mutant's end */
export function hunt(pool: Pool, from: number, count: number, told: (one: Catch) => void): Promise<Catch[]> {
  return Promise.all(mutants.map(async (mutant) => {
    const found = await huntOne(pool, mutant, from, count);
    told(found);
    return found;
  }));
}

async function huntOne(pool: Pool, { name, rules, nodes = 1 }: Mutant, from: number, count: number): Promise<Catch> {
  for (let seed = from; seed < from + count; seed += 1) {
    const { breaches } = await pool.run({ seed, nodes, mutant: name });
    const breach = breaches.find(({ rule }) => rules.includes(rule));
    if (breach) return { mutant: name, rules, seed, rule: breach.rule, text: breach.text };
  }
  return { mutant: name, rules, seed: undefined, rule: undefined, text: undefined };
}
