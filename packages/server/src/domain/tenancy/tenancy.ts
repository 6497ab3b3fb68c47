import { limits, ProtocolError, toBase32 } from '@talaria/protocol';
import { appScopes, type OperationInput, type OperationOutput, type Scope } from '@talaria/protocol/operations';
import type { TenantDatabases } from '../../storage/routed/tenant-databases.js';
import type { AppRow, IdentityRow, IssuerRow, KeyRow, TenantRow } from '../../storage/rows.js';
import { makeKeySecret } from '../auth/key-directory.js';
import type { Domain } from '../domain.js';
import { openPage, sealPage } from '../page-cursor.js';

type TenantView = OperationOutput<'tenants.get'>;
type AppView = OperationOutput<'apps.get'>;
type KeyView = OperationOutput<'keys.revoke'>;

const notFound = (what: string, field: string): ProtocolError => new ProtocolError('not_found', `There is no such ${what}.`, { field });
const tenantView = ({ databases }: Domain, row: TenantRow): TenantView => ({
  id: row.id, name: row.name, status: row.status, created_ms: row.createdMs,
  database_url: row.sealedDatabase === undefined ? null : databases?.shown(row.id, row.sealedDatabase) ?? null,
});
const issuerView = (row: IssuerRow): AppView['issuers'][number] => ({
  issuer: row.issuer, audiences: [...row.audiences], jwks_url: row.jwksUrl, user_claim: row.userClaim, user_prefix: row.userPrefix,
  // The schema of the operation that stored them has checked them.
  algorithms: [...row.algorithms] as AppView['issuers'][number]['algorithms'], create_users: row.createUsers,
});
const issuerRow = (given: AppView['issuers'][number]): IssuerRow => ({
  issuer: given.issuer, audiences: given.audiences, jwksUrl: given.jwks_url, userClaim: given.user_claim, userPrefix: given.user_prefix, algorithms: given.algorithms,
  createUsers: given.create_users,
});
const identityView = (row: IdentityRow): NonNullable<AppView['identity']> => ({ register: row.register, guests: row.guests, token_s: row.tokenS, session_days: row.sessionDays });
const identityRow = (given: NonNullable<AppView['identity']>): IdentityRow => ({ register: given.register, guests: given.guests, tokenS: given.token_s, sessionDays: given.session_days });
const appView = (row: AppRow): AppView => ({
  id: row.id, tenant_id: row.tenant, name: row.name, public_key: row.publicKey, allowed_origins: row.allowedOrigins, retention_days: row.retentionDays,
  create_users: row.createUsers, link_previews: row.linkPreviews, text_max: row.textMax, created_ms: row.createdMs, issuers: row.issuers.map(issuerView), identity: row.identity && identityView(row.identity),
});
const keyView = (row: KeyRow): KeyView => ({
  id: row.id, app_id: row.app, name: row.name, prefix: row.prefix, scopes: row.scopes as Scope[], created_ms: row.createdMs, expires_ms: row.expiresMs,
  revoked_ms: row.revokedMs, last_used_ms: row.lastUsedMs,
});

/** @throws ProtocolError conflict where tenants cannot have databases of their own */
export async function createTenant(domain: Domain, input: OperationInput<'tenants.create'>): Promise<TenantView> {
  const id = domain.ids.id('tenant');
  const sealed = input.database_url === undefined ? {} : { sealedDatabase: databasesOf(domain).seal(id, input.database_url) };
  return tenantView(domain, await domain.storage.createTenant({ id, name: input.name, status: 'active', createdMs: domain.clock.now(), ...sealed }));
}

/** @throws ProtocolError conflict */
function databasesOf({ databases }: Domain): TenantDatabases {
  if (databases) return databases;
  throw new ProtocolError('conflict', 'Tenants can have databases of their own only where the installation is on Postgres. Set database_url for the server.', { field: 'database_url' });
}

export async function listTenants(domain: Domain, input: OperationInput<'tenants.list'>): Promise<OperationOutput<'tenants.list'>> {
  const page = await domain.storage.tenants(input.limit, openPage(domain, 'tenants', input.after));
  return { items: page.items.map((row) => tenantView(domain, row)), next: sealPage(domain, 'tenants', page.more ? page.items.at(-1)?.id ?? null : null) };
}

/** @throws ProtocolError not_found */
export async function getTenant(domain: Domain, input: OperationInput<'tenants.get'>): Promise<TenantView> {
  const row = await domain.storage.tenant(input.tenant_id);
  if (!row) throw notFound('tenant', 'tenant_id');
  return tenantView(domain, row);
}

