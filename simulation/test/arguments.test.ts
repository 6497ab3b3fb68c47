import { availableParallelism } from 'node:os';
import { expect, it } from 'vitest';
import { parseArguments, UsageError } from '../src/arguments.js';

const words = (line: string): string[] => line.split(' ').filter((word) => word !== '');

it('runs 200 seeds from the first, on every core', () => {
  expect(parseArguments([])).toEqual({ kind: 'seeds', from: 1, count: 200, json: undefined, jobs: availableParallelism() });
  expect(parseArguments(words('--seeds 7 --from 3 --json out.json --jobs 1'))).toEqual({ kind: 'seeds', from: 3, count: 7, json: 'out.json', jobs: 1 });
});

it('replays a seed, and hunts mutants', () => {
  expect(parseArguments(words('--seed 9 --trace --keep dir'))).toEqual({ kind: 'replay', seed: 9, trace: true, keep: 'dir' });
  expect(parseArguments(words('--mutants --seeds 20'))).toMatchObject({ kind: 'mutants', count: 20 });
  expect(parseArguments(['--help'])).toEqual({ kind: 'help' });
});

it.each([
  ['--seeds many', '--seeds must be a whole number from 1, not many'], ['--seed 0', '--seed must be a whole number from 1, not 0'], ['--seed 1 --mutants', '--seed replays one seed'],
  ['--trace', '--trace needs --seed'], ['--keep dir', '--keep needs --seed'], ['--sed 1', "'--sed'"], ['more', "'more'"],
])('refuses %s', (line, message) => {
  expect(() => parseArguments(words(line))).toThrow(UsageError);
  expect(() => parseArguments(words(line))).toThrow(message);
});
