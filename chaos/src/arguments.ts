/** The words behind `npm run chaos --`. */
import { UsageError } from '@talaria/probe/harness';
import { parseArgs } from 'node:util';
import type { Fault, FaultId } from './fault.js';
import { TOPOLOGIES, type Topology } from './topology.js';

export const MINUTES = 0.5;

export const USAGE = `usage: npm run chaos -- [--topology single] [--minutes ${MINUTES}] [--only F1,F8] [--exclude F3] [--json FILE] [--keep DIR] [--publish]

  --topology NAME single: one node on SQLite, as by default; cluster: three
                  nodes on Postgres and NATS, which it starts
  --minutes N     how long clients are at work under each fault, in minutes; default ${MINUTES}
  --only LIST     these faults, and no other
  --exclude LIST  all faults but these
  --json FILE     writes the table there
  --keep DIR      keeps the histories: npm run check -- DIR/F1 judges them again
  --publish       writes the table into docs/reliability.md

The faults are listed in chaos/FAULTS.md.`;

export interface ChaosOptions {
  readonly topology: Topology;
  readonly minutes: number;
  readonly chosen: readonly FaultId[];
  readonly json: string | undefined;
  readonly keep: string | undefined;
  readonly publish: boolean;
}

/** @param known the faults that there are @throws UsageError */
export function parseArguments(words: readonly string[], known: readonly Pick<Fault, 'id' | 'topologies'>[]): ChaosOptions {
  const values = parse(words);
  const topology = TOPOLOGIES.find((one) => one === (values.topology ?? 'single'));
  if (topology === undefined) throw new UsageError(`--topology must be ${TOPOLOGIES.join(' or ')}, not ${JSON.stringify(values.topology)}`);
  const ids = known.filter(({ topologies }) => topologies.includes(topology)).map(({ id }) => id);
  const only = list('--only', values.only, ids);
  const excluded = list('--exclude', values.exclude, ids);
  const chosen = ids.filter((id) => (only?.includes(id) ?? true) && !excluded?.includes(id));
  if (chosen.length === 0) throw new UsageError('--exclude leaves no fault; name fewer');
  const minutes = Number(values.minutes ?? MINUTES);
  if (!(minutes > 0) || !Number.isFinite(minutes)) throw new UsageError('--minutes must be a number above 0');
  if (values.json === '') throw new UsageError('--json needs a FILE');
  if (values.keep === '') throw new UsageError('--keep needs a DIR');
  return { topology, minutes, chosen, json: values.json, keep: values.keep, publish: values.publish ?? false };
}

function parse(words: readonly string[]) {
  try {
    return parseArgs({
      args: [...words], strict: true,
      options: { topology: { type: 'string' }, minutes: { type: 'string' }, only: { type: 'string' }, exclude: { type: 'string' }, json: { type: 'string' }, keep: { type: 'string' }, publish: { type: 'boolean' } },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message.split('. ')[0] : String(error));
  }
}

function list(flag: string, text: string | undefined, ids: readonly FaultId[]): FaultId[] | undefined {
  return text?.split(',').map((word) => {
    const id = ids.find((one) => one === word.trim().toUpperCase());
    if (id === undefined) throw new UsageError(`${flag}: there is no fault ${JSON.stringify(word.trim())}; there are ${ids.join(', ')}`);
    return id;
  });
}
