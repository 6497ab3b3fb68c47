/** `npm run bench`: measures Talaria beside its peers, on this machine, in one run. */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { checks } from './checks.js';
import { writeDerived } from './publish/pages.js';
import { readResults, writeResults } from './publish/results.js';
import type { Figure } from './result.js';
import { avalanche } from './scenarios/avalanche.js';
import { cluster } from './scenarios/cluster.js';
import { fanout } from './scenarios/fanout.js';
import { growth } from './scenarios/growth.js';
import { history } from './scenarios/history.js';
import { idle } from './scenarios/idle.js';
import { inbox } from './scenarios/inbox.js';
import { jetstream } from './scenarios/jetstream.js';
import { jitter } from './scenarios/jitter.js';
import { many } from './scenarios/many.js';
import { overload } from './scenarios/overload.js';
import { postgresSend } from './scenarios/postgres-send.js';
import { presence } from './scenarios/presence.js';
import { receipts } from './scenarios/receipts.js';
import type { Scenario } from './scenarios/scenario.js';
import { search } from './scenarios/search.js';
import { send } from './scenarios/send.js';
import { soak } from './scenarios/soak.js';
import { Services } from './services.js';
import { table } from './table.js';

const scenarios: readonly Scenario[] = [send, fanout, many, jitter, avalanche, idle, history, overload, growth, search, inbox, receipts, presence, postgresSend, cluster, jetstream, soak];
const MINUTES = 30;
const USAGE = `usage: npm run bench -- [--only ${scenarios.map(({ name }) => name).join(',')}] [--quick] [--long] [--minutes ${MINUTES}] [--check] [--json FILE] [--publish]`;

function readArguments(words: readonly string[]) {
  const { values } = parseArgs({
    args: [...words], options: {
      only: { type: 'string' }, quick: { type: 'boolean' }, check: { type: 'boolean' }, json: { type: 'string' }, long: { type: 'boolean' }, minutes: { type: 'string' },
      publish: { type: 'boolean' }, help: { type: 'boolean' },
    },
  });
  const wanted = values.only?.split(',') ?? scenarios.filter(({ by_name_only: hidden = false }) => !hidden).map(({ name }) => name);
  const unknown = wanted.find((name) => !scenarios.some((scenario) => scenario.name === name));
  if (unknown !== undefined) throw new Error(`there is no scenario ${unknown}`);
  const minutes = Number(values.minutes ?? MINUTES);
  if (!(minutes > 0)) throw new Error('--minutes must be a number above 0');
  return { ...values, minutes, chosen: scenarios.filter(({ name }) => wanted.includes(name)) };
}

async function main(): Promise<void> {
  const { chosen, minutes, quick = false, long = false, check = false, publish = false, help = false, json } = readArguments(process.argv.slice(2));
  if (help) {
    process.stdout.write(`${USAGE}\n`);
    return;
  }
  const all: Figure[] = [];
  const startedMs = performance.now();
  const progress = (text: string): void => void process.stderr.write(`${Math.round((performance.now() - startedMs) / 1_000).toString().padStart(4)} s  ${text}\n`);
  await tryServices(chosen);
  for (const scenario of chosen) {
    all.push(...await scenario.run({ quick, long, minutes, progress }));
    process.stdout.write(`\n${table(scenario.name, all)}\n\n`);
  }
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(all, null, 2)}\n`);
  if (publish) {
    writeResults(all, quick);
    writeDerived(readResults());
  }
  const verdicts = checks(all);
  for (const { text, ok } of verdicts) process.stdout.write(`${ok ? 'reached' : 'MISSED '}  ${text}\n`);
  if (check && verdicts.some(({ ok }) => !ok)) process.exitCode = 1;
}

/** A long run is not to end at a server that could not be had. @throws Error that says how to get one */
async function tryServices(chosen: readonly Scenario[]): Promise<void> {
  const services = new Services();
  try {
    await services.placesOf(chosen.flatMap(({ needs }) => needs));
  } finally {
    await services.stop();
  }
}

// What a run has started ends with it.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

main().catch((error: unknown) => {
  process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n${USAGE}\n`);
  process.exit(1);
});
