import type { ReadCalls, WriteCalls } from '../port.js';
import { paged } from '../paged.js';
import type { AppRow, IdentityRow, IssuerRow, KeyRow, TenantRow } from '../rows.js';
import { parseStored } from '../stored-json.js';
import type { OnLine } from './calls.js';
import { FIRST_UUID, type IdCodec } from './ids.js';
import type { Line, Parameter } from './line.js';
import { KEEP_POSITION } from './positions.js';
import { inTransaction } from './transaction.js';

interface TenantColumns { id: string; name: string; status: TenantRow['status']; created_ms: number; sealed_url: string | null }
interface AppColumns {
  id: string; tenant_id: string; name: string; public_key: string; sealed_secret: string; allowed_origins: string; retention_days: number | null; create_users: boolean; link_previews: boolean; text_max: number; created_ms: number;
  issuers: string | null; identity: string | null;
}
interface KeyColumns {
  id: string; app_id: string | null; name: string; prefix: string; hash: string; scopes: string; created_ms: number; expires_ms: number | null; revoked_ms: number | null;
  last_used_ms: number | null;
}

type TenancyReads = Pick<ReadCalls, 'revocations' | 'tenant' | 'tenants' | 'app' | 'appByPublicKey' | 'apps' | 'key' | 'keys'>;
type TenancyWrites = Pick<WriteCalls, 'createTenant' | 'updateTenant' | 'deleteTenant' | 'createApp' | 'updateApp' | 'deleteApp' | 'createKey' | 'updateKey'>;

/** Every table whose rows belong to an app, for deleting it whole. */
const APP_TABLES = [
  'command_keys', 'events', 'usage_hours', 'dead_letters', 'member_intervals', 'members', 'streams', 'direct_pairs', 'conversations', 'entries', 'last_seen', 'users', 'api_keys',
  'search_messages_0', 'search_messages_1', 'app_auth', 'revocations', 'accounts', 'sessions', 'attempts',
] as const;

const APPS = 'apps LEFT JOIN app_auth ON app_id = id';
const TENANTS = 'tenants LEFT JOIN tenant_databases ON tenant_id = id';

/** In a transaction. @param app its uuid @returns whether there was such an app */
export async function removeApp(line: Line, app: string): Promise<boolean> {
  await line.query(KEEP_POSITION);
  for (const table of APP_TABLES) await line.query(`DELETE FROM ${table} WHERE app_id = $1`, [app]);
  return (await line.query('DELETE FROM apps WHERE id = $1', [app])).count > 0;
}

