/** Sessions of the built-in identity: how they begin, go on and end. */
import { ProtocolError } from '@talaria/protocol';
import type { OperationOutput } from '@talaria/protocol/operations';
import type { IdentityRow, SessionRow, UserRow } from '../../storage/rows.js';
import { revokeNamed } from '../auth/sessions.js';
import { nameOf, SKEW_S } from '../auth/token-claims.js';
import { issuedNow, signUserToken } from '../auth/user-tokens.js';
import type { Domain } from '../domain.js';
import type { AppEntry } from '../tenancy/app-directory.js';
import { firstRefreshToken, type RefreshToken } from './refresh-tokens.js';

export type LoggedIn = OperationOutput<'identity.login'>;

/** The longest life of a session's user token, whatever the app has set meanwhile. */
export const SESSION_TOKEN_S_MAX = 3_600;
/** A user has no more: the oldest end. */
const SESSIONS_MAX = 100;
const DAY_MS = 86_400_000;

/** An app whose built-in identity is on. */
export interface IdentityApp {
  readonly entry: AppEntry;
  readonly settings: IdentityRow;
}

/** @throws ProtocolError forbidden where it is off */
export async function identityApp(domain: Domain, app: string): Promise<IdentityApp> {
  const entry = await domain.apps.byId(app);
  const settings = entry?.row.identity;
  if (!entry || !settings) throw new ProtocolError('forbidden', 'The built-in identity of this app is off.');
  return { entry, settings };
}

export const sessionExpiresMs = ({ settings }: IdentityApp, nowMs: number): number => nowMs + settings.sessionDays * DAY_MS;

/** Whether a session began before a moment, as the times of tokens have it: whole seconds. */
export const isOfBefore = ({ createdMs }: Pick<SessionRow, 'createdMs'>, beforeMs: number): boolean => Math.floor(createdMs / 1_000) * 1_000 < beforeMs;

/** Begins a session. Of too many the oldest end. */
export async function beginSession(domain: Domain, app: IdentityApp, user: UserRow, device: { readonly id: string | undefined; readonly name: string }, guest: boolean): Promise<LoggedIn> {
  const nowMs = domain.clock.now();
  const live = await domain.storage.sessions(user.app, user.id, nowMs);
  await endSessions(domain, user.app, user.id, live.slice(SESSIONS_MAX - 1));
  const id = domain.ids.id('session');
  const refresh = firstRefreshToken(domain.keyring, domain.random, user.app, id);
  const session: SessionRow = {
    app: user.app, id, user: user.id, device: device.id ?? domain.ids.uuid(), deviceName: device.name,
    // As its tokens are: of the next second, where everything of this one has been revoked.
    createdMs: issuedNow(user, nowMs), usedMs: nowMs, expiresMs: sessionExpiresMs(app, nowMs), endedMs: null, tokenHash: refresh.hash, formerHash: null,
  };
  await domain.storage.createSession(session);
  return loggedIn(domain, app, user, session, refresh, guest);
}

/** What a client gets for as long as its user token lives. */
export async function loggedIn(
  domain: Domain, { entry, settings }: IdentityApp, user: UserRow, session: Pick<SessionRow, 'id' | 'device' | 'expiresMs'>, refresh: RefreshToken, guest: boolean,
): Promise<LoggedIn> {
  const issuedMs = issuedNow(user, domain.clock.now());
  const token = await signUserToken(entry, {
    externalId: user.externalId, issuedMs, expiresInS: settings.tokenS, tokenId: domain.ids.uuid(), session: session.id, device: session.device,
  });
  return {
    user_id: user.id, session_id: session.id, device_id: session.device, guest, token, expires_at: (Math.floor(issuedMs / 1_000) + settings.tokenS) * 1_000,
    refresh_token: refresh.text, refresh_expires_at: session.expiresMs,
  };
}

/**
 * Ends all sessions of a user that are of those, however many there are.
 *
 * @param end how; by default with their user tokens
 * @returns how many ended
 */
export async function endAllSessions(domain: Domain, app: string, user: string, isMeant: (session: SessionRow) => boolean, end: typeof endSessions = endSessions): Promise<number> {
  const nowMs = domain.clock.now();
  for (let ended = 0; ;) {
    const meant = (await domain.storage.sessions(app, user, nowMs)).filter(isMeant);
    if (meant.length === 0) return ended;
    await end(domain, app, user, meant);
    ended += meant.length;
  }
}

/** Ends sessions of a user: their user tokens are revoked first, so that what is half done can be done again (RES6). */
export async function endSessions(domain: Domain, app: string, user: string, sessions: readonly Pick<SessionRow, 'id'>[]): Promise<void> {
  if (sessions.length === 0) return;
  const nowMs = domain.clock.now();
  const untilMs = nowMs + (SESSION_TOKEN_S_MAX + 2 * SKEW_S) * 1_000;
  await revokeNamed(domain, app, user, sessions.map(({ id }) => ({ name: nameOf('session', id), beforeMs: untilMs, untilMs })));
  await domain.storage.endSessions(app, user, sessions.map(({ id }) => id), nowMs);
}
