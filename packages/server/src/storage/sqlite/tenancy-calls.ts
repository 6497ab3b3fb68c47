import type { Database } from 'better-sqlite3';
import type { ReadCalls, WriteCalls } from '../port.js';
import { paged } from '../paged.js';
import type { AppRow, IdentityRow, IssuerRow, KeyRow, TenantRow } from '../rows.js';
import { parseStored } from '../stored-json.js';
import { AT_MOST } from './at-most.js';
import type { IdCodec } from './ids.js';
import { KEEP_POSITION } from './lookups.js';

interface TenantColumns { id: Buffer; name: string; status: TenantRow['status']; created_ms: number }
interface AppColumns {
  id: Buffer; tenant_id: Buffer; name: string; public_key: string; sealed_secret: string; allowed_origins: string; retention_days: number | null; create_users: number; link_previews: number; text_max: number; created_ms: number;
  issuers: string | null; identity: string | null;
}
interface KeyColumns {
  id: Buffer; app_id: Buffer | null; name: string; prefix: string; hash: string; scopes: string; created_ms: number; expires_ms: number | null;
  revoked_ms: number | null; last_used_ms: number | null;
}

type TenancyReads = Pick<ReadCalls, 'revocations' | 'tenant' | 'tenants' | 'app' | 'appByPublicKey' | 'apps' | 'key' | 'keys'>;
type TenancyWrites = Pick<WriteCalls, 'createTenant' | 'updateTenant' | 'deleteTenant' | 'createApp' | 'updateApp' | 'deleteApp' | 'createKey' | 'updateKey'>;

/** Every table beside the log whose rows belong to an app, for deleting it whole. */
const APP_TABLES = [
  'usage_hours', 'dead_letters', 'member_intervals', 'members', 'streams', 'direct_pairs', 'conversations', 'entries', 'last_seen', 'users', 'api_keys', 'app_auth', 'revocations', 'accounts', 'sessions', 'attempts',
] as const;
const FIRST = Buffer.alloc(0);
const APPS = 'apps LEFT JOIN app_auth ON app_id = id';

