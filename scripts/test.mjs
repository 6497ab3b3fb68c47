// Runs the tests. Arguments go to vitest. The last line is always `N passed, N failed, N skipped`.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { countLine } from './lib/count-reporter.mjs';

const vitest = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url));
const reporter = fileURLToPath(new URL('lib/count-reporter.mjs', import.meta.url));

const directory = mkdtempSync(join(tmpdir(), 'talaria-test-'));
const countsFile = join(directory, 'counts.json');
const args = process.argv.slice(2);

const outcome = await runVitest();
const total = readCounts();
rmSync(directory, { recursive: true, force: true });

// A run that proved nothing, or that vitest itself calls failed, must not look like a good one.
const ran = total.passed + total.failed > 0;
if (!ran || (outcome !== 0 && total.failed === 0)) total.failed += 1;

process.stdout.write(`${countLine(total)}\n`);
process.exitCode = total.failed > 0 ? 1 : 0;

function runVitest() {
  const ownReporter = args.some((arg) => arg.startsWith('--reporter'));
  const reporters = ownReporter ? [] : ['--reporter=default'];
  const child = spawn(process.execPath, [vitest, 'run', ...args, ...reporters, `--reporter=${reporter}`], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...colour(), TALARIA_TEST_COUNTS: countsFile },
  });
  // Ctrl-C reaches the child as well; this process waits for it and still prints its line.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  return new Promise((resolve) => {
    child.once('error', (error) => {
      process.stderr.write(`${error.message}\n`);
      resolve(1);
    });
    child.once('close', (code) => resolve(code ?? 1));
  });
}

/** Colour belongs on a terminal; CI=true alone would switch it on. */
function colour() {
  if (process.stdout.isTTY || process.env.FORCE_COLOR) return {};
  return { NO_COLOR: '1' };
}

function readCounts() {
  try {
    return JSON.parse(readFileSync(countsFile, 'utf8'));
  } catch {
    return { passed: 0, failed: 0, skipped: 0 };
  }
}
