import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** A process that answers orders, one answer at a time. What it leaves undone ends with it. */
export class Child<Order extends object, Answer extends { readonly kind: string }> {
  private readonly child: ChildProcess;
  private readonly answers: Answer[] = [];
  private wake: (() => void) | undefined;
  private ended: Error | undefined;
  private readonly exit: Promise<void>;

  constructor(module: URL, args: readonly string[] = []) {
    this.child = fork(fileURLToPath(module), [...args], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], execArgv: ['--expose-gc'] });
    this.child.on('message', (answer: Answer) => {
      this.answers.push(answer);
      this.wake?.();
    });
    this.exit = new Promise((resolve) => void this.child.once('exit', () => resolve()));
    this.child.once('exit', (code, signal) => {
      this.ended = new Error(`${module.pathname.split('/').at(-1)} ended with ${code ?? signal}`);
      this.wake?.();
    });
  }

  get pid(): number {
    return this.child.pid!;
  }

  tell(order: Order): void {
    this.child.send(order);
  }

  /** The next answer, which must be of this kind. @throws Error when the process ends before */
  async next<Kind extends Answer['kind']>(kind: Kind): Promise<Extract<Answer, { kind: Kind }>> {
    while (this.answers.length === 0) {
      if (this.ended) throw this.ended;
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
    const answer = this.answers.shift()!;
    if (answer.kind !== kind) throw new Error(`expected ${kind}, got ${answer.kind}`);
    return answer as Extract<Answer, { kind: Kind }>;
  }

  /** Waits for its own end: what it cleans up is done then. */
  end(): Promise<void> {
    return this.exit;
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }
}
