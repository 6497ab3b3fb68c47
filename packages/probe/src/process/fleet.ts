/** The clients of a run, in processes of their own. */
import { noState, ProbeProcess, setupOf, together, type AppStage, type FleetState, type Heads, type ProbeMix, type StageUser } from '@talaria/probe';
import type { Scene } from '@talaria/probe/harness';
import { join } from 'node:path';

export interface FleetOptions {
  readonly scene: Scene;
  readonly historyDir: string;
  /** Client processes. */
  readonly processes: number;
  /** One client does something every so many milliseconds. */
  readonly pace_ms: number;
  readonly textChars: number;
  readonly mix: ProbeMix | undefined;
  /** Whether clients keep their outbox and cursors in files. */
  readonly durableClients: boolean;
}

/** How long clients have at the end to see everything. */
const FINISH_MS = 120_000;

export class Fleet {
  private readonly processes: ProbeProcess[] = [];

  constructor(private readonly options: FleetOptions) {}

  /** Starts a client for each user. Resolves when all are connected. @param portOf where the clients of a process connect, by its number */
  async connect(stages: readonly AppStage[], portOf: (process: number) => number): Promise<void> {
    const { processes: count, historyDir, scene, textChars, mix, durableClients } = this.options;
    const all = stages.flatMap((stage) => stage.users.map((user) => ({ stage, user })));
    await Promise.all(Array.from({ length: count }, async (_, at) => {
      const probes = new ProbeProcess(`client process ${at + 1}`, scene.register);
      this.processes.push(probes);
      const url = `http://127.0.0.1:${portOf(at)}`;
      const setups = all.map(({ stage, user }, number) => setupOf(stage, sendsIn(user, number), {
        url, historyDir, textChars, ...(mix === undefined ? {} : { mix }), ...(durableClients ? { storeFile: join(scene.directory, 'stores', `${user.name}.store`) } : {}),
      }));
      await probes.start(setups.filter((__, number) => number % count === at));
    }));
  }

  work(): void {
    for (const one of this.processes) one.run(this.options.pace_ms);
  }

  pause(): void {
    for (const one of this.processes) one.pause();
  }

  /** All clients as they are now. */
  async state(): Promise<FleetState> {
    return this.processes.length === 0 ? noState : together(await this.statesByProcess());
  }

  statesByProcess(): Promise<FleetState[]> {
    return Promise.all(this.processes.map((one) => one.ask()));
  }

  /** They go on in another history. Nothing may be on its way. */
  async turn(historyDir: string): Promise<void> {
    await Promise.all(this.processes.map((one) => one.turn(historyDir)));
  }

  /** Everything is seen up to these heads, or is missing in the histories. @returns problems that clients report */
  async finish(heads: Readonly<Record<string, Heads>>): Promise<string[]> {
    const ends = (await Promise.all(this.processes.map((one) => one.finish(heads, FINISH_MS)))).flat();
    return ends.flatMap(({ name, problem, behind }) => [
      ...(problem === undefined ? [] : [`${name} reports ${problem}`]), ...(behind.length === 0 ? [] : [`${name} has not reached the end of ${behind.length} conversations`]),
    ]);
  }
}

/** One of several conversations a user only follows: the app has not opened it. Not the same one for all, so that somebody sends there. */
function sendsIn(user: StageUser, number: number): StageUser {
  const { conversations: all } = user;
  return all.length === 1 ? user : { ...user, conversations: all.filter((_, at) => at !== number % all.length) };
}
