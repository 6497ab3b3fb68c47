import type { ReadCalls, WriteCalls } from '../port.js';
import { paged } from '../paged.js';
import type { AppRow, KeyRow, TenantRow } from '../rows.js';
import { ConstraintError, requireFields } from './constraints.js';
import { byText } from './sorted.js';
import { isOf, type MemoryTables } from './tables.js';

type TenancyReads = Pick<ReadCalls, 'revocations' | 'tenant' | 'tenants' | 'app' | 'appByPublicKey' | 'apps' | 'key' | 'keys'>;
type TenancyWrites = Pick<WriteCalls, 'createTenant' | 'updateTenant' | 'deleteTenant' | 'createApp' | 'updateApp' | 'deleteApp' | 'createKey' | 'updateKey'>;

const OPEN = new Set(['retentionDays', 'identity', 'app', 'expiresMs', 'revokedMs', 'lastUsedMs']);
const tenantCopy = (row: TenantRow): TenantRow => ({ ...row });
const appCopy = (row: AppRow): AppRow => structuredClone(row);
const keyCopy = (row: KeyRow): KeyRow => ({ ...row, scopes: [...row.scopes] });

/** One page of a table in order of ids. */
function page<T extends { readonly id: string }>(rows: Iterable<T>, copyRow: (row: T) => T, limit: number, afterId: string | null) {
  const found = [...rows].filter((row) => afterId === null || row.id > afterId).sort((left, right) => byText(left.id, right.id));
  return paged(found.slice(0, limit + 1).map(copyRow), limit);
}

function orNull<T>(row: T | undefined, copyRow: (row: T) => T): T | null {
  return row === undefined ? null : copyRow(row);
}

export function createTenancyReads(tables: MemoryTables): TenancyReads {
  return {
    revocations: (sinceMs) => ({
      users: [...tables.users.values()].filter((row) => row.tokensNotBeforeMs > 0 && row.updatedMs >= sinceMs).map((row) => ({ app: row.app, user: row.id, beforeMs: row.tokensNotBeforeMs })),
      keys: [...tables.apiKeys.values()].filter((row) => row.revokedMs !== null && row.revokedMs >= sinceMs).map((row) => row.id),
      names: [...tables.revocations.values()].filter((row) => row.revokedMs >= sinceMs).map(({ app, user, name, beforeMs }) => ({ app, user, name, beforeMs })),
    }),
    tenant: (id) => orNull(tables.tenants.get(id), tenantCopy),
    tenants: (limit, afterId) => page(tables.tenants.values(), tenantCopy, limit, afterId),
    app: (id) => orNull(tables.apps.get(id), appCopy),
    appByPublicKey: (publicKey) => orNull([...tables.apps.values()].find((row) => row.publicKey === publicKey), appCopy),
    apps: (owner, limit, afterId) => page([...tables.apps.values()].filter((row) => owner === null || row.tenant === owner), appCopy, limit, afterId),
    key: (id) => orNull(tables.apiKeys.get(id), keyCopy),
    keys: (owner, limit, afterId) => page([...tables.apiKeys.values()].filter((row) => owner === null || row.app === owner), keyCopy, limit, afterId),
  };
}

export function createTenancyWrites(tables: MemoryTables): TenancyWrites {
  const reads = createTenancyReads(tables);

  function insert<T extends { readonly id: string }>(rows: Map<string, T>, row: T, copyRow: (row: T) => T): T {
    requireFields(row, OPEN);
    if (rows.has(row.id)) throw new ConstraintError('there is such a row already');
    rows.set(row.id, copyRow(row));
    return copyRow(row);
  }

  function update<T extends { readonly id: string }>(rows: Map<string, T>, row: T | null, change: Partial<T>, copyRow: (row: T) => T): T | null {
    if (!row) return null;
    const next = { ...row, ...change };
    requireFields(next, OPEN);
    rows.set(row.id, copyRow(next));
    return copyRow(next);
  }

  function deleteApp(id: string): boolean {
    forgetApp(tables, id);
    return tables.apps.delete(id);
  }

  return {
    createTenant: (row) => insert(tables.tenants, row, tenantCopy),
    updateTenant: (id, change) => update(tables.tenants, reads.tenant(id), change, tenantCopy),
    deleteTenant(id) {
      for (const app of [...tables.apps.values()]) if (app.tenant === id) deleteApp(app.id);
      return tables.tenants.delete(id);
    },
    createApp(row) {
      if (!tables.tenants.has(row.tenant)) throw new ConstraintError('there is no such tenant');
      if (reads.appByPublicKey(row.publicKey)) throw new ConstraintError('the public key is taken');
      return insert(tables.apps, row, appCopy);
    },
    updateApp: (id, change) => update(tables.apps, reads.app(id), change, appCopy),
    deleteApp,
    createKey: (row) => insert(tables.apiKeys, row, keyCopy),
    updateKey: (id, change) => update(tables.apiKeys, reads.key(id), change, keyCopy),
  };
}

/** Removes everything that belongs to an app. */
function forgetApp(tables: MemoryTables, app: string): void {
  const keyed = [
    tables.streams, tables.events, tables.conversations, tables.pairs, tables.members, tables.memberships, tables.intervals, tables.messages,
    tables.messagesBySender, tables.commandKeys, tables.users, tables.usersByExternalId, tables.lastSeen, tables.entries, tables.revocations, tables.accounts, tables.logins, tables.sessions, tables.attempts, tables.usage,
  ];
  for (const rows of keyed) for (const key of rows.keys()) if (isOf(app, key)) rows.delete(key);
  for (const rows of [tables.apiKeys, tables.deadLetters]) for (const [key, row] of rows) if (row.app === app) rows.delete(key);
  tables.log = tables.log.filter((event) => event.app !== app);
}