export function createTenancyCalls(ids: IdCodec): OnLine<TenancyReads & TenancyWrites> {
  const asTenant = (row: TenantColumns): TenantRow => ({
    id: ids.text('tenant', row.id), name: row.name, status: row.status, createdMs: row.created_ms, ...(row.sealed_url === null ? {} : { sealedDatabase: row.sealed_url }),
  });
  const asApp = (row: AppColumns): AppRow => ({
    id: ids.text('app', row.id), tenant: ids.text('tenant', row.tenant_id), name: row.name, publicKey: row.public_key, sealedSecret: row.sealed_secret,
    allowedOrigins: parseStored(row.allowed_origins) as string[], retentionDays: row.retention_days, createUsers: row.create_users, linkPreviews: row.link_previews, textMax: row.text_max, createdMs: row.created_ms,
    issuers: parseStored(row.issuers ?? '[]') as IssuerRow[], identity: row.identity === null ? null : parseStored(row.identity) as IdentityRow,
  });
  const asKey = (row: KeyColumns): KeyRow => ({
    id: ids.text('key', row.id), app: row.app_id && ids.text('app', row.app_id), name: row.name, prefix: row.prefix, hash: row.hash,
    scopes: parseStored(row.scopes) as string[], createdMs: row.created_ms, expiresMs: row.expires_ms, revokedMs: row.revoked_ms, lastUsedMs: row.last_used_ms,
  });
  const after = (id: string | null): string => (id === null ? FIRST_UUID : ids.uuid(id));

  async function one<C extends object, T>(line: Line, map: (row: C) => T, sql: string, parameters: readonly Parameter[]): Promise<T | null> {
    const { rows: [row] } = await line.query<C>(sql, parameters);
    return row === undefined ? null : map(row);
  }

  async function keepAuth(line: Line, { id, issuers, identity }: AppRow): Promise<void> {
    await line.query(
      'INSERT INTO app_auth (app_id, issuers, identity) VALUES ($1, $2, $3) ON CONFLICT (app_id) DO UPDATE SET issuers = excluded.issuers, identity = excluded.identity',
      [ids.uuid(id), JSON.stringify(issuers), identity && JSON.stringify(identity)],
    );
  }

  /** A page in order of ids; of one owner only, when it is named. */
  async function page<C extends object, T>(line: Line, map: (row: C) => T, table: string, owner: readonly [column: string, id: string] | null, limit: number, afterId: string | null) {
    const { rows } = owner === null
      ? await line.query<C>(`SELECT * FROM ${table} WHERE id > $1 ORDER BY id LIMIT $2`, [after(afterId), limit + 1])
      : await line.query<C>(`SELECT * FROM ${table} WHERE ${owner[0]} = $1 AND id > $2 ORDER BY id LIMIT $3`, [ids.uuid(owner[1]), after(afterId), limit + 1]);
    return paged(rows.map(map), limit);
  }

  return {
    async revocations(line, sinceMs) {
      const [users, keys, names] = await Promise.all([
        line.query<{ app_id: string; id: string; tokens_not_before_ms: number }>('SELECT app_id, id, tokens_not_before_ms FROM users WHERE tokens_not_before_ms > 0 AND updated_ms >= $1', [sinceMs]),
        line.query<{ id: string }>('SELECT id FROM api_keys WHERE revoked_ms >= $1', [sinceMs]),
        line.query<{ app_id: string; user_id: string; name: string; before_ms: number }>('SELECT app_id, user_id, name, before_ms FROM revocations WHERE revoked_ms >= $1', [sinceMs]),
      ]);
      return {
        users: users.rows.map((row) => ({ app: ids.text('app', row.app_id), user: ids.text('user', row.id), beforeMs: row.tokens_not_before_ms })),
        keys: keys.rows.map((row) => ids.text('key', row.id)),
        names: names.rows.map((row) => ({ app: ids.text('app', row.app_id), user: ids.text('user', row.user_id), name: row.name, beforeMs: row.before_ms })),
      };
    },
    tenant: (line, id) => one(line, asTenant, `SELECT * FROM ${TENANTS} WHERE id = $1`, [ids.uuid(id)]),
    tenants: (line, limit, afterId) => page(line, asTenant, TENANTS, null, limit, afterId),
    app: (line, id) => one(line, asApp, `SELECT * FROM ${APPS} WHERE id = $1`, [ids.uuid(id)]),
    appByPublicKey: (line, publicKey) => one(line, asApp, `SELECT * FROM ${APPS} WHERE public_key = $1`, [publicKey]),
    apps: (line, owner, limit, afterId) => page(line, asApp, APPS, owner === null ? null : ['tenant_id', owner], limit, afterId),
    key: (line, id) => one(line, asKey, 'SELECT * FROM api_keys WHERE id = $1', [ids.uuid(id)]),
    keys: (line, owner, limit, afterId) => page(line, asKey, 'api_keys', owner === null ? null : ['app_id', owner], limit, afterId),
    createTenant: (line, row) => inTransaction(line, async () => {
      const id = ids.uuid(row.id);
      await line.query('INSERT INTO tenants (id, name, status, created_ms) VALUES ($1, $2, $3, $4)', [id, row.name, row.status, row.createdMs]);
      if (row.sealedDatabase !== undefined) await line.query('INSERT INTO tenant_databases (tenant_id, sealed_url) VALUES ($1, $2)', [id, row.sealedDatabase]);
      return row;
    }),
    updateTenant: (line, id, change) => one(line, asTenant, 'UPDATE tenants SET name = coalesce($2, name), status = coalesce($3, status) WHERE id = $1 RETURNING *, (SELECT sealed_url FROM tenant_databases WHERE tenant_id = id)', [
      ids.uuid(id), change.name ?? null, change.status ?? null,
    ]),
    deleteTenant: (line, id) => inTransaction(line, async () => {
      const { rows } = await line.query<{ id: string }>('SELECT id FROM apps WHERE tenant_id = $1 ORDER BY id', [ids.uuid(id)]);
      for (const app of rows) await removeApp(line, app.id);
      return (await line.query('DELETE FROM tenants WHERE id = $1', [ids.uuid(id)])).count > 0;
    }),
    createApp: (line, row) => inTransaction(line, async () => {
      await line.query(
        'INSERT INTO apps (id, tenant_id, name, public_key, sealed_secret, allowed_origins, retention_days, create_users, link_previews, text_max, created_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)',
        [ids.uuid(row.id), ids.uuid(row.tenant), row.name, row.publicKey, row.sealedSecret, JSON.stringify(row.allowedOrigins), row.retentionDays, row.createUsers, row.linkPreviews, row.textMax, row.createdMs],
      );
      if (row.issuers.length > 0 || row.identity) await keepAuth(line, row);
      return row;
    }),
    updateApp: (line, id, change) => inTransaction(line, async () => {
      const row = await one(line, asApp, `SELECT * FROM ${APPS} WHERE id = $1 FOR UPDATE OF apps`, [ids.uuid(id)]);
      if (!row) return null;
      const next = { ...row, ...change };
      await line.query('UPDATE apps SET name = $2, allowed_origins = $3, retention_days = $4, create_users = $5, link_previews = $6, text_max = $7 WHERE id = $1', [
        ids.uuid(id), next.name, JSON.stringify(next.allowedOrigins), next.retentionDays, next.createUsers, next.linkPreviews, next.textMax,
      ]);
      if (change.issuers !== undefined || change.identity !== undefined) await keepAuth(line, next);
      return next;
    }),
    deleteApp: (line, id) => inTransaction(line, () => removeApp(line, ids.uuid(id))),
    async createKey(line, row) {
      await line.query(
        'INSERT INTO api_keys (id, app_id, name, prefix, hash, scopes, created_ms, expires_ms, revoked_ms, last_used_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)',
        [ids.uuid(row.id), row.app && ids.uuid(row.app), row.name, row.prefix, row.hash, JSON.stringify(row.scopes), row.createdMs, row.expiresMs, row.revokedMs, row.lastUsedMs],
      );
      return row;
    },
    updateKey: (line, id, change) => inTransaction(line, async () => {
      const row = await one(line, asKey, 'SELECT * FROM api_keys WHERE id = $1 FOR UPDATE', [ids.uuid(id)]);
      if (!row) return null;
      const next = { ...row, ...change };
      await line.query('UPDATE api_keys SET expires_ms = $2, revoked_ms = $3, last_used_ms = $4 WHERE id = $1', [ids.uuid(id), next.expiresMs, next.revokedMs, next.lastUsedMs]);
      return next;
    }),
  };
}
