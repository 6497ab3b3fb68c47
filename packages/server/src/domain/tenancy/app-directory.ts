import { createHash, webcrypto } from 'node:crypto';
import type { Clock } from '../../runtime/clock.js';
import type { Paged, Storage } from '../../storage/port.js';
import type { AppRow } from '../../storage/rows.js';
import type { Keyring } from '../auth/keyring.js';

export interface AppEntry {
  readonly row: AppRow;
  readonly suspended: boolean;
  /** Signs user tokens. Imported once: to do so for each token costs as much as to check it. */
  readonly tokenKey: webcrypto.CryptoKey;
  /** Another one when the app's issuers are others. */
  readonly issuersCheck: string;
}

export interface AppDirectory {
  /** Reads every app once, up to what is kept, so that the first connections find theirs. */
  warm(): Promise<void>;
  /** An app as it was when it was last read, however long ago; for what is checked again with `byId`. */
  known(publicKey: string): AppEntry | undefined;
  /** The same by its id. */
  knownById(id: string): AppEntry | undefined;
  byPublicKey(publicKey: string): Promise<AppEntry | undefined>;
  byId(id: string): Promise<AppEntry | undefined>;
  /** Reads an app again, after a change. */
  refresh(id: string): Promise<AppEntry | undefined>;
}

/** How long an app's settings are kept; a change on this node or over the bus forgets them at once. */
const KEEP_MS = 10_000;
const ENTRIES_MAX = 5_000;
const WARM_PAGE = 200;

interface Kept { readonly entry: AppEntry | undefined; readonly untilMs: number }

/** Apps by public key and id, kept for a few seconds: every upgrade and every request needs one. */
export function createAppDirectory(storage: Storage, keyring: Keyring, clock: Clock): AppDirectory {
  // Each by its own name: to put a text before a name costs a send more than to look the name up.
  const keptByKey = new Map<string, Kept>();
  const keptById = new Map<string, Kept>();
  /** Counts changes: what was read before one must not be kept after it. */
  let changes = 0;

  async function load(kept: Map<string, Kept>, name: string, find: () => Promise<AppRow | null>): Promise<AppEntry | undefined> {
    const known = kept.get(name);
    if (known && known.untilMs > clock.monotonic()) return known.entry;
    const before = changes;
    const row = await find();
    const entry = row ? await complete(row) : undefined;
    return before === changes ? keep(kept, name, entry) : entry;
  }

  function keep(kept: Map<string, Kept>, name: string, entry: AppEntry | undefined): AppEntry | undefined {
    kept.delete(name);
    if (kept.size >= ENTRIES_MAX) kept.delete(kept.keys().next().value!);
    kept.set(name, { entry, untilMs: clock.monotonic() + KEEP_MS });
    return entry;
  }

  async function complete(row: AppRow): Promise<AppEntry> {
    const tenant = await storage.tenant(row.tenant);
    const secret = keyring.open('app-secret', Buffer.from(row.sealedSecret, 'base64url'), row.id);
    if (!secret) throw new Error(`the secret of app ${row.id} was not sealed with this installation's secrets.json`);
    const tokenKey = await webcrypto.subtle.importKey('raw', secret, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify']);
    const issuersCheck = row.issuers.length === 0 ? '' : createHash('sha256').update(JSON.stringify(row.issuers)).digest('base64url');
    return { row, tokenKey, issuersCheck, suspended: tenant?.status !== 'active' };
  }

  return {
    async warm() {
      let after: string | null = null;
      do {
        const page: Paged<AppRow> = await storage.apps(null, WARM_PAGE, after);
        for (const entry of await Promise.all(page.items.map(complete))) keep(keptByKey, entry.row.publicKey, entry);
        after = page.more && keptByKey.size < ENTRIES_MAX ? page.items.at(-1)?.id ?? null : null;
      } while (after !== null);
    },
    known: (publicKey) => keptByKey.get(publicKey)?.entry,
    knownById: (id) => keptById.get(id)?.entry,
    byPublicKey: (publicKey) => load(keptByKey, publicKey, () => storage.appByPublicKey(publicKey)),
    byId: (id) => load(keptById, id, () => storage.app(id)),
    async refresh(id) {
      changes += 1;
      for (const kept of [keptByKey, keptById]) for (const [name, { entry }] of kept) if (entry === undefined || entry.row.id === id) kept.delete(name);
      const entry = await load(keptById, id, () => storage.app(id));
      if (entry && keptById.get(id)?.entry === entry) keep(keptByKey, entry.row.publicKey, entry);
      return entry;
    },
  };
}
