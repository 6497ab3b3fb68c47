import { isId, limits, ProtocolError } from '@talaria/protocol';
import type { Scope } from '@talaria/protocol/operations';
import type { Caller } from '../caller.js';
import type { Domain } from '../domain.js';
import type { KeyRow } from '../../storage/rows.js';
import type { AppEntry } from '../tenancy/app-directory.js';
import { ACCESS_TOKEN_PREFIX, openAccessToken } from './access-tokens.js';
import { authenticateUser } from './sessions.js';
import { claimedApp } from './user-tokens.js';

export interface Authenticated {
  readonly caller: Caller;
  /** The credential's app; undefined for an admin key, which belongs to none. */
  readonly app: AppEntry | undefined;
}

/**
 * Who a credential stands for: a backend key, an admin key, a token that acts as one of them, or a user token. The app comes from the credential alone (ISO1).
 *
 * @param publicKey of the app, where the caller names it: a token of an issuer does not say for which app it is
 * @throws ProtocolError invalid_token, token_expired, revoked, suspended, auth_keys_unavailable
 */
export async function authenticate(domain: Domain, credential: string, publicKey?: string): Promise<Authenticated> {
  const authenticated = await identify(domain, credential, publicKey);
  if (publicKey === undefined || authenticated.app?.row.publicKey === publicKey) return authenticated;
  throw new ProtocolError('invalid_token', undefined, { reason: 'it is not of the app that was named' });
}

function identify(domain: Domain, credential: string, publicKey: string | undefined): Promise<Authenticated> {
  if (credential.startsWith('tk_')) return authenticateKey(domain, credential);
  return credential.startsWith(ACCESS_TOKEN_PREFIX) ? authenticateAccess(domain, credential) : authenticateToken(domain, credential, publicKey);
}

async function authenticateKey(domain: Domain, presented: string): Promise<Authenticated> {
  const key = await domain.keys.verify(presented);
  if (!key) throw new ProtocolError('invalid_token', 'The key is not valid here.');
  // The scopes were checked against the table when the key was made.
  return keyCaller(domain, key, key.scopes as readonly Scope[]);
}

/** A token from `/v1/oauth/token` ends with its key, or by itself. */
async function authenticateAccess(domain: Domain, presented: string): Promise<Authenticated> {
  const token = openAccessToken(domain.keyring, presented);
  const key = token && await domain.keys.valid(token.keyId);
  if (!token || !key) throw new ProtocolError('invalid_token', 'The token is not valid here.', { reason: token ? 'its key has ended' : 'it was not made here' });
  if (token.expiresMs <= domain.clock.now()) throw new ProtocolError('token_expired');
  return keyCaller(domain, key, token.scopes);
}

async function keyCaller(domain: Domain, key: KeyRow, scopes: readonly Scope[]): Promise<Authenticated> {
  if (key.app === null) return { caller: { kind: 'admin', keyId: key.id }, app: undefined };
  const app = await domain.apps.byId(key.app);
  if (!app) throw new ProtocolError('invalid_token', 'The key is not valid here.');
  if (app.suspended) throw new ProtocolError('suspended');
  return { caller: { kind: 'backend', app: key.app, keyId: key.id, scopes }, app };
}

async function authenticateToken(domain: Domain, token: string, publicKey: string | undefined): Promise<Authenticated> {
  const app = token.length > limits.token_chars_max ? undefined : publicKey === undefined ? await appByToken(domain, token) : await domain.apps.byPublicKey(publicKey);
  if (!app) throw new ProtocolError('invalid_token', undefined, { reason: 'no app has this aud' });
  const { user, token: { session } } = await authenticateUser(domain, app, token);
  return { caller: { kind: 'user', app: app.row.id, userId: user.id, ...(session === undefined ? {} : { session }) }, app };
}

/** The app's own tokens name it. */
async function appByToken(domain: Domain, token: string): Promise<AppEntry | undefined> {
  const claimed = claimedApp(token);
  return claimed !== undefined && isId('app', claimed) ? domain.apps.byId(claimed) : undefined;
}
