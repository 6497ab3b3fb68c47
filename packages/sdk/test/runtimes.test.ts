/** The suite for other runtimes, in the one that is here: `npm run test:runtimes` fetches the others. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const MAIN = fileURLToPath(new URL('../runtimes/main.mjs', import.meta.url));

it.skipIf(!process.version.startsWith('v20.'))('[SND2,SND4,ORD1,ORD2,ORD3,ORD5] the suite for all runtimes passes in Node 20', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [MAIN, '--only', 'node 20']);
  expect(stdout.trim().split('\n').at(-1)).toBe('9 passed, 0 failed, 0 skipped');
}, 120_000);
