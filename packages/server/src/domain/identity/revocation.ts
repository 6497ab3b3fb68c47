/** Revoking tokens of a user, together with the sessions of the built-in identity that they are of. */
import type { OperationInput } from '@talaria/protocol/operations';
import type { SessionRow } from '../../storage/rows.js';
import { revokedBefore, revokeTokens } from '../auth/sessions.js';
import { resolveUser, type AppCaller } from '../caller.js';
import type { Domain } from '../domain.js';
import { endAllSessions, endSessions, isOfBefore } from './logged-in.js';

/**
 * Revokes tokens of a user. Sessions whose next exchange would be refused after it end with them: they are listed no more, and what is
 * exchanged in this very moment is revoked as well.
 *
 * @throws ProtocolError not_found
 */
export async function revokeAccess(domain: Domain, caller: AppCaller, input: OperationInput<'auth.revoke'>): Promise<Record<string, never>> {
  const isMeant = meantBy(input, domain.clock.now());
  await revokeTokens(domain, caller, input);
  if (isMeant) await endAllSessions(domain, caller.app, await resolveUser(domain, caller, input.user_id), isMeant, input.issued_before_ms === undefined ? endSessions : endQuietly);
  return {};
}

/** Which sessions; undefined where tokens are revoked by their own ids alone. */
function meantBy(input: OperationInput<'auth.revoke'>, nowMs: number): ((session: SessionRow) => boolean) | undefined {
  const { token_id: token, session_id: id, device_id: device, issued_before_ms: before } = input;
  const isOld = (session: SessionRow): boolean => isOfBefore(session, revokedBefore(input, nowMs));
  if (id === undefined && device === undefined) return token === undefined ? isOld : undefined;
  return (session) => (session.id === id && (before === undefined || isOld(session))) || (session.device === device && isOld(session));
}

/** User tokens that were issued later than what is revoked live as long as they would. */
const endQuietly: typeof endSessions = (domain, app, user, sessions) => domain.storage.endSessions(app, user, sessions.map(({ id }) => id), domain.clock.now());
