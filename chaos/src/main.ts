/** `npm run chaos`: breaks a real server while clients are at work, and judges what they saw. */
import { Progress } from '@talaria/probe/harness';
import { writeFileSync } from 'node:fs';
import { parseArguments, refuseUsedDirectory, USAGE, UsageError, type ChaosOptions } from './arguments.js';
import { faults } from './faults.js';
import type { Row } from './outcome.js';
import { writeDerived } from './publish/pages.js';
import { readResults, resultsOf, writeResults } from './publish/results.js';
import { runFault } from './run-fault.js';
import { isGood, tableLines } from './table.js';

const SIGNAL_EXIT = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

async function main(words: readonly string[]): Promise<number> {
  if (words.includes('--help')) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  try {
    const options = parseArguments(words, faults);
    if (options.keep !== undefined) refuseUsedDirectory(options.keep);
    return await run(options);
  } catch (error) {
    const usage = error instanceof UsageError;
    process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}${usage ? '; see npm run chaos -- --help' : ''}\n`);
    return usage ? 2 : 1;
  }
}

async function run({ chosen, minutes, keep, json, publish }: ChaosOptions): Promise<number> {
  for (const [signal, code] of Object.entries(SIGNAL_EXIT)) process.once(signal, () => process.exit(code));
  const progress = new Progress(process.stderr);
  const rows: Row[] = [];
  for (const fault of faults.filter(({ id }) => chosen.includes(id))) {
    const row = await runFault(fault, { minutes, keep, show: (text) => progress.show(text) });
    progress.end();
    rows.push(row);
    process.stderr.write(`${fault.id.padEnd(4)} ${row.verdict.padEnd(7)}  ${fault.name}${row.why === '' ? '' : `: ${row.why}`}\n`);
  }
  const results = resultsOf(rows, minutes);
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(results, null, 2)}\n`);
  if (publish) {
    writeResults(results);
    writeDerived(readResults());
  }
  process.stdout.write(`${tableLines(rows).join('\n')}\n`);
  return isGood(rows) ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
