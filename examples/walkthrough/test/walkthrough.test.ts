import { operations, type OperationId } from '@talaria/protocol/operations';
import { TalariaError } from '@talaria/sdk';
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { leftOut } from '../src/left-out.js';
import { Story } from '../src/story.js';

const example = fileURLToPath(new URL('..', import.meta.url));
const main = join(example, 'dist/main.js');
const run = promisify(execFile);

let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'talaria-walkthrough-test-'));
  execFileSync(process.execPath, [createRequire(import.meta.url).resolve('typescript/bin/tsc'), '-b'], { cwd: example, stdio: 'inherit' });
}, 60_000);
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Without what the shell around the test has set. */
const env = { ...process.env, TALARIA_URL: '', TALARIA_KEY: '', FORCE_COLOR: '' };

describe('the whole story', () => {
  let out: string;
  let report: { readonly steps: number; readonly operations: readonly string[]; readonly seconds: number };

  beforeAll(async () => {
    const file = join(directory, 'report.json');
    ({ stdout: out } = await run(process.execPath, [main, '--report', file], { env, timeout: 90_000 }));
    report = JSON.parse(readFileSync(file, 'utf8')) as typeof report;
  }, 100_000);

  it('sees all that it should, and says how much that was', () => {
    expect(report.steps).toBeGreaterThan(100);
    expect(out.split('\n').filter((line) => line.startsWith('  ✓ '))).toHaveLength(report.steps);
    expect(out.trimEnd().split('\n').at(-1)).toMatch(new RegExp(`^${report.steps} steps, ${report.operations.length} operations of the API, [0-9.]+ s$`));
  });

  it('fits a terminal of 80 columns, and has no colour on none', () => {
    expect(out.split('\n').filter((line) => [...line].length > 80)).toEqual([]);
    expect(out).not.toContain('\u001B');
  });

  it('uses every operation but those that stand in its list with a reason', () => {
    const excused = Object.values(leftOut).flat();
    const missing = Object.keys(operations).filter((id) => !report.operations.includes(id) && !excused.includes(id));
    expect(missing, 'Use them in a chapter, or give the reason in left-out.ts').toEqual([]);
    expect(excused.filter((id) => report.operations.includes(id)), 'These are used: take them off the list').toEqual([]);
  });
});

describe('what is left out', () => {
  it('is asked by nobody but who runs the installation', () => {
    for (const id of Object.values(leftOut).flat()) expect(operations[id as OperationId], id).toMatchObject(id.startsWith('session.') ? { cookie: true } : { scope: 'admin', user: false });
  });
});

describe('a chapter', () => {
  it('is a file that is played', () => {
    const index = readFileSync(join(example, 'src/chapters/index.ts'), 'utf8');
    for (const file of readdirSync(join(example, 'src/chapters')).filter((name) => name !== 'index.ts')) expect(index).toContain(`'./${file.replace('.ts', '.js')}'`);
  });

  it('stands in the README, in the order in which it is played', () => {
    const played = /chapters: readonly Chapter\[\] = \[([^\]]*)\]/.exec(readFileSync(join(example, 'src/chapters/index.ts'), 'utf8'))![1]!.replaceAll(/\/\/.*/g, '');
    const names = [...played.matchAll(/\w+/g)].map(([name]) => name.replace(/Part$/, ''));
    const told = [...readFileSync(join(example, 'README.md'), 'utf8').matchAll(/^\| \[(\w+)\]\(src\/chapters\/(\w+)\.ts\)/gm)].map((match) => [match[1], match[2]]);
    expect(told).toEqual(names.map((name) => [name, name]));
    expect(names).toHaveLength(readdirSync(join(example, 'src/chapters')).length - 1);
  });
});

describe('a step', () => {
  const lines: string[] = [];
  const story = new Story((line) => void lines.push(line), true);

  it('fails with its sentence and with what there was', () => {
    expect(() => story.saw('the sun is up', false, { sun: 'down' })).toThrow('This was not seen: the sun is up. There was: {"sun":"down"}');
    expect(() => story.saw('x'.repeat(80), true)).toThrow('longer than 80 columns');
  });

  it('that is to be refused fails when it is not, or for another reason', async () => {
    await expect(story.refused('nobody may', 'forbidden', Promise.resolve('done'))).rejects.toThrow('There was: {"answer":"done"}');
    await expect(story.refused('nobody may', 'forbidden', Promise.reject(new TalariaError('frozen', 'Frozen.')))).rejects.toThrow('There was: "frozen"');
    await expect(story.refused('nobody may', 'forbidden', Promise.reject(new Error('broken')))).rejects.toThrow('This was not seen: nobody may');
    expect((await story.refused('nobody may', 'forbidden', Promise.reject(new TalariaError('forbidden', 'No.')))).message).toBe('No.');
  });

  it('has colour where it may', () => {
    const before = lines.length;
    story.saw('green', true);
    expect(lines.slice(before)).toEqual(['  \u001B[32m✓\u001B[0m green']);
  });
});

describe('the program', () => {
  it('ends with a sentence and 1 when it cannot begin', async () => {
    await expect(run(process.execPath, [main], { env: { ...env, TALARIA_URL: 'http://127.0.0.1:9' } })).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('TALARIA_URL needs TALARIA_KEY') as string });
    const unreachable = run(process.execPath, [main], { env: { ...env, TALARIA_URL: 'http://127.0.0.1:9', TALARIA_KEY: 'tk_none' } });
    await expect(unreachable).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('unreachable') as string });
  });
});
