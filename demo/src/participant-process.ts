/** A client process, as the demo holds it. */
import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { ClientEnd, ClientSetup, ClientState, Order, Report } from './client/orders.js';

const MAIN = fileURLToPath(new URL('./client/main.js', import.meta.url));
const ANSWER_MS = 40_000;
const NOTHING: ClientState = { connected: false, sent: 0, unacked: [], acked: 0, duplicates: [], received: 0, lostConnections: 0 };

export class ParticipantProcess {
  /** As it was a moment ago. */
  state: ClientState = NOTHING;
  private readonly child: ChildProcess;
  private readonly waiting = new Set<{ take(report: Report): boolean; fail(error: Error): void }>();
  private nextAsk = 1;
  private failure: Error | undefined;

  constructor(readonly name: string, register: (child: ChildProcess) => void) {
    this.child = fork(MAIN, [], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], execArgv: [] });
    register(this.child);
    this.child.on('message', (report: Report) => this.receive(report));
    this.child.once('exit', (code, signal) => this.fail(`ended with ${code ?? signal}`));
    this.child.once('error', (error) => this.fail(error.message));
  }

  /** Resolves when it is connected. */
  async start(setup: ClientSetup): Promise<void> {
    const ready = this.answer((report) => (report.kind === 'ready' ? true : undefined));
    this.order({ kind: 'start', setup });
    await ready;
  }

  allow(pieces: number): void {
    this.order({ kind: 'allow', pieces });
  }

  say(text: string): void {
    this.order({ kind: 'say', text });
  }

  /** How it is now. */
  async ask(): Promise<ClientState> {
    const id = this.nextAsk++;
    const state = this.answer((report) => (report.kind === 'state' && report.id === id ? report.state : undefined));
    this.order({ kind: 'ask', id });
    this.state = await state;
    return this.state;
  }

  async finish(headSeq: number): Promise<ClientEnd> {
    const end = this.answer((report) => (report.kind === 'finished' ? report.end : undefined));
    this.order({ kind: 'finish', headSeq });
    return end;
  }

  private order(order: Order): void {
    if (this.child.connected) this.child.send(order, () => undefined);
  }

  private answer<Result>(pick: (report: Report) => Result | undefined): Promise<Result> {
    if (this.failure) return Promise.reject(this.failure);
    return new Promise<Result>((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(timer);
        this.waiting.delete(one);
      };
      const one = {
        take(report: Report): boolean {
          const result = pick(report);
          if (result === undefined) return false;
          settle();
          resolve(result);
          return true;
        },
        fail(error: Error): void {
          settle();
          reject(error);
        },
      };
      const timer = setTimeout(() => one.fail(new Error(`the client ${this.name} did not answer within ${ANSWER_MS} ms`)), ANSWER_MS);
      this.waiting.add(one);
    });
  }

  private receive(report: Report): void {
    if (report.kind === 'failed') this.fail(report.message);
    else if (report.kind === 'progress') this.state = report.state;
    else for (const one of [...this.waiting]) if (one.take(report)) return;
  }

  private fail(why: string): void {
    this.failure ??= new Error(`the client ${this.name} failed: ${why}`);
    for (const one of [...this.waiting]) one.fail(this.failure);
  }
}
