/** The short form of `npm run chaos`: real processes, three faults; and that harm is found where there is some. */
import Database from 'better-sqlite3';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runCheck, runToEnd, type Ended } from '@talaria/probe/harness';
import { crash } from '../dist/faults/f1-crash.js';
import { runFault } from '../dist/run-fault.js';
import type { Results } from '../src/publish/results.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const TIMEOUT_MS = 240_000;

const run = (command: string, args: readonly string[], env?: NodeJS.ProcessEnv): Promise<Ended> => runToEnd(command, args, TIMEOUT_MS, { cwd: ROOT, env });
const check = (history: string): Promise<Ended> => runCheck(ROOT, history, TIMEOUT_MS);

let directory: string;
let kept: string;
let scratch: string;
let ended: Ended;
let results: Results;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'talaria-chaos-short-'));
  kept = join(directory, 'kept');
  scratch = join(directory, 'scratch');
  mkdirSync(scratch);
  ended = await run(process.execPath, [MAIN, '--only', 'F1,F8,F9', '--minutes', '0.01', '--keep', kept, '--json', join(directory, 'out.json')], { ...process.env, TMPDIR: scratch });
  results = JSON.parse(readFileSync(join(directory, 'out.json'), 'utf8')) as Results;
}, TIMEOUT_MS);

afterAll(() => rmSync(directory, { recursive: true, force: true }));

it('[SND1,SND2,SND4,SND7,ORD1,ORD2,ORD4,RES1,H11] nothing is lost, repeated or reordered when the server is killed, the network breaks, and acks are lost', () => {
  expect(results.rows.map(({ fault, verdict, why }) => ({ fault, verdict, why }))).toEqual(['F1', 'F8', 'F9'].map((fault) => ({ fault, verdict: 'ok', why: '' })));
  for (const { acked, in_flight, unknown, lost, repeated, reordered, fault, faults } of results.rows) {
    expect({ lost, repeated, reordered }, fault).toEqual({ lost: 0, repeated: 0, reordered: 0 });
    expect(Math.min(acked, in_flight, unknown, faults), fault).toBeGreaterThan(0);
  }
  expect(ended.lines.at(-1)).toBe('chaos: 3 ok');
  expect(ended.code).toBe(0);
});

it('[SND2] commands whose ack was lost were answered as done before', () => {
  const figures = Object.fromEntries(results.rows.map(({ fault, figures: all }) => [fault, all]));
  expect(figures['F1']!['committed_unacked']).toBeGreaterThan(0);
  expect(figures['F9']!['answered_again']).toBeGreaterThan(0);
  expect(figures['F8']!['late_bytes']).toBeGreaterThan(0);
});

it('leaves nothing behind', () => {
  expect(readdirSync(scratch)).toEqual([]);
});

it('[H3] kept histories are judged again in the same way, and in another one without one fact that a client saw', async () => {
  const whole = await check(join(kept, 'F8'));
  expect(whole.lines.at(-1)).toMatch(/^verdict: \d+ sent, \d+ seen, 0 lost, 0 repeated, 0 reordered$/);
  const file = join(kept, 'F8', 'a-0.ndjson');
  const lines = readFileSync(file, 'utf8').split('\n');
  const fact = lines.findLastIndex((line) => line.includes('"k":"fact","observer":"consumer"') && line.includes('message.created'));
  writeFileSync(file, lines.toSpliced(fact, 1).join('\n'));
  const mutated = await check(join(kept, 'F8'));
  expect(mutated.lines.at(-1)).toMatch(/^verdict: FAILED H3 a-0\/consumer /);
  expect(mutated.code).toBe(1);
}, TIMEOUT_MS);

it('[H1] a server that loses what it has acked is found out', async () => {
  let removed = 0;
  const row = await runFault(crash((dataDirectory) => {
    if (removed === 0) removed = removeAcked(join(dataDirectory, 'talaria.db'));
  }), { topology: 'single', minutes: 0.01, keep: undefined, show: () => undefined });
  expect(removed).toBeGreaterThan(0);
  expect(row).toMatchObject({ fault: 'F1', verdict: 'failed', why: expect.stringMatching(/FAILED H\d+/) });
  expect(row.lost).toBeGreaterThan(0);
}, TIMEOUT_MS);

/** Takes one fact in the middle of a conversation out of the log. @returns how many rows */
function removeAcked(file: string): number {
  const db = new Database(file);
  try {
    return db.prepare("DELETE FROM events WHERE position = (SELECT position FROM events WHERE type = 'message.created' ORDER BY position LIMIT 1 OFFSET 20)").run().changes;
  } finally {
    db.close();
  }
}

it('wrong words are refused before anything is started', async () => {
  const wrong = await run(process.execPath, [MAIN, '--only', 'F99']);
  expect(wrong.err).toMatch(/^error: --only: there is no fault "F99"; .*; see npm run chaos -- --help\n$/);
  expect(wrong.code).toBe(2);
  const used = await run(process.execPath, [MAIN, '--keep', directory]);
  expect(used.err).toMatch(/is not empty/);
  expect(used.code).toBe(2);
});

it('Ctrl-C ends the run and everything that it started', async () => {
  const own = join(directory, 'interrupted');
  mkdirSync(own);
  const code = await new Promise((resolve) => {
    const child = execFile(process.execPath, [MAIN, '--only', 'F1'], { cwd: ROOT, env: { ...process.env, TMPDIR: own } }, () => undefined);
    child.stderr?.on('data', (chunk: Buffer | string) => {
      if (chunk.toString().includes('F1')) child.kill('SIGINT');
    });
    child.once('exit', resolve);
  });
  expect(code).toBe(130);
  expect(readdirSync(own)).toEqual([]);
}, TIMEOUT_MS);