/**
 * Renames, suspends or resumes, or says where the tenant's database is. Suspending closes the connections of all its apps.
 *
 * @throws ProtocolError not_found, conflict
 */
export async function updateTenant(domain: Domain, input: OperationInput<'tenants.update'>): Promise<TenantView> {
  if (input.database_url !== undefined) await placeTenant(domain, input.tenant_id, input.database_url);
  const row = await domain.storage.updateTenant(input.tenant_id, {
    ...(input.name === undefined ? {} : { name: input.name }), ...(input.status === undefined ? {} : { status: input.status }),
  });
  if (!row) throw notFound('tenant', 'tenant_id');
  await announceApps(domain, row.id);
  return tenantView(domain, row);
}

/** @throws ProtocolError not_found, conflict */
async function placeTenant(domain: Domain, tenant: string, url: string | null): Promise<void> {
  switch (await databasesOf(domain).place(tenant, url)) {
    case 'placed': return;
    case 'absent': throw notFound('tenant', 'tenant_id');
    case 'held': throw new ProtocolError('conflict', 'The tenant has apps, and what they hold does not move by itself. Name the database that it has, or a tenant without apps.', { field: 'database_url' });
  }
}

async function announceApps(domain: Domain, tenant: string): Promise<void> {
  let after: string | null = null;
  do {
    const page = await domain.storage.apps(tenant, 200, after);
    for (const app of page.items) domain.bus.publish({ kind: 'app_changed', app: app.id });
    after = page.more ? page.items.at(-1)?.id ?? null : null;
  } while (after !== null);
}

/** Deletes a tenant that was suspended first, so that nobody is connected any more. @throws ProtocolError not_found, conflict */
export async function deleteTenant(domain: Domain, input: OperationInput<'tenants.delete'>): Promise<Record<string, never>> {
  const row = await domain.storage.tenant(input.tenant_id);
  if (!row) throw notFound('tenant', 'tenant_id');
  if (row.status !== 'suspended') throw new ProtocolError('conflict', 'Suspend the tenant first; then delete it.');
  await announceApps(domain, row.id);
  await domain.storage.deleteTenant(row.id);
  return {};
}

/** Makes an app with a public key for clients and a secret for signing user tokens. @throws ProtocolError not_found */
export async function createApp(domain: Domain, input: OperationInput<'apps.create'>): Promise<OperationOutput<'apps.create'>> {
  if (!await domain.storage.tenant(input.tenant_id)) throw notFound('tenant', 'tenant_id');
  const id = domain.ids.id('app');
  const secret = randomBytes(domain, 32);
  const row = await domain.storage.createApp({
    id, tenant: input.tenant_id, name: input.name, publicKey: `pk_${toBase32(randomBytes(domain, 15))}`,
    sealedSecret: domain.keyring.seal('app-secret', secret, id).toString('base64url'), allowedOrigins: input.allowed_origins ?? [],
    retentionDays: input.retention_days ?? null, createUsers: input.create_users ?? true, linkPreviews: input.link_previews ?? false, textMax: input.text_max ?? limits.text_chars_max, issuers: input.issuers?.map(issuerRow) ?? [], identity: input.identity ? identityRow(input.identity) : null, createdMs: domain.clock.now(),
  });
  domain.bus.publish({ kind: 'app_changed', app: id });
  return { ...appView(row), signing_secret: Buffer.from(secret).toString('base64url') };
}

export async function listApps(domain: Domain, input: OperationInput<'apps.list'>): Promise<OperationOutput<'apps.list'>> {
  const page = await domain.storage.apps(input.tenant_id ?? null, input.limit, openPage(domain, 'apps', input.after));
  return { items: page.items.map(appView), next: sealPage(domain, 'apps', page.more ? page.items.at(-1)?.id ?? null : null) };
}

/** @throws ProtocolError not_found */
export async function getApp(domain: Domain, input: OperationInput<'apps.get'>): Promise<AppView> {
  const row = await domain.storage.app(input.app_id);
  if (!row) throw notFound('app', 'app_id');
  return appView(row);
}

