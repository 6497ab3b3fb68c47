import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { refuseUsedDirectory, UsageError } from '@talaria/probe/harness';
import { MINUTES, parseArguments } from '../src/arguments.js';

const known = [{ id: 'F1', topologies: ['single', 'cluster'] }, { id: 'F3', topologies: ['single'] }, { id: 'F8', topologies: ['single', 'cluster'] }, { id: 'F10', topologies: ['cluster'] }] as const;
const parse = (...words: string[]) => parseArguments(words, known);

it('without words, every fault for the usual time', () => {
  expect(parse()).toEqual({ topology: 'single', minutes: MINUTES, chosen: ['F1', 'F3', 'F8'], json: undefined, keep: undefined, publish: false });
});

it('chooses and leaves out', () => {
  expect(parse('--only', 'F8,f1').chosen).toEqual(['F1', 'F8']);
  expect(parse('--exclude=F3').chosen).toEqual(['F1', 'F8']);
  expect(parse('--only', 'F1,F3', '--exclude', 'F3').chosen).toEqual(['F1']);
  expect(parse('--minutes', '0.05', '--json', 'a', '--keep', 'b', '--publish')).toEqual({ topology: 'single', minutes: 0.05, chosen: ['F1', 'F3', 'F8'], json: 'a', keep: 'b', publish: true });
});

it('a cluster has faults of its own', () => {
  expect(parse('--topology', 'cluster')).toMatchObject({ topology: 'cluster', chosen: ['F1', 'F8', 'F10'] });
  expect(() => parse('--topology', 'cluster', '--only', 'F3')).toThrow('there is no fault "F3"; there are F1, F8, F10');
});

it.each([
  [['--topology', 'ring'], /--topology must be single or cluster, not "ring"/],
  [['--only', 'F2'], /there is no fault "F2"; there are F1, F3, F8/],
  [['--exclude', 'F1,F3,F8'], /leaves no fault/],
  [['--minutes', '0'], /--minutes must be a number above 0/],
  [['--minutes', 'soon'], /--minutes must be a number above 0/],
  [['--minuets', '1'], /Unknown option '--minuets'/],
  [['F1'], /Unexpected argument 'F1'/],
  [['--json='], /--json needs a FILE/],
])('%j is wrong', (words, message) => {
  expect(() => parse(...words)).toThrow(UsageError);
  expect(() => parse(...words)).toThrow(message);
  expect(() => parse(...words)).not.toThrow(/\n/);
});

it('histories are not mixed', () => {
  const directory = mkdtempSync(join(tmpdir(), 'talaria-chaos-test-'));
  try {
    expect(() => refuseUsedDirectory(directory)).not.toThrow();
    expect(() => refuseUsedDirectory(join(directory, 'new'))).not.toThrow();
    writeFileSync(join(directory, 'file'), '');
    expect(() => refuseUsedDirectory(directory)).toThrow(/is not empty/);
    expect(() => refuseUsedDirectory(join(directory, 'file'))).toThrow(/is not a directory/);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
