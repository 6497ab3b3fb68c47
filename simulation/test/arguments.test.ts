import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { runToEnd, UsageError } from '@talaria/probe/harness';
import { parseArguments, USAGE } from '../src/arguments.js';

const words = (line: string): string[] => line.split(' ').filter((word) => word !== '');

it('runs 200 seeds from the first, alone and as a cluster, on every core', () => {
  expect(parseArguments([])).toEqual({ kind: 'seeds', from: 1, count: 200, topologies: [1, 3], json: undefined, jobs: availableParallelism() });
  expect(parseArguments(words('--seeds 7 --from 3 --nodes 2 --json out.json --jobs 1'))).toEqual({ kind: 'seeds', from: 3, count: 7, topologies: [2], json: 'out.json', jobs: 1 });
});

it('replays a seed, and hunts mutants', () => {
  expect(parseArguments(words('--seed 9 --trace --keep dir'))).toEqual({ kind: 'replay', seed: 9, nodes: 1, trace: true, keep: 'dir' });
  expect(parseArguments(words('--mutants --seeds 20'))).toMatchObject({ kind: 'mutants', count: 20 });
});

it.each([
  ['--seeds many', '--seeds must be a whole number from 1, not many'], ['--seed 0', '--seed must be a whole number from 1, not 0'], ['--seed 1 --mutants', '--seed replays one seed'],
  ['--nodes 10', '--nodes must be at most 9, not 10'], ['--mutants --nodes 3', '--mutants knows how many nodes'], ['--trace', '--trace needs --seed'], ['--keep dir', '--keep needs --seed'], ['--sed 1', "'--sed'"], ['more', "'more'"],
])('refuses %s', (line, message) => {
  expect(() => parseArguments(words(line))).toThrow(UsageError);
  expect(() => parseArguments(words(line))).toThrow(message);
});

it('prints how it is used, and what is wrong with it', async () => {
  const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));
  expect(await runToEnd(process.execPath, [main, '--help'], 30_000)).toEqual({ code: 0, lines: USAGE.split('\n'), err: '' });
  expect(await runToEnd(process.execPath, [main, '--seeds', 'many'], 30_000)).toEqual({ code: 2, lines: [''], err: `error: --seeds must be a whole number from 1, not many\n${USAGE}\n` });
});
