import { UsageError } from '@talaria/probe/harness';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';

/** How it is used. */
export const USAGE = `usage: npm run simulate -- [--seeds N] [--from N] [--nodes N] [--json FILE] [--jobs N]
       npm run simulate -- --seed N [--nodes N] [--trace] [--keep DIR]
       npm run simulate -- --mutants [--seeds N]`;

export type Arguments =
  | { readonly kind: 'seeds'; readonly from: number; readonly count: number; /** Each seed is run once with each. */ readonly topologies: readonly number[]; readonly json: string | undefined; readonly jobs: number }
  | { readonly kind: 'replay'; readonly seed: number; readonly nodes: number; readonly trace: boolean; readonly keep: string | undefined }
  | { readonly kind: 'mutants'; readonly from: number; readonly count: number; readonly json: string | undefined; readonly jobs: number };

const SEEDS = 200;
/** Alone, and as a cluster. */
export const TOPOLOGIES: readonly number[] = [1, 3];
const NODES_MAX = 9;

/** @throws UsageError */
export function parseArguments(words: readonly string[]): Arguments {
  const given = read(words);
  const [from, count, jobs] = [whole('--from', given.from, 1), whole('--seeds', given.seeds, SEEDS), whole('--jobs', given.jobs, availableParallelism())];
  const nodes = given.nodes === undefined ? undefined : whole('--nodes', given.nodes, 1);
  if (nodes !== undefined && nodes > NODES_MAX) throw new UsageError(`--nodes must be at most ${NODES_MAX}, not ${nodes}`);
  if (given.seed !== undefined) {
    if (given.mutants || given.seeds !== undefined) throw new UsageError('--seed replays one seed; leave --seeds and --mutants out');
    return { kind: 'replay', seed: whole('--seed', given.seed, 1), nodes: nodes ?? 1, trace: given.trace ?? false, keep: given.keep };
  }
  if (given.trace || given.keep !== undefined) throw new UsageError(`${given.trace ? '--trace' : '--keep'} needs --seed`);
  if (!given.mutants) return { kind: 'seeds', from, count, json: given.json, jobs, topologies: nodes === undefined ? TOPOLOGIES : [nodes] };
  if (nodes !== undefined) throw new UsageError('--mutants knows how many nodes each mutant needs; leave --nodes out');
  return { kind: 'mutants', from, count, json: given.json, jobs };
}

function read(words: readonly string[]) {
  try {
    return parseArgs({
      args: [...words], options: {
        seeds: { type: 'string' }, nodes: { type: 'string' }, from: { type: 'string' }, seed: { type: 'string' }, json: { type: 'string' }, jobs: { type: 'string' }, keep: { type: 'string' },
        trace: { type: 'boolean' }, mutants: { type: 'boolean' },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function whole(flag: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new UsageError(`${flag} must be a whole number from 1, not ${text}`);
  return value;
}
