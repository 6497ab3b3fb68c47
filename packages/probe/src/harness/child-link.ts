/** A process that takes orders and reports. */
import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

interface Waiter<Report> {
  take(report: Report): boolean;
  fail(error: Error): void;
}

export class ChildLink<Order extends object, Report extends { readonly kind: string }> {
  private readonly child: ChildProcess;
  private readonly waiting = new Set<Waiter<Report>>();
  private failure: Error | undefined;

  /**
   * @param name what errors call it @param module what it runs
   * @param register is told of the process at once @param heard gets what nobody waits for
   */
  constructor(readonly name: string, module: URL, register: (child: ChildProcess) => void, private readonly heard: (report: Report) => void = () => undefined) {
    this.child = fork(fileURLToPath(module), [], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], execArgv: [] });
    register(this.child);
    this.child.on('message', (report: Report) => this.receive(report));
    this.child.once('exit', (code, signal) => this.fail(`ended with ${code ?? signal}`));
    this.child.once('error', (error) => this.fail(error.message));
  }

  tell(order: Order): void {
    if (this.child.connected) this.child.send(order, () => undefined);
  }

  /**
   * Gives an order and waits for the report that answers it.
   *
   * @param pick what the report says, or undefined when it is not the one
   * @throws Error when the process fails, ends, or does not answer within `within_ms`
   */
  ask<Result>(order: Order, pick: (report: Report) => Result | undefined, within_ms: number): Promise<Result> {
    if (this.failure) return Promise.reject(this.failure);
    const answer = new Promise<Result>((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(timer);
        this.waiting.delete(one);
      };
      const one: Waiter<Report> = {
        take(report) {
          const result = pick(report);
          if (result === undefined) return false;
          settle();
          resolve(result);
          return true;
        },
        fail(error) {
          settle();
          reject(error);
        },
      };
      const timer = setTimeout(() => one.fail(new Error(`${this.name} did not answer within ${within_ms} ms`)), within_ms);
      this.waiting.add(one);
    });
    this.tell(order);
    return answer;
  }

  /** Says that it failed: whoever waits is told, now and from now on. */
  fail(why: string): void {
    this.failure ??= new Error(`${this.name} failed: ${why}`);
    for (const one of [...this.waiting]) one.fail(this.failure);
  }

  /** Ends it at once, as a crash would, and waits until it is gone. */
  kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return Promise.resolve();
    return new Promise((resolve) => {
      this.child.once('exit', () => resolve());
      this.child.kill('SIGKILL');
    });
  }

  private receive(report: Report): void {
    for (const one of [...this.waiting]) if (one.take(report)) return;
    this.heard(report);
  }
}
