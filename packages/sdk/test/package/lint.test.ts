/** The manifest, as two linters for packages see it. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const SDK = fileURLToPath(new URL('../..', import.meta.url));
const BIN = fileURLToPath(new URL('../../../../node_modules/.bin', import.meta.url));
const run = (command: string, ...args: string[]): string => execFileSync(join(BIN, command), args, { cwd: SDK, encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } });

describe('packaging', () => {
  it('publint has nothing to say', () => {
    expect(run('publint', '--strict')).toContain('All good!');
  }, 60_000);

  it('the types are right for every way of importing', () => {
    // It exits with an error when it finds one. Resolution without an exports map, of Node 10, is left out in .attw.json.
    const lines = run('attw', '--pack', '--no-emoji', '--format', 'ascii').split('\n').filter((line) => /^(?:node16|bundler)/.test(line));
    expect(lines.length).toBe(30);
    expect(lines.filter((line) => !line.includes(': OK'))).toEqual([]);
  }, 60_000);
});
