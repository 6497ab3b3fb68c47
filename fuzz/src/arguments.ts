import { UsageError } from '@talaria/probe/harness';
import { parseArgs } from 'node:util';
import { targetNames, type TargetName } from './target.js';

const INPUTS = 1_000_000;
const groups = [...new Set(targetNames.map((name) => name.split('.')[0]!))];

export const USAGE = `usage: npm run fuzz -- [--inputs N] [--only ${groups.join(',')}]
       [--seed S] [--path P] [--json FILE]

  --inputs  how many inputs in all (${INPUTS.toLocaleString('en')} when left out)
  --only    targets, or groups of them: ${targetNames.slice(0, 4).join(', ')},
            ${targetNames.slice(4).join(', ')}
  --seed    what the inputs are made from; another one each time when left out
  --path    replays the one input that a finding names, with its --only and --seed
  --json    writes what was found and counted to a file`;

export interface FuzzOptions {
  readonly inputs: number;
  readonly targets: readonly TargetName[];
  readonly seed: number;
  readonly path: string | undefined;
  readonly json: string | undefined;
}

/** @param freshSeed the seed when none is given @throws UsageError */
export function parseArguments(words: readonly string[], freshSeed: number): FuzzOptions {
  const { inputs, only, seed, path, json } = read(words);
  const targets = only === undefined ? targetNames : only.split(',').flatMap(named);
  if (path !== undefined && (targets.length !== 1 || seed === undefined)) throw new UsageError('--path needs --seed, and --only with one target');
  if (path !== undefined && !/^\d+(?::\d+)*$/.test(path)) throw new UsageError('--path must be numbers with colons between them, as a finding names it');
  return { inputs: inputs === undefined ? INPUTS : whole('--inputs', inputs, 1, 1e9), targets, seed: seed === undefined ? freshSeed : whole('--seed', seed, -(2 ** 31), 2 ** 31 - 1), path, json };
}

function read(words: readonly string[]) {
  try {
    return parseArgs({ args: [...words], options: { inputs: { type: 'string' }, only: { type: 'string' }, seed: { type: 'string' }, path: { type: 'string' }, json: { type: 'string' } } }).values;
  } catch (error) {
    // Node explains itself over several sentences; the first says what is wrong.
    throw new UsageError(error instanceof Error ? error.message.split('. ')[0] : String(error));
  }
}

function named(word: string): readonly TargetName[] {
  const found = targetNames.filter((name) => name === word || name.split('.')[0] === word);
  if (found.length === 0) throw new UsageError(`there is no target ${word}; there are ${targetNames.join(', ')}`);
  return found;
}

function whole(flag: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (!/^-?\d+$/.test(text) || value < min || value > max) throw new UsageError(`${flag} must be a whole number from ${min} to ${max}, not ${text}`);
  return value;
}
