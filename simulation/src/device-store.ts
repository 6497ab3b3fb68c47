/** What a device keeps over the death of its app: writes take their time, in order, and those under way may be lost. */
import type { Store, StoreChange, StoreTable } from '@talaria/sdk';
import type { Dice } from './dice.js';
import type { Life } from './life.js';

interface Write {
  readonly changes: readonly StoreChange[];
  readonly done: () => void;
}

export class DeviceStore {
  private readonly tables = new Map<StoreTable, Map<string, string>>();
  private writing: Write[] = [];

  constructor(private readonly dice: Dice) {}

  /** As the app's process opens it. */
  open(life: Life): Store {
    return {
      load: async (name) => {
        await life.sleep(this.dice.between(0, 8), 'load');
        return this.rows(name);
      },
      write: (changes) => new Promise<void>((resolve) => {
        this.writing.push({ changes, done: resolve });
        if (this.writing.length === 1) this.writeNext(life);
      }),
      close: () => Promise.resolve(),
    };
  }

  rows(name: StoreTable): [string, string][] {
    return [...this.table(name)].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  /** The process dies: of what was being written the first part is kept. */
  crash(): void {
    const kept = this.dice.below(this.writing.length + 1);
    for (const { changes } of this.writing.splice(0).slice(0, kept)) this.apply(changes);
  }

  private writeNext(life: Life): void {
    life.after(this.dice.between(0, 10), 'write', () => {
      const write = this.writing.shift();
      if (!write) return;
      this.apply(write.changes);
      write.done();
      if (this.writing.length > 0) this.writeNext(life);
    });
  }

  private apply(changes: readonly StoreChange[]): void {
    for (const { table, key, value } of changes) {
      if (value === null) this.table(table).delete(key);
      else this.table(table).set(key, value);
    }
  }

  private table(name: StoreTable): Map<string, string> {
    const known = this.tables.get(name) ?? new Map<string, string>();
    this.tables.set(name, known);
    return known;
  }
}
