import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach } from 'vitest';

const made: string[] = [];

afterEach(() => {
  for (const root of made.splice(0)) rmSync(root, { recursive: true, force: true });
});

/** Writes a small tree into a temporary folder that goes away with the test. Objects are written as JSON. */
export function makeTree(files: Record<string, string | object>): string {
  const root = mkdtempSync(join(tmpdir(), 'talaria-tree-'));
  made.push(root);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), typeof content === 'string' ? content : JSON.stringify(content));
  }
  return root;
}

export interface Outcome {
  code: number | null;
  lines: string[];
}

/** Runs one of the scripts as a process, outside of the surrounding test run's environment. */
export function runScript(name: string, args: string[], options: { cwd?: string; env?: Record<string, string> } = {}): Outcome {
  const script = fileURLToPath(new URL(`../${name}`, import.meta.url));
  const inherited = Object.entries(process.env).filter(([key]) => !/^(VITEST|TINYPOOL|TEST$|NODE_ENV$|FORCE_COLOR$)/.test(key));
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], {
    cwd: options.cwd,
    env: { ...Object.fromEntries(inherited), ...options.env },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return { code: status, lines: `${stderr}${stdout}`.trimEnd().split('\n') };
}
