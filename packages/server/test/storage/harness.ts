import type { BatchBounds } from '../../src/storage/group-commit.js';
import type { Storage } from '../../src/storage/port.js';

export interface HarnessOptions {
  readonly bounds?: BatchBounds;
}

/** A storage of its own for one test or one group of tests. */
export interface Harness {
  readonly storage: Storage;
  /** Transactions that have been committed and that changed something, since the start. */
  commits(): Promise<number>;
  close(): Promise<void>;
}

/**
 * Opens an empty storage for the contract suite. Its clock goes one second forward each time it is asked, and it obeys
 * the staged commands, so that what goes wrong goes wrong at a known place.
 */
export type OpenHarness = (options?: HarnessOptions) => Promise<Harness>;
