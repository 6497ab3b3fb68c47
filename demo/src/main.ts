/** The demo: `npm run demo -- [--input FILE] [--keep DIR] [--json FILE]`. */
import { exitOnSignals, Progress, refuseUsedDirectory, runCommand, Scene } from '@talaria/probe/harness';
import { writeFileSync } from 'node:fs';
import { parseArguments, USAGE, type DemoOptions } from './arguments.js';
import { outcomeOf, type Evidence, type Outcome } from './outcome.js';
import { run } from './run.js';

async function play(options: DemoOptions): Promise<number> {
  if (options.keep !== undefined) refuseUsedDirectory(options.keep);
  const scene = new Scene('talaria-demo-');
  const progress = new Progress(process.stdout);
  exitOnSignals();
  let evidence: Evidence;
  try {
    evidence = await run(options, scene, progress);
  } finally {
    progress.end();
    await scene.close();
  }
  const outcome = outcomeOf(evidence);
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(asJson(evidence, outcome), null, 2)}\n`);
  process.stdout.write(`${outcome.lines.join('\n')}\n`);
  return outcome.verdict === 'ok' ? 0 : 1;
}

/** What a script wants to know. */
function asJson({ told, verdict, probes, elapsedMs, fileName, file }: Evidence, outcome: Outcome): object {
  const { ends, ...counts } = told;
  return {
    verdict: outcome.verdict, line: outcome.lines.at(-1), file: fileName, bytes: file.length, elapsed_ms: elapsedMs,
    cuts: counts.cuts, connections_cut: counts.connectionsCut, kills: counts.kills, unacked_at_kill: counts.unackedAtKill, committed_at_kill: counts.committedAtKill,
    duplicates: counts.duplicates, duplicates_of_kill: counts.duplicatesOfKill, carol_left_seq: counts.carolLeftSeq, carol_last_seq: ends.carol.lastFact?.seq ?? 0,
    probes_refused: probes.refused, probes_made: probes.made, checker: verdict,
  };
}

await runCommand({ usage: USAGE, hint: `; ${USAGE}`, run: (words) => play(parseArguments(words)) });