export function createTenancyReads(db: Database, ids: IdCodec): TenancyReads {
  const tenant = db.prepare<[Buffer], TenantColumns>('SELECT * FROM tenants WHERE id = ?');
  const tenants = db.prepare<[Buffer, number], TenantColumns>(`SELECT * FROM tenants WHERE id > ? ORDER BY id ${AT_MOST}`);
  const app = db.prepare<[Buffer], AppColumns>(`SELECT * FROM ${APPS} WHERE id = ?`);
  const byPublicKey = db.prepare<[string], AppColumns>(`SELECT * FROM ${APPS} WHERE public_key = ?`);
  const apps = db.prepare<[Buffer, number], AppColumns>(`SELECT * FROM ${APPS} WHERE id > ? ORDER BY id ${AT_MOST}`);
  const appsOf = db.prepare<[Buffer, Buffer, number], AppColumns>(`SELECT * FROM ${APPS} WHERE tenant_id = ? AND id > ? ORDER BY id ${AT_MOST}`);
  const key = db.prepare<[Buffer], KeyColumns>('SELECT * FROM api_keys WHERE id = ?');
  const keys = db.prepare<[Buffer, number], KeyColumns>(`SELECT * FROM api_keys WHERE id > ? ORDER BY id ${AT_MOST}`);
  const keysOf = db.prepare<[Buffer, Buffer, number], KeyColumns>(`SELECT * FROM api_keys WHERE app_id = ? AND id > ? ORDER BY id ${AT_MOST}`);
  // Without an index: the node that alone has a file hears of every revocation, and does not ask.
  const revokedUsers = db.prepare<[number], { app_id: Buffer; id: Buffer; tokens_not_before_ms: number }>('SELECT app_id, id, tokens_not_before_ms FROM users WHERE tokens_not_before_ms > 0 AND updated_ms >= ?');
  const revokedKeys = db.prepare<[number], { id: Buffer }>('SELECT id FROM api_keys WHERE revoked_ms >= ?');

  const revokedNames = db.prepare<[number], { app_id: Buffer; user_id: Buffer; name: string; before_ms: number }>('SELECT app_id, user_id, name, before_ms FROM revocations WHERE revoked_ms >= ?');

  const asTenant = (row: TenantColumns): TenantRow => ({ id: ids.text('tenant', row.id), name: row.name, status: row.status, createdMs: row.created_ms });
  const asApp = (row: AppColumns): AppRow => ({
    id: ids.text('app', row.id), tenant: ids.text('tenant', row.tenant_id), name: row.name, publicKey: row.public_key, sealedSecret: row.sealed_secret,
    allowedOrigins: parseStored(row.allowed_origins) as string[], retentionDays: row.retention_days, createUsers: row.create_users === 1, linkPreviews: row.link_previews === 1, textMax: row.text_max, createdMs: row.created_ms,
    issuers: parseStored(row.issuers ?? '[]') as IssuerRow[], identity: row.identity === null ? null : parseStored(row.identity) as IdentityRow,
  });
  const asKey = (row: KeyColumns): KeyRow => ({
    id: ids.text('key', row.id), app: row.app_id && ids.text('app', row.app_id), name: row.name, prefix: row.prefix, hash: row.hash,
    scopes: parseStored(row.scopes) as string[], createdMs: row.created_ms, expiresMs: row.expires_ms, revokedMs: row.revoked_ms, lastUsedMs: row.last_used_ms,
  });
  const orNull = <C, T>(row: C | undefined, map: (row: C) => T): T | null => (row === undefined ? null : map(row));
  const after = (id: string | null): Buffer => (id === null ? FIRST : ids.bytes(id));
  return {
    revocations: (sinceMs) => ({
      users: revokedUsers.all(sinceMs).map((row) => ({ app: ids.text('app', row.app_id), user: ids.text('user', row.id), beforeMs: row.tokens_not_before_ms })),
      keys: revokedKeys.all(sinceMs).map((row) => ids.text('key', row.id)),
      names: revokedNames.all(sinceMs).map((row) => ({ app: ids.text('app', row.app_id), user: ids.text('user', row.user_id), name: row.name, beforeMs: row.before_ms })),
    }),
    tenant: (id) => orNull(tenant.get(ids.bytes(id)), asTenant),
    tenants: (limit, afterId) => paged(tenants.all(after(afterId), limit + 1).map(asTenant), limit),
    app: (id) => orNull(app.get(ids.bytes(id)), asApp),
    appByPublicKey: (publicKey) => orNull(byPublicKey.get(publicKey), asApp),
    apps: (owner, limit, afterId) => paged((owner === null ? apps.all(after(afterId), limit + 1) : appsOf.all(ids.bytes(owner), after(afterId), limit + 1)).map(asApp), limit),
    key: (id) => orNull(key.get(ids.bytes(id)), asKey),
    keys: (owner, limit, afterId) => paged((owner === null ? keys.all(after(afterId), limit + 1) : keysOf.all(ids.bytes(owner), after(afterId), limit + 1)).map(asKey), limit),
  };
}

