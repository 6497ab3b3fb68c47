import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { makeTree, runScript } from './fixture.js';

const modules = fileURLToPath(new URL('../../node_modules', import.meta.url));

/** Runs scripts/test.mjs on test files of these contents; gives the exit code and the last line. */
function runTests(files: Record<string, string>, env: Record<string, string> = {}) {
  const bodies = Object.entries(files).map(([name, body]) => [
    `t/${name}.test.mjs`,
    `import { beforeAll, describe, expect, test } from 'vitest';\n${body}\n`,
  ]);
  const config = "export default { test: { include: ['t/*.test.mjs'], pool: 'forks', maxWorkers: 1 } };\n";
  const root = makeTree({ 'vitest.config.mjs': config, ...Object.fromEntries(bodies) });
  symlinkSync(modules, join(root, 'node_modules'));
  const { code, lines } = runScript('test.mjs', [], { cwd: root, env });
  return { code, last: lines.at(-1), text: lines.join('\n') };
}

const GOOD = "test('good', () => {}); test.skip('skipped', () => {}); test.todo('to do');";

const FAILED_HOOK = "describe('x', () => { beforeAll(() => { throw new Error('x'); }); test('a', () => {}); });";

describe('the test command', () => {
  it('counts a good run and exits 0, without colour even when CI is set', () => {
    const { code, last, text } = runTests({ good: GOOD }, { CI: 'true' });
    expect([code, last]).toEqual([0, '1 passed, 0 failed, 2 skipped']);
    expect(text).not.toContain('\u001B[');
  });

  it.each([
    ['a failed test', { good: GOOD, bad: "test('bad', () => expect(1).toBe(2));" }, '1 passed, 1 failed, 2 skipped'],
    ['each failed hook', { bad: `${FAILED_HOOK} ${FAILED_HOOK}` }, '0 passed, 2 failed, 2 skipped'],
    ['a file that does not load', { good: GOOD, bad: "import './absent.mjs';" }, '1 passed, 1 failed, 2 skipped'],
    ['a stray rejection', { bad: "test('a', () => { void Promise.reject(new Error('stray')); });" }, '1 passed, 1 failed, 0 skipped'],
    ['a process that dies', { bad: "test('a', async () => { process.kill(process.pid, 'SIGKILL'); await new Promise(() => {}); });" }, '0 passed, 2 failed, 0 skipped'],
    ['no test at all', { bad: "test.skip('a', () => {});" }, '0 passed, 1 failed, 1 skipped'],
    ['no test file', {}, '0 passed, 1 failed, 0 skipped'],
  ])('fails on %s', (_, files, line) => {
    const { code, last } = runTests(files);
    expect([code, last]).toEqual([1, line]);
  });
});
