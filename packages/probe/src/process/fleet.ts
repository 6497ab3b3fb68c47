/** The clients of a run, in processes of their own. */
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { setupOf, type AppStage, type StageUser } from '../stage.js';
import type { Heads, ProbeMix, ProbeSetup } from '../setup.js';
import { noState, together, type FleetState } from './orders.js';
import { ProbeProcess } from './probe-process.js';

export interface FleetOptions {
  /** Is told of every process at once. */
  readonly register: (child: ChildProcess) => void;
  readonly historyDir: string;
  /** Where clients keep their outbox and cursors; in memory when undefined, and then gone with the process. */
  readonly storeDir: string | undefined;
  /** Client processes. */
  readonly processes: number;
  /** One client does something every so many milliseconds. */
  readonly pace_ms: number;
  readonly textChars: number;
  readonly mix: ProbeMix | undefined;
}

/** How long clients have at the end to see everything. */
const FINISH_MS = 120_000;

interface Member {
  probes: ProbeProcess;
  readonly setups: readonly ProbeSetup[];
}

export class Fleet {
  private readonly members: Member[] = [];
  /** What those had done that were ended. */
  private readonly past: FleetState[] = [];
  private working = false;

  constructor(private readonly options: FleetOptions) {}

  get processes(): number {
    return this.members.length;
  }

  /** Starts a client for each user. Resolves when all are connected. @param urlOf where the clients of a process connect, by its number */
  async connect(stages: readonly AppStage[], urlOf: (process: number) => string): Promise<void> {
    const { processes: count, historyDir, storeDir, textChars, mix } = this.options;
    const all = stages.flatMap((stage) => stage.users.map((user) => ({ stage, user })));
    await Promise.all(Array.from({ length: count }, async (_, at) => {
      const url = urlOf(at);
      const setups = all.map(({ stage, user }, number) => setupOf(stage, sendsIn(user, number), {
        url, historyDir, textChars, ...(mix === undefined ? {} : { mix }), ...(storeDir === undefined ? {} : { storeFile: join(storeDir, `${user.name}.store`) }),
      })).filter((__, number) => number % count === at);
      const member = { probes: this.open(at), setups };
      this.members[at] = member;
      await member.probes.start(setups);
    }));
  }

  work(): void {
    this.working = true;
    for (const { probes } of this.members) probes.run(this.options.pace_ms);
  }

  pause(): void {
    this.working = false;
    for (const { probes } of this.members) probes.pause();
  }

  /** The clients of a process do more for a while, so that some of it is on its way at any moment. */
  rush(process: number, pace_ms: number): void {
    this.members[process]!.probes.run(pace_ms);
  }

  /** Ends a process as a crash would, and starts its clients again from what they had stored. Resolves when they are connected. */
  async crash(process: number): Promise<void> {
    const member = this.members[process]!;
    this.past.push({ ...await member.probes.ask(), probes: 0, connected: 0, pending: 0 });
    await member.probes.kill();
    member.probes = this.open(process);
    await member.probes.start(member.setups);
    if (this.working) member.probes.run(this.options.pace_ms);
  }

  /** All clients as they are now, and what they have done in all. */
  async state(): Promise<FleetState> {
    return this.members.length === 0 ? noState : together([...this.past, ...await this.statesByProcess()]);
  }

  statesByProcess(): Promise<FleetState[]> {
    return Promise.all(this.members.map(({ probes }) => probes.ask()));
  }

  /** They go on in another history. Nothing may be on its way. */
  async turn(historyDir: string): Promise<void> {
    await Promise.all(this.members.map(({ probes }) => probes.turn(historyDir)));
  }

  /** Everything is seen up to these heads, or is missing in the histories. @returns problems that clients report */
  async finish(heads: Readonly<Record<string, Heads>>): Promise<string[]> {
    const ends = (await Promise.all(this.members.map(({ probes }) => probes.finish(heads, FINISH_MS)))).flat();
    return ends.flatMap(({ name, problem, behind }) => [
      ...(problem === undefined ? [] : [`${name} reports ${problem}`]), ...(behind.length === 0 ? [] : [`${name} has not reached the end of ${behind.length} conversations`]),
    ]);
  }

  private open(at: number): ProbeProcess {
    return new ProbeProcess(`client process ${at + 1}`, this.options.register);
  }
}

/** One of several conversations a user only follows: the app has not opened it. Not the same one for all, so that somebody sends there. */
function sendsIn(user: StageUser, number: number): StageUser {
  const { conversations: all } = user;
  return all.length === 1 ? user : { ...user, conversations: all.filter((_, at) => at !== number % all.length) };
}
