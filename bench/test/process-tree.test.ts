import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { treeCpuUs } from '../src/process-tree.js';

it('counts what a process has started, also when that has ended', async () => {
  const spin = "const endMs = Date.now() + 200; while (Date.now() < endMs);";
  const parent = spawn(process.execPath, ['-e', `require('node:child_process').spawnSync(process.execPath, ['-e', ${JSON.stringify(spin)}]); console.log('spun'); setInterval(() => {}, 1_000);`]);
  try {
    await once(parent.stdout, 'data');
    expect(treeCpuUs(parent.pid!)).toBeGreaterThan(100_000);
  } finally {
    parent.kill('SIGKILL');
  }
});

it('knows nothing of a process that is not there', () => {
  expect(treeCpuUs(2 ** 30)).toBe(0);
});
