import { afterAll, beforeAll } from 'vitest';
import type { Harness, HarnessOptions, OpenHarness } from '../harness.js';
import { createWorld, type World } from '../world.js';

export interface Stage {
  harness(): Harness;
  /** A new app in the storage that the group of tests shares. */
  world(): World;
}

/** For properties over many histories: how long they take is the machine's matter. */
export const PROPERTY_MS = 300_000;

let seeds = 0;

/** Opens one storage for the tests of a group. */
export function useStage(open: OpenHarness, options?: HarnessOptions): Stage {
  let harness: Harness | undefined;
  const opened = (): Harness => {
    if (!harness) throw new Error('no storage is open');
    return harness;
  };
  beforeAll(async () => {
    harness = await open(options);
  });
  afterAll(async () => {
    await harness?.close();
    harness = undefined;
  });
  return { harness: opened, world: () => createWorld(opened().storage, seeds += 1) };
}
