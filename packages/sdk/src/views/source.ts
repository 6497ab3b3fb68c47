/** What all views of a client are made from. */
import type { Core } from '../core.js';
import { TalariaError } from '../errors.js';
import type { OperationInput, OperationOutput, UserCall } from '../operations.js';

/** How long is waited before something is read again that could not be read just now, at least. */
const AGAIN_MS = 2_000;

/** Reads, when there is a connection. */
export function ask<Op extends UserCall>(core: Core, op: Op, input: OperationInput<Op>): Promise<OperationOutput<Op>> {
  return core.calls.call(op, input);
}

/**
 * Reads again and again until it was read: now, or when the connection is there; after an error that may pass once more.
 * The newest read counts: one that was begun before is left.
 */
export class Reader {
  private runs = 0;
  private cancel: () => void = () => undefined;

  /** @param failed with what went wrong; undefined when it goes on */
  constructor(private readonly core: Core, private readonly failed: (error: TalariaError | undefined) => void) {}

  /**
   * @param read is left without effect when it is not `current` any more
   * @returns when it was read, given up, or replaced by another
   */
  async run(read: (current: () => boolean) => Promise<void>): Promise<void> {
    this.cancel();
    this.runs += 1;
    const run = this.runs;
    const current = (): boolean => run === this.runs;
    for (;;) {
      try {
        await connected(this.core);
        if (!current()) return;
        await read(current);
        if (current()) this.failed(undefined);
        return;
      } catch (error) {
        if (!current()) return;
        const problem = error as TalariaError;
        this.failed(problem);
        if (!problem.retryable) return;
        await new Promise<void>((resolve) => {
          const stop = this.core.runtime.after(Math.max(problem.retryAfterMs, AGAIN_MS), resolve);
          this.cancel = () => {
            stop();
            resolve();
          };
        });
        if (!current()) return;
      }
    }
  }

  close(): void {
    this.runs += 1;
    this.cancel();
  }
}

/** @throws TalariaError when there will be no connection any more */
export async function connected(core: Core): Promise<void> {
  if (core.status.state === 'connected') return;
  await new Promise<void>((resolve, reject) => {
    const look = (): void => {
      const { status } = core;
      if (status.state === 'connected') resolve();
      else if (status.state === 'closed') reject(status.error ?? closed());
      else return;
      stop();
    };
    const stop = core.events.on('status', look);
    look();
  });
}

const closed = (): TalariaError => new TalariaError('closed', 'The client was closed.');