/** @throws ProtocolError not_found */
export async function updateApp(domain: Domain, input: OperationInput<'apps.update'>): Promise<AppView> {
  const row = await domain.storage.updateApp(input.app_id, {
    ...(input.name === undefined ? {} : { name: input.name }),
    ...(input.allowed_origins === undefined ? {} : { allowedOrigins: input.allowed_origins }),
    ...(input.retention_days === undefined ? {} : { retentionDays: input.retention_days }),
    ...(input.create_users === undefined ? {} : { createUsers: input.create_users }),
    ...(input.link_previews === undefined ? {} : { linkPreviews: input.link_previews }),
    ...(input.text_max === undefined ? {} : { textMax: input.text_max }),
    ...(input.issuers === undefined ? {} : { issuers: input.issuers.map(issuerRow) }),
    ...(input.identity === undefined ? {} : { identity: input.identity && identityRow(input.identity) }),
  });
  if (!row) throw notFound('app', 'app_id');
  domain.bus.publish({ kind: 'app_changed', app: row.id });
  // What comes to this node after the answer finds the settings as they are now.
  await domain.apps.byId(row.id);
  return appView(row);
}

/** @throws ProtocolError not_found */
export async function deleteApp(domain: Domain, input: OperationInput<'apps.delete'>): Promise<Record<string, never>> {
  if (!await domain.storage.deleteApp(input.app_id)) throw notFound('app', 'app_id');
  domain.bus.publish({ kind: 'app_changed', app: input.app_id });
  return {};
}

/** Makes a key of an app, or without an app an admin key. @throws ProtocolError not_found, invalid_argument */
export async function createKey(domain: Domain, input: OperationInput<'keys.create'>): Promise<OperationOutput<'keys.create'>> {
  const app = input.app_id ?? null;
  const scopes = input.scopes ?? (app === null ? ['admin' as const] : appScopes);
  if ((app === null) !== scopes.includes('admin')) {
    throw new ProtocolError('invalid_argument', 'The scope admin is for keys without app_id, and only for them.', { field: 'scopes' });
  }
  if (app !== null && !await domain.storage.app(app)) throw notFound('app', 'app_id');
  return makeKey(domain, { app, name: input.name, scopes: [...scopes], expiresMs: input.expires_ms ?? null });
}

async function makeKey(domain: Domain, wanted: Pick<KeyRow, 'app' | 'name' | 'scopes' | 'expiresMs'>): Promise<OperationOutput<'keys.create'>> {
  const id = domain.ids.id('key');
  const secret = makeKeySecret(id, domain.random);
  const row = await domain.storage.createKey({ ...wanted, id, prefix: secret.prefix, hash: secret.hash, createdMs: domain.clock.now(), revokedMs: null, lastUsedMs: null });
  domain.keys.forget(id);
  return { ...keyView(row), secret: secret.presented };
}

export async function listKeys(domain: Domain, input: OperationInput<'keys.list'>): Promise<OperationOutput<'keys.list'>> {
  const page = await domain.storage.keys(input.app_id ?? null, input.limit, openPage(domain, 'keys', input.after));
  return { items: page.items.map(keyView), next: sealPage(domain, 'keys', page.more ? page.items.at(-1)?.id ?? null : null) };
}

/**
 * Makes a successor that lives as long as the old key was given; the old key ends after the overlap, or earlier if it was to
 * end earlier.
 *
 * @throws ProtocolError not_found, conflict
 */
export async function rotateKey(domain: Domain, input: OperationInput<'keys.rotate'>): Promise<OperationOutput<'keys.rotate'>> {
  const old = await domain.storage.key(input.key_id);
  if (!old) throw notFound('key', 'key_id');
  const nowMs = domain.clock.now();
  if (old.revokedMs !== null) throw new ProtocolError('conflict', 'A revoked key is not rotated. Make a new one.');
  if (old.expiresMs !== null && old.expiresMs <= nowMs) throw new ProtocolError('conflict', 'A key that has expired is not rotated. Make a new one.');
  const endMs = nowMs + input.overlap_s * 1_000;
  const next = await makeKey(domain, { app: old.app, name: old.name, scopes: old.scopes, expiresMs: old.expiresMs === null ? null : nowMs + old.expiresMs - old.createdMs });
  await domain.storage.updateKey(old.id, { expiresMs: Math.min(old.expiresMs ?? endMs, endMs) });
  domain.keys.forget(old.id);
  return next;
}

/** Revokes a key, the tokens it minted, and the connections that use them (RES6). @throws ProtocolError not_found */
export async function revokeKey(domain: Domain, input: OperationInput<'keys.revoke'>): Promise<KeyView> {
  const row = await domain.storage.updateKey(input.key_id, { revokedMs: domain.clock.now() });
  if (!row) throw notFound('key', 'key_id');
  domain.bus.publish({ kind: 'revoked_key', key: row.id });
  return keyView(row);
}

function randomBytes(domain: Domain, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  domain.random.fill(bytes);
  return bytes;
}
