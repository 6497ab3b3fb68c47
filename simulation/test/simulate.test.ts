/** 200 seeds of the whole system, each other one over three nodes, the seeds that have failed once, and the proof that a seed is one run. */
import { factTable } from '@talaria/protocol';
import { operationIds } from '@talaria/protocol/operations';
import { availableParallelism } from 'node:os';
import { afterAll, expect, it } from 'vitest';
import { LEFT_OUT } from '../src/deeds.js';
import { pinnedSeeds } from '../src/pinned.js';
import { Pool } from '../dist/pool.js';
import type { Outcome } from '../src/simulate.js';

const SEEDS = 100;
/** `--mutants` tries all seeds; here it is shown that it can be seen at all. */
const FEW = 12;
const done = new Set<string>();
const folded = new Set<string>();
/** Nobody there fetches pages that messages link to. */
const NEVER_FOLDED: readonly string[] = ['message.previewed'];
const pool = new Pool(availableParallelism());
afterAll(() => pool.close());

const run = (seed: number, nodes = 1, mutant?: string): Promise<Outcome> => pool.run({ seed, nodes, ...(mutant === undefined ? {} : { mutant }) });
const broken = (outcomes: readonly Outcome[]): string[] =>
  outcomes.filter(({ verdict }) => verdict !== 'ok').map(({ seed, nodes, verdict, breaches, why }) => `npm run simulate -- --seed ${seed} --nodes ${nodes}: ${breaches[0] ? `${breaches[0].rule} ${breaches[0].text}` : `${verdict} ${why}`}`);

it.each([1, 3])('[HIS1,CLU1,CLU2,CLU3,ORD5,VIS3,VIS4] every rule holds over 100 seeds of faults, with %d nodes', async (nodes) => {
  const outcomes = await Promise.all(Array.from({ length: SEEDS }, (_, at) => run(2 * at + (nodes === 1 ? 2 : 1), nodes)));
  expect(broken(outcomes)).toEqual([]);
  // A run in which nothing happens proves nothing.
  expect(Math.min(...outcomes.map(({ sent }) => sent))).toBeGreaterThan(0);
  for (const id of outcomes.flatMap((outcome) => outcome.done)) done.add(id);
  for (const type of outcomes.flatMap((outcome) => outcome.folded)) folded.add(type);
}, 600_000);

it('every operation was used in them, but for those that are left out for a reason', () => {
  const excused = Object.values(LEFT_OUT).flat();
  expect(operationIds.filter((id) => !done.has(id) && !excused.includes(id)), 'Give them a deed or a look, or say why not in LEFT_OUT').toEqual([]);
  expect(excused.filter((id) => done.has(id)), 'These are used: take them off the list').toEqual([]);
});

it('[ORD5] every type of fact was folded in them', () => {
  expect(Object.keys(factTable).filter((type) => !folded.has(type))).toEqual(NEVER_FOLDED);
});

it('seeds that failed once pass', async () => {
  expect(broken(await Promise.all(pinnedSeeds().map(({ seed, nodes }) => run(seed, nodes))))).toEqual([]);
}, 300_000);

it.each([1, 3])('a seed is one run, whatever ran before it, with %d nodes', async (nodes) => {
  const [first, between, second] = [await run(7, nodes), await run(8, nodes), await run(7, nodes)];
  expect(second).toEqual(first);
  expect(between.hash).not.toBe(first.hash);
}, 60_000);

it.each([
  ['skip the key lookup', 'H2'], ['send a scheduled message twice', 'SND2'], ['fold forgets a fact type', 'ORD5'], ['keep the text of what has disappeared', 'VIS4'], ['give a held message a seq', 'VIS3'],
])('a mutant of the system is caught within a few seeds: %s', async (mutant, rule) => {
  const outcomes = await Promise.all(Array.from({ length: FEW }, (_, at) => run(at + 1, 1, mutant)));
  expect(outcomes.flatMap(({ breaches }) => breaches.map((breach) => breach.rule))).toContain(rule);
}, 120_000);
