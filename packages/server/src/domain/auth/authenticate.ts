import { isId, limits, ProtocolError } from '@talaria/protocol';
import type { Scope } from '@talaria/protocol/operations';
import type { Caller } from '../caller.js';
import type { Domain } from '../domain.js';
import type { AppEntry } from '../tenancy/app-directory.js';
import { authenticateUser } from './sessions.js';
import { claimedApp } from './user-tokens.js';

export interface Authenticated {
  readonly caller: Caller;
  /** The credential's app; undefined for an admin key, which belongs to none. */
  readonly app: AppEntry | undefined;
}

/**
 * Who a credential stands for: a backend key, an admin key or a user token. The app comes from the credential alone (ISO1).
 *
 * @throws ProtocolError invalid_token, token_expired, revoked, suspended
 */
export function authenticate(domain: Domain, credential: string): Promise<Authenticated> {
  return credential.startsWith('tk_') ? authenticateKey(domain, credential) : authenticateToken(domain, credential);
}

async function authenticateKey(domain: Domain, presented: string): Promise<Authenticated> {
  const key = await domain.keys.verify(presented);
  if (!key) throw new ProtocolError('invalid_token', 'The key is not valid here.');
  if (key.app === null) return { caller: { kind: 'admin', keyId: key.id }, app: undefined };
  const app = await domain.apps.byId(key.app);
  if (!app) throw new ProtocolError('invalid_token', 'The key is not valid here.');
  if (app.suspended) throw new ProtocolError('suspended');
  // The scopes were checked against the table when the key was made.
  return { caller: { kind: 'backend', app: key.app, keyId: key.id, scopes: key.scopes as readonly Scope[] }, app };
}

async function authenticateToken(domain: Domain, token: string): Promise<Authenticated> {
  const claimed = token.length > limits.token_chars_max ? undefined : claimedApp(token);
  const app = claimed !== undefined && isId('app', claimed) ? await domain.apps.byId(claimed) : undefined;
  if (!app) throw new ProtocolError('invalid_token', undefined, { reason: 'no app has this aud' });
  const { user } = await authenticateUser(domain, app, token);
  return { caller: { kind: 'user', app: app.row.id, userId: user.id }, app };
}
