import { z } from 'zod';
import { limits } from '../limits.js';
import { scopes, type Operation } from './operation.js';
import { appId, empty, keyId, limit, name, page, pageCursor, tenantId, timeMs } from './schemas.js';

const scope = 'admin' as const;
const shared = { user: false, scope, command: false } as const;
const origin = z.string().max(200).regex(/^https?:\/\/[^/?#\s*]+$/, 'must be an origin such as https://app.example.com');

const tenant = z.strictObject({
  id: tenantId, name, status: z.enum(['active', 'suspended']), created_ms: timeMs,
  database_url: z.string().nullable().meta({ description: "The tenant's own database, without user and password; null when its data is in the installation's." }),
});
const databaseUrl = z.string().max(2_000)
  .refine((value) => URL.canParse(value) && /^postgres(?:ql)?:\/\/[^/]+\/[^/?#]+/.test(value), { error: 'must be an address such as postgres://user:password@host:5432/name' })
  .meta({ example: 'postgres://talaria:password@db.example.com:5432/acme' });
/** Signatures by keys that may be public (RFC 7518): where a key can be fetched by anybody, none of them may be a shared secret. */
const issuerAlgorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'] as const;
const issuerUrl = z.string().max(500)
  .refine((value) => /^https?:\/\/[^/?#@\s]+(?:\/[^?#\s]*)?$/.test(value) && URL.canParse(value), { error: 'must be an address such as https://login.example.com, without user, query and fragment' });
const printable = (most: number) => z.string().min(1).max(most).regex(/^[\u0021-\u007e]+$/, 'must be printable ASCII without blanks');
const issuer = z.strictObject({
  issuer: issuerUrl.meta({ description: 'Exactly as `iss` of its tokens has it.', example: 'https://login.example.com' }),
  audiences: z.array(printable(200)).min(1).max(10).meta({ description: '`aud` of a token must be one of these, and only one.' }),
  jwks_url: issuerUrl.nullable().default(null).meta({ description: "Where its keys are. Without one, its OpenID configuration says so." }),
  user_claim: printable(100).default('sub').meta({ description: 'The claim that is your own id of the user. `email` is taken only where `email_verified` is true.' }),
  user_prefix: z.string().max(64).regex(/^[\u0021-\u007e]*$/, 'must be printable ASCII without blanks').default('')
    .meta({ description: "Put before the claim. Two issuers of one app need different ones, unless they mean the same users." }),
  algorithms: z.array(z.enum(issuerAlgorithms)).min(1).max(issuerAlgorithms.length).default(['RS256', 'PS256', 'ES256', 'EdDSA']),
  create_users: z.boolean().default(true).meta({ description: 'Whether a valid token of an unknown user makes that user.' }),
});
const issuers = z.array(issuer).max(10)
  .refine((all) => new Set(all.map((one) => one.issuer)).size === all.length, { error: 'must name each issuer once' })
  .meta({ description: 'Issuers whose tokens the app takes beside its own (JWKS, OpenID Connect). The list is replaced as a whole.' });
const identity = z.strictObject({
  register: z.boolean().default(true).meta({ description: 'Whether anybody may make an account; otherwise only a backend does.' }),
  guests: z.boolean().default(false).meta({ description: 'Whether anybody may be a guest.' }),
  token_s: z.int().min(60).max(3_600).default(900).meta({ description: 'How long a user token of a session lives.' }),
  session_days: z.int().min(1).max(365).default(30).meta({ description: 'How long a session lives without being used.' }),
});
const settings = {
  name: name.optional(),
  allowed_origins: z.array(origin).max(50).optional(),
  retention_days: z.int().min(1).max(36_500).nullable().optional(),
  create_users: z.boolean().optional().meta({ description: 'Whether a valid token of an unknown user makes that user. True by default.' }),
  link_previews: z.boolean().optional().meta({ description: 'Whether the server fetches pages that messages link to, to show what they are. False by default.' }),
  text_max: z.int().min(1).max(limits.text_chars_max).optional().meta({ description: `How many characters the text of a message may have; ${limits.text_chars_max} by default. What has been sent stays.` }),
  issuers: issuers.optional(),
  identity: identity.nullable().optional().meta({ description: "Talaria's own identity, for apps without one: accounts with passwords, sessions, guests. Null, as by default, is off." }),
};
const app = z.strictObject({
  id: appId, tenant_id: tenantId, name, public_key: z.string(), allowed_origins: z.array(z.string()),
  retention_days: z.int().nullable(), create_users: z.boolean(), link_previews: z.boolean(), text_max: z.int(), created_ms: timeMs, issuers: z.array(issuer), identity: identity.nullable(),
});
const appWithSecret = app.extend({ signing_secret: z.string().meta({ description: 'For minting user tokens yourself (HS256). It is shown only now.' }) });
const key = z.strictObject({
  id: keyId, app_id: appId.nullable(), name, prefix: z.string(), scopes: z.array(z.enum(scopes)), created_ms: timeMs,
  expires_ms: timeMs.nullable(), revoked_ms: timeMs.nullable(), last_used_ms: timeMs.nullable(),
});
const keyWithSecret = key.extend({ secret: z.string().meta({ description: 'The whole key. It is shown only now.' }) });

export const tenancyOperations = {
  'tenants.create': {
    ...shared, method: 'POST', path: '/v1/tenants', tag: 'tenants', summary: 'Make a tenant.', input: z.strictObject({
      name: name.min(1),
      database_url: databaseUrl.optional().meta({ description: "A Postgres for this tenant alone. Needs an installation on Postgres. It is shown without its password from then on." }),
    }), output: tenant,
  },
  'tenants.list': { ...shared, method: 'GET', path: '/v1/tenants', tag: 'tenants', eventual: true, summary: 'List tenants.', input: z.strictObject({ limit, after: pageCursor.optional() }), output: page(tenant) },
  'tenants.get': { ...shared, method: 'GET', path: '/v1/tenants/{tenant_id}', tag: 'tenants', summary: 'Get a tenant.', input: z.strictObject({ tenant_id: tenantId }), output: tenant },
  'tenants.update': {
    ...shared, method: 'PATCH', path: '/v1/tenants/{tenant_id}', tag: 'tenants', summary: 'Rename, suspend or resume a tenant, or say where its database is.',
    input: z.strictObject({
      tenant_id: tenantId, name: name.min(1).optional(), status: z.enum(['active', 'suspended']).optional(),
      database_url: databaseUrl.nullable().optional().meta({
        description: "A Postgres for this tenant alone, or null for the installation's. Once the tenant has apps, only another address of the database that it has.",
      }),
    }), output: tenant,
  },
  'tenants.delete': {
    ...shared, method: 'DELETE', path: '/v1/tenants/{tenant_id}', tag: 'tenants',
    summary: 'Delete a suspended tenant with everything it has.', input: z.strictObject({ tenant_id: tenantId }), output: empty,
  },
  'apps.create': {
    ...shared, method: 'POST', path: '/v1/apps', tag: 'apps', summary: 'Make an app.',
    input: z.strictObject({ tenant_id: tenantId, ...settings, name: name.min(1) }), output: appWithSecret,
  },
  'apps.list': {
    ...shared, method: 'GET', path: '/v1/apps', tag: 'apps', eventual: true, summary: 'List apps.',
    input: z.strictObject({ tenant_id: tenantId.optional(), limit, after: pageCursor.optional() }), output: page(app),
  },
  'apps.get': { ...shared, method: 'GET', path: '/v1/apps/{app_id}', tag: 'apps', summary: 'Get an app.', input: z.strictObject({ app_id: appId }), output: app },
  'apps.update': {
    ...shared, method: 'PATCH', path: '/v1/apps/{app_id}', tag: 'apps', summary: "Change an app's settings.",
    input: z.strictObject({ app_id: appId, ...settings }), output: app,
  },
  'apps.delete': {
    ...shared, method: 'DELETE', path: '/v1/apps/{app_id}', tag: 'apps', summary: 'Delete an app with everything it has.',
    input: z.strictObject({ app_id: appId }), output: empty,
  },
  'keys.create': {
    ...shared, method: 'POST', path: '/v1/keys', tag: 'keys', summary: 'Make a key: of an app, or without app_id an admin key.',
    input: z.strictObject({
      app_id: appId.optional(), name: name.default(''), scopes: z.array(z.enum(scopes)).min(1).max(scopes.length).optional(),
      expires_ms: timeMs.optional(),
    }),
    output: keyWithSecret,
  },
  'keys.list': {
    ...shared, method: 'GET', path: '/v1/keys', tag: 'keys', summary: 'List keys.',
    input: z.strictObject({ app_id: appId.optional(), limit, after: pageCursor.optional() }), output: page(key),
  },
  'keys.rotate': {
    ...shared, method: 'POST', path: '/v1/keys/{key_id}/rotate', tag: 'keys',
    summary: 'Make a successor with the same scopes; the old key stays valid for the overlap.',
    input: z.strictObject({ key_id: keyId, overlap_s: z.int().min(0).max(30 * 86_400).default(86_400) }), output: keyWithSecret,
  },
  'keys.revoke': {
    ...shared, method: 'DELETE', path: '/v1/keys/{key_id}', tag: 'keys', summary: 'Revoke a key at once.',
    input: z.strictObject({ key_id: keyId }), output: key,
  },
  'usage.list': {
    user: false, scope: 'usage:read', command: false, method: 'GET', path: '/v1/usage', tag: 'usage',
    eventual: true, summary: 'Usage by the hour. An admin key names the app; an app key reads its own.',
    input: z.strictObject({ app_id: appId.optional(), from_ms: timeMs.optional(), to_ms: timeMs.optional() }),
    output: z.strictObject({
      items: z.array(z.strictObject({ app_id: appId, hour_ms: timeMs, messages: z.int(), facts: z.int(), bytes: z.int() })),
    }),
  },
  'status.get': {
    ...shared, method: 'GET', path: '/v1/status', tag: 'operation', summary: 'How this server is.', input: z.strictObject({}),
    output: z.strictObject({
      version: z.string(), epoch: z.string(), transport: z.string(), storage: z.string(), uptime_s: z.number(),
      connections: z.int(), followed_streams: z.int(), position: z.int(), ready: z.boolean(), memory_bytes: z.int(),
    }),
  },
  'cluster.get': {
    ...shared, method: 'GET', path: '/v1/cluster', tag: 'operation', summary: 'Which nodes this one hears of, itself included.', input: z.strictObject({}),
    output: z.strictObject({
      nodes: z.array(z.strictObject({
        id: z.string(), version: z.string(), host: z.string(), port: z.int(), this_node: z.boolean(), started_ms: timeMs, ready: z.boolean(), bus: z.boolean(),
        connections: z.int(), followed_streams: z.int(), memory_bytes: z.int(),
        /** How old what the node knows of the log may be. */
        lag_ms: z.int(),
        heard_ms_ago: z.int(),
      })),
    }),
  },
} as const satisfies Record<string, Operation>;
