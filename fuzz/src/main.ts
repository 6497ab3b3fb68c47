/** `npm run fuzz`: attacks everything that comes from outside, until there were enough inputs or one is found. */
import { writeFileSync } from 'node:fs';
import { parseArguments, USAGE, UsageError, type FuzzOptions } from './arguments.js';
import { huntInProcess } from './hunter-process.js';
import type { HuntResult } from './hunt.js';
import { Progress } from './progress.js';
import { findingText, table } from './report.js';
import { split } from './split.js';

const SIGNAL_EXIT = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

async function main(words: readonly string[]): Promise<number> {
  if (words.includes('--help')) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  try {
    return await fuzz(parseArguments(words, Math.floor(Math.random() * 2 ** 31)));
  } catch (error) {
    const usage = error instanceof UsageError;
    process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}${usage ? '; see npm run fuzz -- --help' : ''}\n`);
    return usage ? 2 : 1;
  }
}

async function fuzz({ inputs, targets, seed, path, json }: FuzzOptions): Promise<number> {
  // What a run has started ends with it.
  for (const [signal, code] of Object.entries(SIGNAL_EXIT)) process.once(signal, () => process.exit(code));
  const progress = new Progress(process.stderr);
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

process.exitCode = await main(process.argv.slice(2));
