/** `npm run chaos`: breaks a real server while clients are at work, and judges what they saw. */
import { exitOnSignals, Progress, refuseUsedDirectory, runCommand } from '@talaria/probe/harness';
import { writeFileSync } from 'node:fs';
import { parseArguments, USAGE, type ChaosOptions } from './arguments.js';
import { faults } from './faults.js';
import { removeLeftovers } from './leftovers.js';
import type { Row } from './outcome.js';
import { writeDerived } from './publish/pages.js';
import { readResults, resultsOf, writeResults } from './publish/results.js';
import { runFault } from './run-fault.js';
import { isGood, tableLines } from './table.js';

async function run({ topology, chosen, minutes, keep, json, publish }: ChaosOptions): Promise<number> {
  if (keep !== undefined) refuseUsedDirectory(keep);
  exitOnSignals();
  removeLeftovers();
  const progress = new Progress(process.stderr);
  const rows: Row[] = [];
  for (const fault of faults.filter(({ id }) => chosen.includes(id))) {
    const row = await runFault(fault, { topology, minutes, keep, show: (text) => progress.show(text) });
    progress.end();
    rows.push(row);
    process.stderr.write(`${fault.id.padEnd(4)} ${row.verdict.padEnd(7)}  ${fault.name}${row.why === '' ? '' : `: ${row.why}`}\n`);
  }
  const results = resultsOf(rows, minutes, topology);
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(results, null, 2)}\n`);
  if (publish) {
    writeResults(results);
    writeDerived(readResults());
  }
  process.stdout.write(`${tableLines(rows).join('\n')}\n`);
  return isGood(rows) ? 0 : 1;
}

await runCommand({ usage: USAGE, hint: '; see npm run chaos -- --help', run: (words) => run(parseArguments(words, faults)) });
