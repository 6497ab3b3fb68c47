/** docs/quickstart.md as its reader does it: a server for development, two tokens, two terminals, and one of them is killed. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { blocksIn, diagnose, filesOf, root } from './support/page-samples.js';

const PAGE = 'docs/quickstart.md';
const TALARIA = `${process.execPath} ${join(root, 'packages/cli/bin/talaria.js')}`;
const WAIT = { timeout: 20_000 };
const shell = blocksIn(PAGE, 'sh');
const blockWith = (text: string): string => shell.find((block) => block.includes(text)) ?? '';

/** Inside the workspace, so that the published packages are found, as they are in a checkout. */
const folder = mkdtempSync(join(root, 'e2e/.samples-'));
const running: ChildProcess[] = [];
let environment: NodeJS.ProcessEnv;

interface Terminal {
  readonly process: ChildProcess;
  readonly lines: () => readonly string[];
  write(line: string): void;
}

function open(command: string): Terminal {
  const child = spawn('bash', ['-c', `exec ${command.trim()}`], { cwd: folder, env: environment });
  running.push(child);
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => (text += part));
  // What it complains of is for whoever reads the test's output.
  child.stderr.pipe(process.stderr);
  return { process: child, lines: () => text.split('\n').slice(0, -1), write: (line) => void child.stdin.write(`${line}\n`) };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
}

beforeAll(async () => {
  environment = { ...process.env };
  const dev = open(`${blockWith('talaria dev').replace('npx talaria', TALARIA).trim()} --port 0 --log-level error -o json`);
  await vi.waitFor(() => expect(dev.lines().join('\n')).toMatch(/^\{[^]*\n\}$/), WAIT);
  const ready = JSON.parse(dev.lines().join('\n')) as { readonly url: string; readonly app_public_key: string; readonly app_key: string };
  const exported = blockWith('export');
  const values: Record<string, string> = { TALARIA_URL: ready.url, TALARIA_APP: ready.app_public_key, TALARIA_KEY: ready.app_key };
  // What the page tells to set, and nothing else.
  for (const [, name = ''] of exported.matchAll(/^export (\w+)=/gm)) environment[name] = values[name];
  for (const [name, text] of filesOf(PAGE)) writeFileSync(join(folder, name), text);
  execFileSync('bash', ['-ec', blockWith('token mint').replaceAll('npx talaria', TALARIA)], { cwd: folder, env: environment });
}, 60_000);
afterAll(async () => {
  for (const child of running.toReversed()) await end(child, 'SIGKILL');
  rmSync(folder, { recursive: true });
});

it('its program has no slip', () => {
  expect([...filesOf(PAGE).keys()]).toEqual(['chat.mjs']);
  const path = join(folder, 'chat.mjs');
  const javascript = { allowJs: true, checkJs: true, strict: false, exactOptionalPropertyTypes: false, types: ['node'] };
  expect(diagnose(path, javascript)).toEqual([]);
  // The check itself can fail.
  const slip = join(folder, 'slip.mjs');
  writeFileSync(slip, filesOf(PAGE).get('chat.mjs')!.replace('chat.send', 'chat.sned'));
  expect(diagnose(slip, javascript)).toHaveLength(1);
}, 60_000);

it('two users chat, and who was away gets what he missed, once', async () => {
  const [alice, bob] = [open(blockWith('chat.mjs alice')), open(blockWith('chat.mjs bob'))];
  for (const one of [alice, bob]) await expect.poll(() => one.lines().some((line) => line.startsWith('Write to')), WAIT).toBe(true);
  const said = (one: Terminal): readonly string[] => one.lines().filter((line) => !line.startsWith('Write to'));
  alice.write('Hello');
  await expect.poll(() => said(bob), WAIT).toEqual(['alice: Hello']);
  bob.write('Hello yourself');
  await expect.poll(() => said(alice), WAIT).toEqual(['alice: Hello', 'bob: Hello yourself']);
  await expect.poll(() => said(bob), WAIT).toHaveLength(2);

  await end(bob.process, 'SIGINT');
  for (const text of ['one', 'two', 'three']) alice.write(text);
  await expect.poll(() => said(alice), WAIT).toHaveLength(5);
  const again = open(blockWith('chat.mjs bob'));
  await expect.poll(() => said(again), WAIT).toEqual(['alice: one', 'alice: two', 'alice: three']);
  again.write('four');
  await expect.poll(() => said(alice).at(-1), WAIT).toBe('bob: four');
  expect(said(again).slice(0, 3)).toEqual(['alice: one', 'alice: two', 'alice: three']);
}, 90_000);
