/** Clients at work against a running server, killed and started again all the while, and the verdict on what they saw. */
import { setTimeout as sleep } from 'node:timers/promises';
import { judge, type Verdict } from '@talaria/checker';
import { dumpLogs, Fleet, makeStage, until } from '@talaria/probe';
import type { Scene } from '@talaria/probe/harness';
import { join } from 'node:path';
import { CliError } from '../errors.js';

export interface VerifyOptions {
  readonly url: string;
  readonly adminKey: string;
  /** Holds everything that the run makes on the server. Whoever made it takes it away. */
  readonly tenantId: string;
  readonly minutes: number;
  readonly users: number;
  readonly pace_ms: number;
  readonly historyDir: string;
  readonly scene: Scene;
  /** Ends the run early, with `stopped`. */
  readonly signal: AbortSignal;
  /** Says how far it is. */
  readonly show: (text: string) => void;
}

export interface Verified {
  readonly verdict: Verdict;
  /** How often a client process was killed, and started again. */
  readonly crashes: number;
  /** What clients report that no history shows. */
  readonly problems: readonly string[];
}

const PROCESSES = 3;
const CRASH_EVERY_MS = 5_000;
/** Before a crash, so that it finds commands on their way. */
const RUSH_MS = 300;
const RUSH_PACE_MS = 5;
const SHOW_EVERY_MS = 250;
const ANSWERS_MS = 120_000;

/** @throws CliError stopped, unanswered @throws TalariaError what the server refuses */
export async function verify({ url, adminKey, tenantId, minutes, users, pace_ms, historyDir, scene, signal, show }: VerifyOptions): Promise<Verified> {
  const fleet = new Fleet({
    register: scene.register, historyDir, storeDir: join(scene.directory, 'stores'), processes: Math.min(PROCESSES, users), pace_ms, textChars: 0, mix: undefined,
  });
  show(`making ${users} users`);
  const stage = await makeStage({ url, adminKey, name: 'verify-delivery', tenantId, users, conversations: roomsOf(users) });
  refuseStopped(signal);
  show(`connecting ${users} clients`);
  await fleet.connect([stage], () => url);
  fleet.work();
  const crashes = await crashInTurns(fleet, performance.now() + minutes * 60_000, signal, show);
  fleet.pause();
  show('waiting for the last answers');
  if (!await until(async () => (await fleet.state()).pending === 0, ANSWERS_MS)) {
    throw new CliError('unanswered', `Commands were not answered within ${ANSWERS_MS / 1_000} s.`);
  }
  refuseStopped(signal);
  show('reading the log');
  const problems = await fleet.finish(await dumpLogs(url, [stage], historyDir));
  return { verdict: judge(historyDir), crashes, problems };
}

/** One client process after the other, until the time is up. @returns how often */
async function crashInTurns(fleet: Fleet, endMs: number, signal: AbortSignal, show: (text: string) => void): Promise<number> {
  let crashes = 0;
  for (let crashMs = performance.now() + CRASH_EVERY_MS; performance.now() < endMs;) {
    refuseStopped(signal);
    const { probes, connected, acked, seen } = await fleet.state();
    show(`${left(endMs)} left: ${connected} of ${probes} connected, ${acked} acked, ${seen} seen, ${crashes} crashes`);
    await sleep(SHOW_EVERY_MS);
    if (performance.now() < crashMs) continue;
    fleet.rush(crashes % fleet.processes, RUSH_PACE_MS);
    await sleep(RUSH_MS);
    await fleet.crash(crashes % fleet.processes);
    crashes += 1;
    crashMs = performance.now() + CRASH_EVERY_MS;
  }
  return crashes;
}

/** All together, and each half. */
function roomsOf(users: number): number[][] {
  const all = Array.from({ length: users }, (_, at) => at);
  return [all, all.filter((at) => at < users / 2 + 1), all.filter((at) => at >= users / 2 - 1)];
}

function left(endMs: number): string {
  const seconds = Math.max(0, Math.ceil((endMs - performance.now()) / 1_000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

function refuseStopped(signal: AbortSignal): void {
  if (signal.aborted) throw new CliError('stopped', 'Stopped before there was a verdict.');
}
