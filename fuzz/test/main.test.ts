/** The command: its usage, its results, and what it makes of a process that dies. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UsageError } from '@talaria/probe/harness';
import { parseArguments } from '../src/arguments.js';
import { huntInProcess } from '../src/hunter-process.js';
import { findingText } from '../src/report.js';
import { split } from '../src/split.js';

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const DYING = { program: fileURLToPath(new URL('./dying-hunter.mjs', import.meta.url)), heap_mib_max: 32 };

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'talaria-fuzz-test-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const run = (...args: string[]): Promise<{ code: number; out: string; err: string }> => new Promise((resolve) => {
  execFile(process.execPath, [MAIN, ...args], { env: { ...process.env, TMPDIR: directory } }, (error, out, err) => resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, out, err }));
});

describe('npm run fuzz', { timeout: 120_000 }, () => {
  it('attacks what it is told to, says what was answered, and leaves nothing behind', async () => {
    const json = join(directory, 'out.json');
    const { code, out } = await run('--inputs', '300', '--only', 'frames.server,jwt,config.load', '--seed', '3', '--json', json);
    expect(code).toBe(0);
    expect(out).toMatch(/^target +inputs +seconds +a second +heap MiB\n/);
    expect(out.split('\n').filter((line) => line.length > 80)).toEqual([]);
    expect(out.endsWith('\nseed 3: nothing found\n')).toBe(true);
    const told = JSON.parse(readFileSync(json, 'utf8')) as { seed: number; found: null; results: { inputs: number; codes: object }[] };
    expect([told.seed, told.found, told.results.reduce((sum, { inputs }) => sum + inputs, 0)]).toEqual([3, null, 300]);
    expect(readdirSync(directory)).toEqual(['out.json']);
  });

  it.each([
    [['--only', 'sockets'], 'there is no target sockets'], [['--inputs', '0'], '--inputs must be a whole number'], [['--inputs', 'many'], '--inputs must be'],
    [['--seed', '1e3'], '--seed must be'], [['--path', '1:2'], '--path needs --seed'], [['--path', 'x', '--seed', '1', '--only', 'http'], '--path must be numbers'], [['--frob'], "Unknown option '--frob'"],
  ])('refuses %j in one line', async (args, message) => {
    const { code, out, err } = await run(...args);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(`error: ${message}`);
    expect(err.trimEnd()).not.toContain('\n');
  });
});

describe('the arguments', () => {
  it('are a million inputs on all targets with a fresh seed, when nothing is said', () => {
    expect(parseArguments([], 42)).toMatchObject({ inputs: 1_000_000, seed: 42, path: undefined, targets: [...split(1).keys()] });
  });

  it('take groups and targets', () => {
    expect(parseArguments(['--only', 'frames,http'], 1).targets).toEqual(['frames.server', 'frames.client', 'frames.gateway', 'http']);
    expect(() => parseArguments(['--only', ''], 1)).toThrow(UsageError);
  });
});

describe('a process that attacks', { timeout: 120_000 }, () => {
  const order = { target: 'http', inputs: 50, seed: 5, path: undefined, onProgress: () => undefined } as const;

  it('and allocates without a bound is a finding, with the input that it was at', async () => {
    const { found } = await huntInProcess(order, DYING);
    expect(found).toMatchObject({ target: 'http', seed: 1_000_008, path: '17', message: expect.stringMatching(/^the process ended with (?:SIGABRT|134|5)[^]*heap/) });
    expect(findingText(found!, 50)).toContain('replay: npm run fuzz -- --only http --seed 1000008 --path 17');
  });

  it('and ends with an error that nobody caught is a finding', async () => {
    const { found } = await huntInProcess({ ...order, seed: 6 }, DYING);
    expect(found?.message).toMatch(/^the process ended with 1:\n[^]*nobody caught this/);
  });
});
