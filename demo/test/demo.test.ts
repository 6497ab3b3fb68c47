import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCheck, runToEnd, type Ended } from '@talaria/probe/harness';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const TIMEOUT_MS = 120_000;
const VERDICT = /^verdict: \d+ sent, \d+ seen, 0 lost, 0 repeated, 0 reordered$/;

const run = (command: string, args: readonly string[], env?: NodeJS.ProcessEnv): Promise<Ended> => runToEnd(command, args, TIMEOUT_MS, { cwd: ROOT, env });
const check = (history: string): Promise<Ended> => runCheck(ROOT, history, TIMEOUT_MS);

let directory: string;
let histories: string;
let scratch: string;
let ended: Ended;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'talaria-demo-test-'));
  histories = join(directory, 'kept');
  scratch = join(directory, 'scratch');
  mkdirSync(scratch);
  const input = join(directory, 'short.txt');
  writeFileSync(input, ['First line', '', '  Dritte Zeile: äöü 🜚', 'x'.repeat(12_345), '\ttab and return\r', 'no line break behind this'].join('\n'));
  ended = await run(process.execPath, [MAIN, '--input', input, '--keep', histories, '--json', join(directory, 'out.json')], { ...process.env, TMPDIR: scratch });
}, TIMEOUT_MS);

afterAll(() => rmSync(directory, { recursive: true, force: true }));

test('a run through cuts and a kill ends with the verdict as its last line', () => {
  expect(ended.err).toBe('');
  expect(ended.lines.at(-1)).toMatch(VERDICT);
  expect(ended.code).toBe(0);
});

test('commands were unacked at the kill, and answered as duplicates after it', () => {
  const out = JSON.parse(readFileSync(join(directory, 'out.json'), 'utf8')) as Record<string, number>;
  expect(out['unacked_at_kill']).toBeGreaterThan(0);
  expect(out['duplicates_of_kill']).toBeGreaterThan(0);
  expect(out['connections_cut']).toBeGreaterThan(0);
  expect(out['carol_last_seq']).toBe(out['carol_left_seq']);
  expect(out['probes_refused']).toBe(out['probes_made']);
});

test('both sides got the file byte for byte', () => {
  const input = readFileSync(join(directory, 'short.txt'));
  expect(readFileSync(join(histories, 'received-by-bob')).equals(input)).toBe(true);
  expect(readFileSync(join(histories, 'received-by-alice')).equals(input)).toBe(true);
});

test('nothing is left in the temporary directory', () => {
  expect(readdirSync(scratch).filter((name) => name.startsWith('talaria-'))).toEqual([]);
});

test('the kept histories give the same verdict, and without one callback another one', async () => {
  const whole = await check(histories);
  expect(whole.lines.at(-1)).toBe(ended.lines.at(-1));
  expect(whole.code).toBe(0);

  const file = join(histories, 'bob.ndjson');
  const lines = readFileSync(file, 'utf8').split('\n');
  const message = lines.findLastIndex((line) => line.includes('"k":"fact"') && line.includes('message.created'));
  writeFileSync(file, lines.toSpliced(message, 1).join('\n'));
  const mutated = await check(histories);
  expect(mutated.lines.at(-1)).toMatch(/^verdict: FAILED H3 /);
  expect(mutated.code).toBe(1);
}, TIMEOUT_MS);

test('a used directory and wrong words are refused before anything is started', async () => {
  const used = await run(process.execPath, [MAIN, '--keep', histories]);
  expect(used.err).toMatch(/is not empty/);
  expect(used.code).toBe(2);
  const wrong = await run(process.execPath, [MAIN, '--inptu', 'x']);
  expect(wrong.err).toMatch(/unknown flag --inptu/);
  expect(wrong.code).toBe(2);
});

test('Ctrl-C ends the run and everything that it started', async () => {
  const own = join(directory, 'interrupted');
  mkdirSync(own);
  const code = await new Promise((resolve) => {
    const child = execFile(process.execPath, [MAIN], { cwd: ROOT, env: { ...process.env, TMPDIR: own } }, () => undefined);
    child.stdout?.on('data', (chunk: Buffer | string) => {
      if (chunk.toString().includes('sent')) child.kill('SIGINT');
    });
    child.once('exit', resolve);
  });
  expect(code).toBe(130);
  expect(readdirSync(own).filter((name) => name.startsWith('talaria-'))).toEqual([]);
}, TIMEOUT_MS);
