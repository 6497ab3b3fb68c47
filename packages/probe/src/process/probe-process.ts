/** A process of probes, as the run holds it. */
import type { ChildProcess } from 'node:child_process';
import { ChildLink } from '../harness/child-link.js';
import type { Heads, ProbeEnd, ProbeSetup } from '../setup.js';
import type { FleetState, Order, Report } from './orders.js';

const MAIN = new URL('./main.js', import.meta.url);
const START_MS = 120_000;
const ANSWER_MS = 60_000;
/** For what is done behind the wait that `finish` is given. */
const FINISH_MORE_MS = 60_000;

export class ProbeProcess {
  private readonly link: ChildLink<Order, Report>;
  private nextAsk = 1;

  /** @param name what errors call it @param register is told of the process at once */
  constructor(name: string, register: (child: ChildProcess) => void) {
    this.link = new ChildLink<Order, Report>(name, MAIN, register, (report) => {
      if (report.kind === 'failed') this.link.fail(report.message);
    });
  }

  /** Resolves when all of them are connected. */
  async start(setups: readonly ProbeSetup[]): Promise<void> {
    await this.link.ask({ kind: 'start', setups }, (report) => (report.kind === 'started' ? true : undefined), START_MS);
  }

  /** Each probe does something every so many milliseconds. */
  run(paceMs: number): void {
    this.link.tell({ kind: 'run', paceMs });
  }

  pause(): void {
    this.link.tell({ kind: 'pause' });
  }

  /** How they are now. */
  ask(): Promise<FleetState> {
    const id = this.nextAsk++;
    return this.link.ask({ kind: 'ask', id }, (report) => (report.kind === 'state' && report.id === id ? report.state : undefined), ANSWER_MS);
  }

  /** They go on in another history. Nothing may be on its way. */
  async turn(historyDir: string): Promise<void> {
    await this.link.ask({ kind: 'turn', historyDir }, (report) => (report.kind === 'turned' ? true : undefined), ANSWER_MS);
  }

  /** @param heads by the name of the probe */
  finish(heads: Readonly<Record<string, Heads>>, within_ms: number): Promise<readonly (ProbeEnd & { readonly name: string })[]> {
    return this.link.ask({ kind: 'finish', heads, within_ms }, (report) => (report.kind === 'finished' ? report.ends : undefined), within_ms + FINISH_MORE_MS);
  }

  /** Ends it at once, as a crash would. Its probes go on with their stores and histories in another process. */
  kill(): Promise<void> {
    return this.link.kill();
  }
}
