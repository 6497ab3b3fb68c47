/** What outlives a node's process: the store, and an old copy of it. */
import { createIdSource, createMemoryStore, decide, decideMark, type MemoryStore, type Rules } from '@talaria/server/internals';
import type { Dice } from './dice.js';

export class Disk {
  store: MemoryStore;
  private copyAt: MemoryStore | undefined;
  private epochs = 1;

  /** @param now milliseconds since 1970 */
  constructor(now: () => number, dice: Dice, change: (rules: Rules) => Rules) {
    const ids = createIdSource(now, dice);
    this.store = createMemoryStore({
      rules: change({ decide, decideMark }), now, newEventId: () => ids.id('event'), newConversationId: () => ids.id('conversation'), epoch: this.epoch(),
    });
  }

  backUp(): void {
    this.copyAt = this.store.copy(this.epoch());
  }

  get backedUp(): boolean {
    return this.copyAt !== undefined;
  }

  /** RES5: the old copy takes the store's place. @returns the store as it was */
  restore(): MemoryStore {
    const before = this.store;
    if (!this.copyAt) throw new Error('there is no copy');
    this.store = this.copyAt;
    this.copyAt = undefined;
    return before;
  }

  private epoch(): string {
    return `epoch-${this.epochs++}`;
  }
}
