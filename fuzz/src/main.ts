/** `npm run fuzz`: attacks everything that comes from outside, until there were enough inputs or one is found. */
import { exitOnSignals, Progress, runCommand } from '@talaria/probe/harness';
import { writeFileSync } from 'node:fs';
import { parseArguments, USAGE, type FuzzOptions } from './arguments.js';
import { huntInProcess } from './hunter-process.js';
import type { HuntResult } from './hunt.js';
import { findingText, table } from './report.js';
import { split } from './split.js';

/** Between two lines where lines stay: a run may take a quarter of an hour. */
const PROGRESS_MS = 10_000;

async function fuzz({ inputs, targets, seed, path, json }: FuzzOptions): Promise<number> {
  exitOnSignals();
  const progress = new Progress(process.stderr, PROGRESS_MS);
  const results: HuntResult[] = [];
  for (const [target, count] of split(inputs, targets)) {
    const shown = path === undefined ? count : 1;
    progress.show(`${target}: 0 of ${shown}, seed ${seed}`, true);
    results.push(await huntInProcess({ target, inputs: shown, seed, path, onProgress: (done) => progress.show(`${target}: ${done} of ${shown}`) }));
    if (results.at(-1)?.found) break;
  }
  progress.end();
  const found = results.at(-1)?.found;
  process.stdout.write(`${table(results)}\n`);
  if (json !== undefined) writeFileSync(json, `${JSON.stringify({ seed, inputs, found: found ?? null, results }, null, 2)}\n`);
  process.stdout.write(found ? `\n${findingText(found, results.at(-1)!.inputs)}\n` : `\nseed ${seed}: nothing found\n`);
  return found ? 1 : 0;
}

await runCommand({
  usage: USAGE, hint: '; see npm run fuzz -- --help', run: (words) => fuzz(parseArguments(words, Math.floor(Math.random() * 2 ** 31))),
});
