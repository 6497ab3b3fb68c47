import { ProtocolError } from '@talaria/protocol';
import type { OperationInput, OperationOutput } from '@talaria/protocol/operations';
import type { RevocationRow, UserRow } from '../../storage/rows.js';
import { resolveUser, type AppCaller } from '../caller.js';
import type { Domain } from '../domain.js';
import type { AppEntry } from '../tenancy/app-directory.js';
import { ensureUser } from '../users/users.js';
import { nameOf, TOKEN_ENDS_MS_MAX, type NameKind, type VerifiedToken } from './token-claims.js';
import { issuedNow, signUserToken } from './user-tokens.js';

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
  const { user: known, revokedBeforeMs } = await domain.storage.userOfToken(entry.row.id, verified.externalId, verified.names);
  if (!known && !verified.createUsers) throw new ProtocolError('invalid_token', undefined, { reason: 'unknown user' });
  const user = known ?? await ensureUser(domain, entry.row.id, { externalId: verified.externalId });
  if (user.deactivatedMs !== null || verified.issuedMs < Math.max(user.tokensNotBeforeMs, revokedBeforeMs)) throw new ProtocolError('revoked');
  return { user, token: verified };
}

/** Mints a user token; the user is made when there is none. @throws ProtocolError forbidden for users, and of users who are deactivated */
export async function mintToken(domain: Domain, caller: AppCaller, input: OperationInput<'auth.token'>): Promise<OperationOutput<'auth.token'>> {
  if (caller.kind !== 'backend') throw new ProtocolError('forbidden');
  const entry = await domain.apps.byId(caller.app);
  if (!entry) throw new ProtocolError('not_found');
  const user = await ensureUser(domain, caller.app, { externalId: input.external_id, name: input.name, data: input.data });
  if (user.deactivatedMs !== null) throw new ProtocolError('forbidden', 'The user is deactivated. Reactivate them first.', { field: 'external_id' });
  const issuedMs = issuedNow(user, domain.clock.now());
  const tokenId = domain.ids.uuid();
  const token = await signUserToken(entry, {
    externalId: input.external_id, issuedMs, expiresInS: input.expires_in_s, tokenId, ...(caller.keyId === undefined ? {} : { keyId: caller.keyId }), ...(input.device_id === undefined ? {} : { device: input.device_id }),
  });
  return { token, token_id: tokenId, user_id: user.id, expires_at: (Math.floor(issuedMs / 1_000) + input.expires_in_s) * 1_000 };
}

/**
 * Revokes tokens of a user, and closes what is open with them: one by its id, those of a session or of a device, or all; from before a
 * moment.
 *
 * @throws ProtocolError not_found
 */
export async function revokeTokens(domain: Domain, caller: AppCaller, input: OperationInput<'auth.revoke'>): Promise<Record<string, never>> {
  const userId = await resolveUser(domain, caller, input.user_id);
  const nowMs = domain.clock.now();
  const beforeMs = revokedBefore(input, nowMs);
  const named = namedTokens(input, beforeMs, nowMs + TOKEN_ENDS_MS_MAX);
  if (named.length > 0) {
    if (!await domain.storage.user(caller.app, userId)) throw noSuchUser();
    await revokeNamed(domain, caller.app, userId, named);
    return {};
  }
  const row = await domain.storage.updateUser(caller.app, userId, { tokensNotBeforeMs: beforeMs, updatedMs: nowMs });
  if (!row) throw noSuchUser();
  domain.bus.publish({ kind: 'revoked_user', app: caller.app, user: userId, beforeMs });
  return {};
}

/** Up to when what was issued is revoked. Token times are whole seconds, so "before now" includes the second that runs. */
export const revokedBefore = ({ issued_before_ms: before }: Pick<OperationInput<'auth.revoke'>, 'issued_before_ms'>, nowMs: number): number => before ?? (Math.floor(nowMs / 1_000) + 1) * 1_000;

const noSuchUser = (): ProtocolError => new ProtocolError('not_found', 'There is no such user.', { field: 'user_id' });

type Named = Pick<RevocationRow, 'name' | 'beforeMs' | 'untilMs'>;

/** A token or a session is not issued again: it is revoked whatever the clock of its issuer said. A device goes on with later tokens. */
function namedTokens({ token_id: token, session_id: session, device_id: device, issued_before_ms: before }: OperationInput<'auth.revoke'>, nowMs: number, untilMs: number): readonly Named[] {
  const one = (kind: NameKind, named: string | undefined, beforeMs: number): Named[] => (named === undefined ? [] : [{ name: nameOf(kind, named), beforeMs: before ?? beforeMs, untilMs }]);
  return [...one('token', token, untilMs), ...one('session', session, untilMs), ...one('device', device, nowMs)];
}

/** Revokes tokens of a user that carry one of the names (RES6). */
export async function revokeNamed(domain: Domain, app: string, user: string, names: readonly Named[]): Promise<void> {
  const revokedMs = domain.clock.now();
  await domain.storage.addRevocations(app, names.map((one) => ({ app, user, revokedMs, ...one })));
  for (const { name, beforeMs } of names) domain.bus.publish({ kind: 'revoked_name', app, user, name, beforeMs });
}
