import { ProtocolError } from '@talaria/protocol';
import type { OperationInput, OperationOutput } from '@talaria/protocol/operations';
import type { UserRow } from '../../storage/rows.js';
import { resolveUser, type AppCaller } from '../caller.js';
import type { Domain } from '../domain.js';
import type { AppEntry } from '../tenancy/app-directory.js';
import { ensureUser } from '../users/users.js';
import type { VerifiedToken } from './token-claims.js';
import { signUserToken } from './user-tokens.js';

export interface AuthenticatedUser {
  readonly user: UserRow;
  readonly token: VerifiedToken;
}

/**
 * Who a user token stands for, and whether it still does (RES6).
 *
 * @throws ProtocolError invalid_token, token_expired, revoked, suspended, auth_keys_unavailable
 */
export async function authenticateUser(domain: Domain, entry: AppEntry, token: string): Promise<AuthenticatedUser> {
  // Only who holds a valid token learns that the tenant is suspended (ISO1).
  const verified = await domain.tokens.verify(entry, token);
  if (entry.suspended) throw new ProtocolError('suspended');
  if (verified.keyId !== undefined && await domain.keys.revoked(entry.row.id, verified.keyId)) throw new ProtocolError('revoked');
  const known = await domain.storage.userByExternalId(entry.row.id, verified.externalId);
  if (!known && !verified.createUsers) throw new ProtocolError('invalid_token', undefined, { reason: 'unknown user' });
  const user = known ?? await ensureUser(domain, entry.row.id, { externalId: verified.externalId });
  if (verified.issuedMs < user.tokensNotBeforeMs) throw new ProtocolError('revoked');
  return { user, token: verified };
}

/** Mints a user token; the user is made when there is none. @throws ProtocolError forbidden for users */
export async function mintToken(domain: Domain, caller: AppCaller, input: OperationInput<'auth.token'>): Promise<OperationOutput<'auth.token'>> {
  if (caller.kind !== 'backend') throw new ProtocolError('forbidden');
  const entry = await domain.apps.byId(caller.app);
  if (!entry) throw new ProtocolError('not_found');
  const user = await ensureUser(domain, caller.app, { externalId: input.external_id, name: input.name, data: input.data });
  const issuedMs = domain.clock.now();
  const token = await signUserToken(entry, { externalId: input.external_id, issuedMs, expiresInS: input.expires_in_s, keyId: caller.keyId });
  return { token, user_id: user.id, expires_at: (Math.floor(issuedMs / 1_000) + input.expires_in_s) * 1_000 };
}

/** Revokes a user's tokens from before a moment, and closes what is open with them. @throws ProtocolError not_found */
export async function revokeTokens(domain: Domain, caller: AppCaller, input: OperationInput<'auth.revoke'>): Promise<Record<string, never>> {
  const userId = await resolveUser(domain, caller, input.user_id);
  const nowMs = domain.clock.now();
  // Token times are whole seconds, so "before now" includes the second that runs.
  const beforeMs = input.issued_before_ms ?? (Math.floor(nowMs / 1_000) + 1) * 1_000;
  const row = await domain.storage.updateUser(caller.app, userId, { tokensNotBeforeMs: beforeMs, updatedMs: nowMs });
  if (!row) throw new ProtocolError('not_found', 'There is no such user.', { field: 'user_id' });
  domain.bus.publish({ kind: 'revoked_user', app: caller.app, user: userId, beforeMs });
  return {};
}
