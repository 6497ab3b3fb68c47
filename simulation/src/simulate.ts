/** One seed: a day of two apps with everything that can go wrong, and what the rules say of it. */
import { Chronicle } from './chronicle.js';
import { Cluster } from './cluster.js';
import { createDice } from './dice.js';
import { Disk } from './disk.js';
import { everyday } from './everyday.js';
import { troubles } from './faults.js';
import { drain, endsOf, heal } from './healing.js';
import { differences } from './differences.js';
import { checkUsage } from './ledger.js';
import { lookAround } from './looks.js';
import type { Mutation } from './mutation.js';
import { Network } from './network.js';
import type { Quiet } from './quiet.js';
import { Scheduler } from './scheduler.js';
import { setStage, streamsOf } from './stage.js';
import { Trace } from './trace.js';
import { checkErased, checkWaiting } from './whole-log.js';
import { Watch, type Breach } from './watch.js';
import { devicesOf, type World } from './world.js';

export interface Outcome {
  readonly seed: number;
  readonly nodes: number;
  readonly verdict: 'ok' | 'failed' | 'unknown';
  /** Equal for equal runs. */
  readonly hash: string;
  /** What is wrong, each with the rule that it breaks. */
  readonly breaches: readonly Breach[];
  readonly why?: string;
  readonly steps: number;
  readonly virtual_ms: number;
  readonly sent: number;
  readonly seen: number;
  readonly faults: number;
  /** Operations that somebody has done. */
  readonly done: readonly string[];
  /** Types of facts that somebody's app has folded. */
  readonly folded: readonly string[];
}

export interface SimulateOptions {
  readonly quiet: Quiet;
  readonly mutation?: Mutation;
  /** How many nodes there are (default 1). */
  readonly nodes?: number;
  readonly listener?: (atMs: number, line: string) => void;
  /** Told the histories, whatever comes of them. */
  readonly keep?: (chronicle: Chronicle) => void;
}

/** 2026-01-01. */
const BEGIN_MS = 1_767_225_600_000;
const DAY_MS = { least: 15_000, most: 45_000 };
/** Longer than any of what it waits for. */
const PATIENCE_MS = 600_000;

export async function simulate(seed: number, { mutation = {}, ...options }: SimulateOptions): Promise<Outcome> {
  const restore = mutation.install?.();
  try {
    return await run(seed, mutation, options);
  } finally {
    restore?.();
  }
}

async function run(seed: number, mutation: Mutation, { quiet, nodes = 1, listener, keep }: Omit<SimulateOptions, 'mutation'>): Promise<Outcome> {
  const trace = new Trace(listener);
  const dice = createDice(`seed ${seed}`);
  const scheduler = new Scheduler(trace, () => quiet.settled());
  let jumpedMs = 0;
  const now = (): number => Math.floor(BEGIN_MS + scheduler.nowMs + jumpedMs);
  const watch = new Watch();
  const chronicle = new Chronicle(() => scheduler.nowMs);
  const disk = new Disk(now, dice.named('ids'), (rules) => mutation.rules?.(rules) ?? rules);
  const network: Network = new Network(scheduler, dice.named('network'), {
    sent(wire, bytes) {
      trace.bytes(bytes);
      const frame = watch.sent(wire, bytes);
      if ((frame.frame === 'ack' && wire.takenBy?.acking()) || (frame.frame === 'facts' && network.drops())) return null;
      return mutation.down ? mutation.down(bytes) : bytes;
    },
    taken: (wire, bytes) => watch.taken(wire, bytes),
  });
  const cluster = new Cluster({ scheduler, disk, network, mutation, watch, now }, nodes, dice.named('node'));
  let world: World | undefined;

  const during = async <T>(work: Promise<T>, within_ms = PATIENCE_MS): Promise<T> => {
    let settled = false;
    const done = work.finally(() => {
      settled = true;
    });
    done.catch(() => undefined);
    if (!await scheduler.until(() => settled, within_ms)) throw new Error('the run came to a standstill');
    return done;
  };

  await during(cluster.start());
  const parts = { scheduler, network, chronicle, mutation, cluster, watch, now };
  const stage = await during(setStage(cluster.nodes[0]!, parts, dice.named('stage')));
  world = {
    scheduler, trace, dice, disk, network, cluster, chronicle, watch, stage, over: false, wallMs: now,
    jump: (ms) => {
      jumpedMs += ms;
    },
  };
  for (const device of devicesOf(world)) device.start();
  const day = Promise.all([everyday(world), troubles(world, dice.named('troubles'))]);
  day.catch(() => undefined);
  await during(scheduler.sleep(dice.between(DAY_MS.least, DAY_MS.most), 'evening'));
  world.over = true;
  await during(day);
  await during(heal(world));
  for (const text of await drain(world)) watch.breach('LIVE', text);
  if (watch.breaches.length === 0) await during(compare(world)).catch((error: unknown) => watch.breach('LIVE', String(error)));
  for (const device of devicesOf(world)) device.end(endsOf(world, device));
  chronicle.closeEra(disk.store, streamsOf(stage, disk.store));
  cluster.crash();
  for (const device of devicesOf(world)) device.kill();
  for (const text of checkUsage(disk.store, [stage.main.id, stage.other.id], streamsOf(stage, disk.store))) watch.breach('CLU3', text);
  keep?.(chronicle);
  return outcomeOf(seed, world);
}

/** ORD5: everybody reads what they have, and it is what they were told. */
async function compare(world: World): Promise<void> {
  await Promise.all(devicesOf(world).map(async (device) => {
    await device.unread(world.disk.store);
    for (const { rule, text } of await differences(world, device)) world.watch.breach(rule, text);
  }));
  for (const { rule, text } of [...await lookAround(world), ...checkWaiting(world.disk.store), ...checkErased(world.disk.store)]) world.watch.breach(rule, text);
}

function outcomeOf(seed: number, { chronicle, cluster, watch, scheduler, trace, stage }: World): Outcome {
  const verdicts = chronicle.judge();
  const found = verdicts.flatMap((one) => one.violations).filter(({ rule, text }) => rule !== 'H5' || !watch.judgedAnew(text));
  const breaches = [...watch.breaches, ...found.map(({ rule, text }) => ({ rule, text }))];
  // Of the log that was restored over, only what is wrong counts: what was under way then is answered in the next.
  const last = verdicts.at(-1)!;
  const sum = (count: 'sent' | 'seen'): number => verdicts.reduce((total, one) => total + one[count], 0);
  return {
    seed, nodes: cluster.nodes.length, breaches, hash: trace.digest(), steps: scheduler.count, virtual_ms: Math.round(scheduler.nowMs), sent: sum('sent'), seen: sum('seen'), faults: chronicle.faults,
    done: [...new Set([...stage.main.done, ...stage.other.done])].sort(),
    folded: [...watch.folded].sort(),
    verdict: breaches.length > 0 ? 'failed' : last.verdict === 'unknown' ? 'unknown' : 'ok', ...(breaches.length === 0 && last.why !== undefined ? { why: last.why } : {}),
  };
}
