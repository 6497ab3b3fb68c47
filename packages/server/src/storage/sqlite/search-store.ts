/** The search index on its thread: calls, synchronous. What is broken of it is thrown away: the next call makes it anew. */
import { ProtocolError } from '@talaria/protocol';
import { readlinkSync } from 'node:fs';
import { setPriority } from 'node:os';
import { basename } from 'node:path';
import { createIdCodec } from './ids.js';
import type { WorkerOptions } from './messages.js';
import { openFailure } from './open-failure.js';
import { createSearchCalls } from './search-calls.js';
import { isUseless, openSearchFile, removeSearchFile, searchPath } from './search-file.js';
import { inTransaction, type SqliteStore } from './store.js';

/** Of the thread, as `nice` counts: where all cores are busy, commits go first, and the index follows when there is time. */
const NICENESS = 10;

/** Linux alone has threads of their own importance. */
function standBack(): void {
  try {
    const thread = Number(basename(readlinkSync('/proc/thread-self')));
    if (thread !== process.pid) setPriority(thread, NICENESS);
  } catch {
    // Elsewhere the system shares its cores as it likes.
  }
}

/** @throws Error with one sentence when the file cannot be used */
export function openSearchStore(options: Pick<WorkerOptions, 'path'>): SqliteStore {
  standBack();
  const ids = createIdCodec();
  let state: ReturnType<typeof open> | undefined = open();

  function open() {
    try {
      const db = openSearchFile(options.path);
      // An immediate one would be a writer of the log as well, and keep the real one waiting.
      return { db, calls: inTransaction(db, 'deferred', createSearchCalls(db, ids)) };
    } catch (error) {
      throw openFailure(searchPath(options.path), error);
    }
  }

  function throwAway(): void {
    try {
      state?.db.close();
    } finally {
      state = undefined;
      removeSearchFile(options.path);
    }
  }

  return {
    runBatch() {
      throw new Error('the search index takes no commands');
    },
    call(method, args) {
      state ??= open();
      const call = Object.hasOwn(state.calls, method) ? state.calls[method] : undefined;
      if (!call) throw new Error(`there is no call ${method}`);
      try {
        return (call as (...all: unknown[]) => unknown)(...args);
      } catch (error) {
        if (!isUseless(error)) throw error;
        throwAway();
        throw new ProtocolError('unavailable', 'The search index was damaged, and is made anew.', { cause: error });
      }
    },
    healthy: () => true,
    close: () => void state?.db.close(),
  };
}
