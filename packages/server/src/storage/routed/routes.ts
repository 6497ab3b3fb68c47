import type { Storage } from '../port.js';
import type { Directory } from './directory.js';
import type { Shard } from './shard.js';
import type { Shards } from './shards.js';
import type { TenantLog } from './tenant-log.js';

/** Apps whose database is remembered. It never changes while there is the app. */
const KNOWN_MAX = 100_000;

export interface Routes {
  /** Where the app's rows stand; undefined when that has to be looked up. */
  readonly route: (app: string) => Storage | undefined;
  /** Looks it up, once for all who ask, and goes on in the order in which they asked. */
  later<T>(app: string, run: (storage: Storage) => Promise<T>): Promise<T>;
  logOf(app: string): TenantLog | null | undefined;
}

interface Waiting { readonly go: (storage: Storage) => void; readonly fail: (error: unknown) => void }

export function createRoutes(directory: Directory, shards: Shards): Routes {
  const known = new Map<string, { readonly storage: Storage; readonly shard: Shard | null }>();
  const pending = new Map<string, Waiting[]>();

  function keep(app: string, shard: Shard | null): Storage {
    if (known.size >= KNOWN_MAX) known.delete(known.keys().next().value!);
    const storage = shard?.storage ?? directory;
    known.set(app, { storage, shard });
    return storage;
  }

  async function find(app: string): Promise<void> {
    const settle = (tell: (waiting: Waiting) => void): void => {
      const all = pending.get(app) ?? [];
      pending.delete(app);
      all.forEach(tell);
    };
    try {
      const place = await directory.appPlace(app);
      // What is not there may be made; until then there is nothing of it anywhere.
      const shard = place ? shards.of(place.tenant) : null;
      if (place) shard?.expect(place.sealedUrl);
      const storage = place === undefined ? directory : keep(app, shard);
      settle(({ go }) => go(storage));
    } catch (error) {
      settle(({ fail }) => fail(error));
    }
  }

  return {
    route: (app) => known.get(app)?.storage,
    later: (app, run) => new Promise((resolve, reject) => {
      const waiting: Waiting = { go: (storage) => resolve(run(storage)), fail: reject };
      const all = pending.get(app);
      if (all) all.push(waiting);
      else {
        pending.set(app, [waiting]);
        void find(app);
      }
    }),
    logOf(app) {
      const found = known.get(app);
      return found && (found.shard === null ? null : found.shard.log);
    },
  };
}
