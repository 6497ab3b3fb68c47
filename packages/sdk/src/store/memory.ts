import type { Store, StoreTable } from './port.js';

/** Keeps everything as long as the object lives: the default. */
export function memoryStore(): Store {
  const tables = new Map<StoreTable, Map<string, string>>();
  const table = (name: StoreTable): Map<string, string> => {
    const known = tables.get(name) ?? new Map<string, string>();
    tables.set(name, known);
    return known;
  };
  return {
    load: (name) => Promise.resolve([...table(name)].sort(([a], [b]) => (a < b ? -1 : 1))),
    write(changes) {
      for (const { table: name, key, value } of changes) {
        if (value === null) table(name).delete(key);
        else table(name).set(key, value);
      }
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  };
}