export function createTenancyWrites(db: Database, ids: IdCodec): TenancyWrites {
  const reads = createTenancyReads(db, ids);
  const insertTenant = db.prepare('INSERT INTO tenants (id, name, status, created_ms) VALUES (?, ?, ?, ?)');
  const updateTenant = db.prepare('UPDATE tenants SET name = ?, status = ? WHERE id = ?');
  const deleteTenant = db.prepare('DELETE FROM tenants WHERE id = ?');
  const insertApp = db.prepare('INSERT INTO apps (id, tenant_id, name, public_key, sealed_secret, allowed_origins, retention_days, create_users, link_previews, text_max, created_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
  const updateApp = db.prepare('UPDATE apps SET name = ?, allowed_origins = ?, retention_days = ?, create_users = ?, link_previews = ?, text_max = ? WHERE id = ?');
  const setAuth = db.prepare('INSERT INTO app_auth (app_id, issuers, identity) VALUES (?, ?, ?) ON CONFLICT (app_id) DO UPDATE SET issuers = excluded.issuers, identity = excluded.identity');
  const deleteApp = db.prepare('DELETE FROM apps WHERE id = ?');
  const keepPosition = db.prepare(KEEP_POSITION);
  // By the facts that they stand for: nothing else finds an app's keys but a walk over those of all apps. Keys of commands that
  // made no fact, or whose fact retention has removed, end with their own time.
  const deleteKeys = db.prepare<[Buffer, Buffer]>('DELETE FROM command_keys WHERE client_id IN (SELECT client_id FROM events WHERE stream_no IN (SELECT no FROM streams WHERE app_id = ?)) AND app_id = ?');
  const deleteRows = [
    db.prepare('DELETE FROM events WHERE stream_no IN (SELECT no FROM streams WHERE app_id = ?)'),
    ...APP_TABLES.map((table) => db.prepare(`DELETE FROM ${table} WHERE app_id = ?`)),
  ];
  const insertKey = db.prepare('INSERT INTO api_keys (id, app_id, name, prefix, hash, scopes, created_ms, expires_ms, revoked_ms, last_used_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
  const updateKey = db.prepare('UPDATE api_keys SET expires_ms = ?, revoked_ms = ?, last_used_ms = ? WHERE id = ?');

  function removeApp(id: string): boolean {
    keepPosition.run();
    deleteKeys.run(ids.bytes(id), ids.bytes(id));
    for (const statement of deleteRows) statement.run(ids.bytes(id));
    return deleteApp.run(ids.bytes(id)).changes > 0;
  }

  function keepAuth({ id, issuers, identity }: AppRow): void {
    setAuth.run(ids.bytes(id), JSON.stringify(issuers), identity && JSON.stringify(identity));
  }

  return {
    createTenant(row) {
      insertTenant.run(ids.bytes(row.id), row.name, row.status, row.createdMs);
      return row;
    },
    updateTenant(id, change) {
      const row = reads.tenant(id);
      if (!row) return null;
      const next = { ...row, ...change };
      updateTenant.run(next.name, next.status, ids.bytes(id));
      return next;
    },
    deleteTenant(id) {
      for (const app of reads.apps(id, Number.MAX_SAFE_INTEGER - 1, null).items) removeApp(app.id);
      return deleteTenant.run(ids.bytes(id)).changes > 0;
    },
    createApp(row) {
      insertApp.run(ids.bytes(row.id), ids.bytes(row.tenant), row.name, row.publicKey, row.sealedSecret, JSON.stringify(row.allowedOrigins), row.retentionDays, row.createUsers ? 1 : 0, row.linkPreviews ? 1 : 0, row.textMax, row.createdMs);
      if (row.issuers.length > 0 || row.identity) keepAuth(row);
      return row;
    },
    updateApp(id, change) {
      const row = reads.app(id);
      if (!row) return null;
      const next = { ...row, ...change };
      updateApp.run(next.name, JSON.stringify(next.allowedOrigins), next.retentionDays, next.createUsers ? 1 : 0, next.linkPreviews ? 1 : 0, next.textMax, ids.bytes(id));
      if (change.issuers !== undefined || change.identity !== undefined) keepAuth(next);
      return next;
    },
    deleteApp: removeApp,
    createKey(row) {
      insertKey.run(ids.bytes(row.id), row.app && ids.bytes(row.app), row.name, row.prefix, row.hash, JSON.stringify(row.scopes), row.createdMs, row.expiresMs, row.revokedMs, row.lastUsedMs);
      return row;
    },
    updateKey(id, change) {
      const row = reads.key(id);
      if (!row) return null;
      const next = { ...row, ...change };
      updateKey.run(next.expiresMs, next.revokedMs, next.lastUsedMs, ids.bytes(id));
      return next;
    },
  };
}
