import { idBytes, toBase32 } from '@talaria/protocol';
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../runtime/clock.js';
import type { Random } from '../../runtime/random.js';
import type { Storage } from '../../storage/port.js';
import type { KeyRow } from '../../storage/rows.js';

const SECRET_BYTES = 32;
const KEEP_MS = 2_000;
const KEYS_MAX = 10_000;
/** "Last used" is exact to a minute, so that a busy key does not write all the time. */
const LAST_USED_STEP_MS = 60_000;

export interface KeyDirectory {
  /** @param presented `tk_<id>_<secret>` @returns the key when it is valid now, else undefined, without saying why */
  verify(presented: string): Promise<KeyRow | undefined>;
  /** The key with this id when it is valid now, for tokens that act as it. */
  valid(id: string): Promise<KeyRow | undefined>;
  /** Whether a key of the app has been revoked, or is none of its keys (ISO1); for tokens that it minted. */
  revoked(app: string, id: string): Promise<boolean>;
  forget(id: string): void;
}

/** A new key's secret, what is stored of it, and what its owner sees once. */
export function makeKeySecret(id: string, random: Random): { readonly presented: string; readonly prefix: string; readonly hash: string } {
  const bytes = new Uint8Array(SECRET_BYTES);
  random.fill(bytes);
  const secret = toBase32(bytes);
  const shown = id.slice(2);
  return { presented: `tk_${shown}_${secret}`, prefix: `tk_${shown.slice(0, 10)}…`, hash: hashSecret(secret) };
}

/** The secret has 256 random bits, so a plain hash cannot be searched. */
function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}

function sameHash(left: string, right: string): boolean {
  const a = Buffer.from(left);
  const b = Buffer.from(right);
  return a.length === b.length && timingSafeEqual(a, b);
}

export function createKeyDirectory(storage: Storage, clock: Clock): KeyDirectory {
  const kept = new Map<string, { readonly row: KeyRow | null; readonly untilMs: number }>();
  let forgets = 0;

  async function load(id: string): Promise<KeyRow | null> {
    const known = kept.get(id);
    if (known && known.untilMs > clock.monotonic()) return known.row;
    const before = forgets;
    const row = await storage.key(id);
    // What was read before a key changed is not kept behind the change.
    if (before !== forgets) return row;
    if (kept.size >= KEYS_MAX) kept.delete(kept.keys().next().value!);
    kept.set(id, { row, untilMs: clock.monotonic() + KEEP_MS });
    return row;
  }

  function noteUse(row: KeyRow): void {
    const nowMs = clock.now();
    if (row.lastUsedMs !== null && nowMs - row.lastUsedMs < LAST_USED_STEP_MS) return;
    row.lastUsedMs = nowMs;
    // A lost note only makes "last used" older than it was.
    storage.updateKey(row.id, { lastUsedMs: nowMs }).catch(() => undefined);
  }

  /** The row when the key has been neither revoked nor expired; that it was used is noted. */
  function used(row: KeyRow): KeyRow | undefined {
    if (row.revokedMs !== null || (row.expiresMs !== null && row.expiresMs <= clock.now())) return undefined;
    noteUse(row);
    return row;
  }

  return {
    async verify(presented) {
      const parts = /^tk_([0-9a-z]{26})_([0-9a-z]{52})$/.exec(presented);
      const id = parts ? `k_${parts[1]!}` : '';
      if (!parts || !idBytes('key', id)) return undefined;
      const row = await load(id);
      return row && sameHash(row.hash, hashSecret(parts[2]!)) ? used(row) : undefined;
    },
    async valid(id) {
      const row = idBytes('key', id) ? await load(id) : null;
      return row ? used(row) : undefined;
    },
    async revoked(app, id) {
      const row = idBytes('key', id) ? await load(id) : null;
      return row === null || row.app !== app || row.revokedMs !== null;
    },
    forget(id) {
      forgets += 1;
      kept.delete(id);
    },
  };
}
