/** Runs seeds in processes beside this one: a run has the platform's cryptography for itself, and a machine has more than one core. */
import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Outcome } from './simulate.js';

export interface Task {
  readonly seed: number;
  /** One, when it is not said. */
  readonly nodes?: number;
  /** Name of the mutant; the real system when left out. */
  readonly mutant?: string;
}

export type Answer = { readonly outcome: Outcome } | { readonly failure: string };

const WORKER = fileURLToPath(new URL('./worker.js', import.meta.url));

export class Pool {
  private readonly idle: ChildProcess[] = [];
  private readonly all = new Set<ChildProcess>();
  private readonly waiting: ((child: ChildProcess) => void)[] = [];

  constructor(jobs: number) {
    for (let at = 0; at < jobs; at += 1) {
      const child = fork(WORKER, [], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
      this.all.add(child);
      this.idle.push(child);
    }
  }

  /** @throws Error when the process that ran it died */
  async run(task: Task): Promise<Outcome> {
    const child = this.idle.pop() ?? await new Promise<ChildProcess>((resolve) => void this.waiting.push(resolve));
    const answer = await new Promise<Answer>((resolve) => {
      const died = (code: number | null): void => resolve({ failure: `the process ended with ${code ?? 'a signal'}` });
      child.once('exit', died);
      child.once('message', (message: Answer) => {
        child.off('exit', died);
        resolve(message);
      });
      child.send(task);
    });
    const next = this.waiting.shift();
    if (next) next(child);
    else this.idle.push(child);
    if ('failure' in answer) throw new Error(`seed ${task.seed}: ${answer.failure}`);
    return answer.outcome;
  }

  close(): void {
    for (const child of this.all) child.disconnect();
  }
}
