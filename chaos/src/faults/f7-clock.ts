/** F7: wall clocks jump by an hour: of a node, and of Postgres. */
import { until } from '@talaria/probe';
import { connectAdmin, TalariaError } from '@talaria/sdk/admin';
import Database from 'better-sqlite3';
import { join } from 'node:path';
import { between, sleep } from '../clock.js';
import { onBoth, type Part } from '../fault.js';
import { fakedClock, noFakedClocks, type FakedClock } from '../faked-clock.js';
import { rounds } from '../rounds.js';
import type { Rig } from '../rig.js';

const HOUR_S = 3_600;
/** Forward, back, back, forward: each a jump by an hour. */
const JUMPS_S = [HOUR_S, 0, -HOUR_S, 0] as const;
const JUMPED_MS = { least: 1_500, most: 2_500 };
/** A token of 60 s is honoured 30 s longer, because clocks differ, and no longer. */
const TOKEN_S = 60;
const WITHIN_SKEW_S = 75;
/** A consumer's lease holds for 5 s; another takes it over within this time. */
const TAKEN_OVER_MS = 15_000;

const node = (at: number): string => `node-${at}`;

interface Clock {
  readonly name: string;
  set(rig: Rig, ahead_s: number): void;
}

const OWN: Clock = { name: 'clock', set: (rig, ahead_s) => clockOf(rig, node(rig.broken)).set(ahead_s) };
const POSTGRES: Clock = { name: 'postgres.clock', set: (rig, ahead_s) => clockOf(rig, 'postgres').set(ahead_s) };

const clockOf = ({ scene }: Rig, name: string): FakedClock => fakedClock(scene, name);

const partOf = (clocks: readonly Clock[], backing: Part['backing']): Part => ({
  ...(backing ? { backing } : {}),
  rig: (scene) => ({ seat: (at) => ({ env: fakedClock(scene, node(at)).env }) }),
  async play(rig, endMs) {
    const problems: string[] = [];
    const before = await rig.state();
    let acked_meanwhile = 0;
    let jumps = 0;
    await rounds(endMs, clocks.length, async (at) => {
      const clock = clocks[at % clocks.length]!;
      const victim = at % rig.servers.length;
      for (const ahead_s of JUMPS_S) {
        rig.show(`${jumps} jumps so far`);
        await sleep(between(100, 500));
        await rig.inject(`${clock.name}.${ahead_s === 0 ? 'right' : ahead_s > 0 ? 'ahead' : 'behind'}`, () => clock.set(rig, ahead_s), victim);
        jumps += 1;
        const acked = await rig.othersGoOn(between(JUMPED_MS.least, JUMPED_MS.most));
        acked_meanwhile += acked;
        if (acked === 0) problems.push(`nothing was acked while ${clock.name} was ${ahead_s} s ahead`);
      }
    });
    const after = await rig.state();
    // Heartbeats and deadlines do not count in dates; nor is a command too old because of them.
    if (after.lostConnections > before.lostConnections) problems.push(`${after.lostConnections - before.lostConnections} connections were lost when clocks jumped`);
    if (after.failed > before.failed) problems.push(`${after.failed - before.failed} commands were finally refused when clocks jumped`);
    problems.push(...await tokenProblems(rig));
    const taken = await takeOver(rig);
    return { problems: [...problems, ...taken.problems], figures: { jumps, acked_meanwhile, taken_over_ms: taken.ms } };
  },
});

/** Tokens are honoured within their skew by any clock, and not beyond. */
async function tokenProblems(rig: Rig): Promise<string[]> {
  const { url } = rig.server;
  const [stage] = rig.stages;
  const { token } = await connectAdmin({ url, key: stage!.key }).auth.token({ external_id: 'a-0', expires_in_s: TOKEN_S });
  const asked = async (ahead_s: number): Promise<string> => {
    OWN.set(rig, ahead_s);
    try {
      await connectAdmin({ url, key: token, retries: 0 }).conversations.get({ conversation_id: stage!.conversations[0]! });
      return 'honoured';
    } catch (error) {
      if (error instanceof TalariaError) return error.code;
      throw error;
    } finally {
      OWN.set(rig, 0);
    }
  };
  const wanted = [[WITHIN_SKEW_S, 'honoured'], [HOUR_S, 'token_expired'], [0, 'token_expired or honoured']] as const;
  const problems: string[] = [];
  for (const [ahead_s, answer] of wanted) {
    const found = await asked(ahead_s);
    if (!answer.includes(found)) problems.push(`a token of ${TOKEN_S} s is answered ${found} at a clock that is ${ahead_s} s ahead, not ${answer}`);
  }
  return problems;
}

/** A node whose clock is ahead holds the leases of consumers far into the future, and dies. */
async function takeOver(rig: Rig): Promise<{ readonly problems: readonly string[]; readonly ms: number }> {
  await rig.inject('clock.ahead', () => OWN.set(rig, HOUR_S));
  const moving = await progress(rig);
  const took = await until(async () => await progress(rig) > moving, TAKEN_OVER_MS);
  await rig.inject('server.kill', () => rig.kill(), rig.broken);
  OWN.set(rig, 0);
  const startedMs = performance.now();
  const stood = await progress(rig);
  if (rig.topology === 'single') await rig.restart();
  const again = await until(async () => await progress(rig) > stood, TAKEN_OVER_MS);
  const ms = Math.round(performance.now() - startedMs);
  if (rig.topology === 'cluster') await rig.restart();
  await rig.goesOn();
  return {
    ms, problems: [
      ...(took ? [] : ['consumers of the log stood still when a clock was ahead']),
      ...(again ? [] : [`consumers of the log were not taken over within ${TAKEN_OVER_MS / 1_000} s from a node whose clock was ahead`]),
    ],
  };
}

/** Up to where the log is counted. */
async function progress(rig: Rig): Promise<number> {
  const query = "SELECT position FROM consumers WHERE name = 'usage'";
  if (rig.topology === 'cluster') return Number((await rig.backing.session((sql) => sql.unsafe<{ position: string }[]>(query)))[0]?.position ?? 0);
  const db = new Database(join(rig.dataDirectory, 'talaria.db'), { readonly: true });
  try {
    return db.prepare<[], { position: number }>(query).get()?.position ?? 0;
  } finally {
    db.close();
  }
}

export const clockJumps = onBoth({ id: 'F7', name: 'clock jumps by an hour', prepare: () => Promise.resolve(noFakedClocks()) }, {
  single: partOf([OWN], undefined),
  cluster: partOf([OWN, POSTGRES, OWN, OWN], (scene) => ({ postgres: { env: fakedClock(scene, 'postgres').env } })),
});
