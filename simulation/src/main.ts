/** `npm run simulate`: seeds of the simulation, their verdict, and the command that replays what fails. */
import { Progress, runCommand } from '@talaria/probe/harness';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArguments, TOPOLOGIES, USAGE, type Arguments } from './arguments.js';
import { hunt } from './hunt.js';
import { pin } from './pinned.js';
import { Pool } from './pool.js';
import { takeCrypto } from './quiet.js';
import { simulate, type Outcome } from './simulate.js';

type Of<Kind extends Arguments['kind']> = Extract<Arguments, { kind: Kind }>;

const LISTED_MAX = 10;
const out = (line: string): void => void process.stdout.write(`${line}\n`);
const seconds = (sinceMs: number): string => ((performance.now() - sinceMs) / 1_000).toFixed(1);
const wrong = ({ seed, nodes, breaches, why }: Outcome): string[] => [
  ...breaches.slice(0, LISTED_MAX).map(({ rule, text }) => `seed ${seed}: ${rule} ${text}`),
  ...(why === undefined ? [] : [`seed ${seed}: unknown, ${why}`]), `replay: npm run simulate -- --seed ${seed}${nodes === 1 ? '' : ` --nodes ${nodes}`}`,
];

function run(given: Arguments): Promise<number> {
  switch (given.kind) {
    case 'seeds': return runSeeds(given);
    case 'replay': return replay(given);
    case 'mutants': return runMutants(given);
  }
}

async function runSeeds({ from, count, topologies, json, jobs }: Of<'seeds'>): Promise<number> {
  const startedMs = performance.now();
  const outcomes = await allOf(from, count, topologies, jobs);
  const bad = outcomes.filter(({ verdict }) => verdict !== 'ok');
  for (const outcome of bad) {
    for (const line of wrong(outcome)) out(line);
    const first = outcome.breaches[0];
    if (first) pin(outcome.seed, outcome.nodes, `${first.rule} ${first.text}`);
  }
  if (json !== undefined) write(json, outcomes);
  const sum = (pick: (outcome: Outcome) => number): string => outcomes.reduce((total, one) => total + pick(one), 0).toLocaleString('en');
  out(`${sum(({ faults }) => faults)} faults, ${sum(({ virtual_ms: ms }) => Math.round(ms / 1_000))} s of virtual time, ${sum(({ steps }) => steps)} steps in ${seconds(startedMs)} s`);
  const counts = `${count} seeds, each with ${topologies.map((nodes) => (nodes === 1 ? 'one node' : `${nodes} nodes`)).join(' and ')}, ${sum(({ sent }) => sent)} sent, ${sum(({ seen }) => seen)} seen`;
  out(bad.length === 0 ? `verdict: ${counts}, every rule held` : `verdict: FAILED, ${counts}, ${bad.length} runs broke a rule or showed nothing`);
  return bad.length === 0 ? 0 : 1;
}

async function allOf(from: number, count: number, topologies: readonly number[], jobs: number): Promise<Outcome[]> {
  const tasks = Array.from({ length: count }, (_, at) => topologies.map((nodes) => ({ seed: from + at, nodes }))).flat();
  const pool = new Pool(Math.min(jobs, tasks.length));
  const progress = new Progress(process.stderr);
  let done = 0;
  try {
    return await Promise.all(tasks.map(async (task) => {
      const outcome = await pool.run(task);
      done += 1;
      progress.show(`${done} of ${tasks.length} runs`);
      return outcome;
    }));
  } finally {
    progress.end();
    pool.close();
  }
}

/** Twice, because a seed that gives two runs gives none that could be looked at. */
async function replay({ seed, nodes, trace, keep }: Of<'replay'>): Promise<number> {
  const quiet = takeCrypto();
  const first = await simulate(seed, {
    quiet, nodes,
    ...(trace ? { listener: (atMs: number, line: string) => out(`${atMs.toFixed(3).padStart(12)}  ${line}`) } : {}),
    ...(keep === undefined ? {} : {
      keep: (chronicle) => {
        for (const { name, lines } of chronicle.histories()) write(join(keep, name), lines);
      },
    }),
  });
  const second = await simulate(seed, { quiet, nodes });
  if (first.verdict !== 'ok') for (const line of wrong(first).slice(0, -1)) out(line);
  out(`trace ${first.hash}, again ${second.hash}: ${first.hash === second.hash ? 'the same run' : 'NOT the same run'}`);
  out(`verdict: ${first.verdict === 'ok' ? '' : 'FAILED, '}seed ${seed}, ${nodes === 1 ? '' : `${nodes} nodes, `}${first.sent} sent, ${first.seen} seen, ${first.faults} faults${first.verdict === 'ok' ? ', every rule held' : ''}`);
  return first.verdict === 'ok' && first.hash === second.hash ? 0 : 1;
}

async function runMutants({ from, count, json, jobs }: Of<'mutants'>): Promise<number> {
  const startedMs = performance.now();
  const pool = new Pool(jobs);
  const caught = await hunt(pool, from, count, ({ mutant, seed, rule, rules }) => {
    out(`${mutant.padEnd(44)} ${rule === undefined ? `NOT CAUGHT by ${rules.join(' or ')}` : `${rule.padEnd(5)} at seed ${seed}`}`);
  }).finally(() => pool.close());
  const clean = (await allOf(from, count, TOPOLOGIES, jobs)).filter(({ verdict }) => verdict !== 'ok');
  for (const outcome of clean) for (const line of wrong(outcome)) out(line);
  if (json !== undefined) write(json, caught);
  const missed = caught.filter(({ seed }) => seed === undefined);
  out(`in ${seconds(startedMs)} s`);
  const ok = missed.length === 0 && clean.length === 0;
  out(`verdict: ${ok ? '' : 'FAILED, '}${caught.length - missed.length} of ${caught.length} mutants caught within ${count} seeds, ${clean.length === 0 ? 'which the real system passes' : `${clean.length} of which the real system fails`}`);
  return ok ? 0 : 1;
}

/** Objects as JSON; lines of a history one by one. */
function write(file: string, value: readonly object[]): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, file.endsWith('.ndjson') ? value.map((line) => `${JSON.stringify(line)}\n`).join('') : `${JSON.stringify(value, null, 2)}\n`);
}

await runCommand({ usage: USAGE, hint: `\n${USAGE}`, run: (words) => run(parseArguments(words)) });
