/** One process of a run: when it is killed, nothing of it happens any more. */
import type { Scheduler, Cancel } from './scheduler.js';

export class Life {
  private ended = false;

  constructor(private readonly scheduler: Scheduler, private readonly name: string) {}

  get alive(): boolean {
    return !this.ended;
  }

  end(): void {
    this.ended = true;
  }

  after(ms: number, what: string, run: () => void): Cancel {
    return this.scheduler.after(ms, `${this.name} ${what}`, () => {
      if (!this.ended) run();
    });
  }

  every(ms: number, what: string, run: () => void): Cancel {
    let cancel: Cancel = () => undefined;
    const again = (): void => {
      cancel = this.after(ms, what, () => {
        again();
        run();
      });
    };
    again();
    return () => cancel();
  }

  /** Never comes back to a process that has been killed meanwhile. */
  sleep(ms: number, what: string): Promise<void> {
    return new Promise((resolve) => void this.after(ms, what, resolve));
  }

  /** What is outside answers, unless the one who asked is gone. */
  keep<T>(promise: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      promise.then((value) => {
        if (!this.ended) resolve(value);
      }, (error: unknown) => {
        if (!this.ended) reject(error instanceof Error ? error : new Error(String(error)));
      });
    });
  }
}
