import { ProtocolError } from '@talaria/protocol';
import { defaultBatchBounds, GroupCommit, oneAfterTheOther, type BatchBounds, type BatchEntry, type BatchOutcome } from '../group-commit.js';
import type { Storage } from '../port.js';
import { refusalFor } from './refusal.js';
import { createMemoryStore, type MemoryStore, type MemoryStoreOptions } from './store.js';

/** @param transaction begun ahead, in `MemoryStore.begin` */
export type CommitBatch = (batch: readonly BatchEntry[], transaction?: number) => Promise<readonly BatchOutcome[]>;

export interface ServeOptions {
  readonly bounds?: BatchBounds;
  /** Wraps the commit of a batch: to count, to delay, to lose an answer. */
  readonly around?: (commit: CommitBatch) => CommitBatch;
}

/** Storage in the memory of this process, for tests, simulations and trying things out: nothing outlives the process. */
export function openMemory(options: MemoryStoreOptions & { readonly bounds?: BatchBounds }): Storage {
  return serveMemory(createMemoryStore(options), options);
}

/** Serves a store. Stopping it leaves the store as it is, so that it can be served again, as after a restart. */
export function serveMemory(store: MemoryStore, options: ServeOptions = {}): Storage {
  const plain: CommitBatch = (batch, transaction) => Promise.resolve(store.runBatch(batch, transaction));
  const commit = options.around ? options.around(plain) : plain;
  const queue = new GroupCommit(oneAfterTheOther((batch) => commit(batch)), options.bounds ?? defaultBatchBounds);
  let stopped = false;

  async function call(method: (...args: unknown[]) => unknown, args: readonly unknown[]): Promise<unknown> {
    if (stopped) throw new ProtocolError('unavailable', 'The database is closed.');
    try {
      return method(...args);
    } catch (error) {
      const { code, message } = refusalFor(error);
      throw new ProtocolError(code, message, { cause: error });
    }
  }

  const calls = Object.fromEntries<unknown>(
    Object.entries(store.calls).map(([name, method]) => [name, (...args: unknown[]) => call(method as (...all: unknown[]) => unknown, args)]),
  ) as unknown as Omit<Storage, 'driver' | 'append' | 'mark' | 'ready' | 'commits' | 'stop'>;
  return {
    ...calls,
    driver: 'memory',
    append: (command, lane) => queue.append(command, lane),
    mark: (update) => queue.mark(update),
    full: () => queue.full,
    commits: () => queue.commits,
    ready: () => !stopped,
    async stop() {
      await queue.stop();
      stopped = true;
    },
  };
}
