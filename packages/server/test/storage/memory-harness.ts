import { decide } from '../../src/domain/decide.js';
import { decideMark } from '../../src/domain/receipts/apply-mark.js';
import { serveMemory } from '../../src/storage/memory/driver.js';
import { createMemoryStore, type MemoryStore, type MemoryStoreOptions } from '../../src/storage/memory/store.js';
import type { Harness, HarnessOptions } from './harness.js';
import { createTestIds } from './ids.js';
import { stagedClock, stagedRules } from './staged-rules.mjs';

/** A store whose clock steps and whose commands go wrong on demand. */
export function stagedMemoryStore(seed = 424_242, options: Partial<MemoryStoreOptions> = {}): MemoryStore {
  const ids = createTestIds(seed);
  const clock = stagedClock();
  return createMemoryStore({
    rules: stagedRules({ decide, decideMark }, clock), now: clock.now, newEventId: () => ids.id('event'), newConversationId: () => ids.id('conversation'), ...options,
  });
}

export async function openMemoryHarness(options: HarnessOptions = {}): Promise<Harness> {
  let commits = 0;
  const store = stagedMemoryStore();
  const storage = serveMemory(store, {
    ...options,
    around: (commit) => (batch) => {
      const before = store.calls.info().position;
      const outcomes = commit(batch);
      if (store.calls.info().position !== before) commits += 1;
      return outcomes;
    },
  });
  return { storage, commits: () => Promise.resolve(commits), close: () => storage.stop() };
}
