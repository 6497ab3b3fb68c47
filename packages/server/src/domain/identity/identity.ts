/** The built-in identity, as it is asked by whoever has no credential yet. Nothing here tells whether there is a login (enumeration). */
import { ProtocolError } from '@talaria/protocol';
import type { OperationInput } from '@talaria/protocol/operations';
import type { AccountRow, SessionRow, UserRow } from '../../storage/rows.js';
import { nameOf } from '../auth/token-claims.js';
import type { Anyone } from '../caller.js';
import type { Domain } from '../domain.js';
import { attemptLogin, attemptToMake } from './attempt-limits.js';
import { beginSession, endSessions, identityApp, isOfBefore, loggedIn, sessionExpiresMs, type LoggedIn } from './logged-in.js';
import { NOBODYS_HASH } from './nobodys-hash.js';
import { checkPassword, loginText, passwordText } from './password-rules.js';
import { nextRefreshToken, readRefreshToken, type RefreshToken } from './refresh-tokens.js';

/** How long the token before the good one is answered again with the good one: as long as a client may try to get a lost answer. */
const GRACE_MS = 30_000;

const wrong = (): ProtocolError => new ProtocolError('invalid_credentials');

/**
 * Makes an account, or lets a guest become one.
 *
 * @throws ProtocolError forbidden, invalid_argument, invalid_token, rate_limited, overloaded
 */
export async function register(domain: Domain, { app, address }: Anyone, input: OperationInput<'identity.register'>): Promise<Record<string, never>> {
  const { settings } = await identityApp(domain, app);
  if (!settings.register) throw new ProtocolError('forbidden', 'In this app, accounts are made by its backend.');
  const login = loginText(input.login);
  checkPassword(input.password, login, 'password');
  await attemptToMake(domain, app, address);
  const guest = input.refresh_token === undefined ? undefined : await guestOf(domain, app, input.refresh_token);
  const passwordHash = await domain.passwords.hash(passwordText(input.password));
  const nowMs = domain.clock.now();
  if (guest) {
    // Where the login is taken, that is told as little as to others.
    if (await domain.storage.setAccount({ ...guest, login, passwordHash, changedMs: nowMs }, null) === 'outdated') throw noGuest();
    return {};
  }
  const user = newUser(domain, app, '');
  await domain.storage.createAccount({ app, user: user.id, login, passwordHash, createdMs: nowMs, changedMs: nowMs }, user);
  return {};
}

const noGuest = (): ProtocolError => new ProtocolError('invalid_token', "The refresh token is no guest's.", { field: 'refresh_token' });

/** @throws ProtocolError invalid_token for whoever is no guest */
async function guestOf(domain: Domain, app: string, text: string): Promise<AccountRow> {
  const session = await liveSession(domain, app, readRefreshToken(domain.keyring, app, text));
  const account = session && await domain.storage.account(app, session.user);
  if (!account || account.login !== null) throw noGuest();
  return account;
}

/** Of a refresh token that is good now. */
async function liveSession(domain: Domain, app: string, token: RefreshToken | undefined): Promise<SessionRow | undefined> {
  const session = token && await domain.storage.session(app, token.sessionId);
  const live = session && session.endedMs === null && session.expiresMs > domain.clock.now() && session.tokenHash === token.hash;
  return live ? session : undefined;
}

/** @throws ProtocolError forbidden also where the user is deactivated; invalid_credentials, rate_limited, overloaded */
export async function login(domain: Domain, { app: id, address }: Anyone, input: OperationInput<'identity.login'>): Promise<LoggedIn> {
  const app = await identityApp(domain, id);
  const name = loginText(input.login);
  const attempt = await attemptLogin(domain, id, name, address);
  const account = await domain.storage.accountByLogin(id, name);
  const right = await domain.passwords.verify(account?.passwordHash ?? NOBODYS_HASH, passwordText(input.password)).catch(async (error: unknown) => {
    await attempt.undone();
    throw error;
  });
  const user = right && account?.passwordHash ? await domain.storage.user(id, account.user) : null;
  if (!user) throw wrong();
  await attempt.succeeded();
  if (user.deactivatedMs !== null) throw new ProtocolError('forbidden', 'The user is deactivated.');
  const begun = await beginSession(domain, app, user, { id: input.device_id, name: input.device_name }, false);
  // A new password ends the sessions that there are. Was it set since the old one was looked at, this one may not have been among them.
  if ((await domain.storage.account(id, user.id))?.passwordHash === account?.passwordHash) return begun;
  await endSessions(domain, id, user.id, [{ id: begun.session_id }]);
  throw wrong();
}

/** @throws ProtocolError forbidden, rate_limited */
export async function guest(domain: Domain, { app: id, address }: Anyone, input: OperationInput<'identity.guest'>): Promise<LoggedIn> {
  const app = await identityApp(domain, id);
  if (!app.settings.guests) throw new ProtocolError('forbidden', 'This app has no guests.');
  await attemptToMake(domain, id, address);
  const nowMs = domain.clock.now();
  const user = newUser(domain, id, input.name);
  await domain.storage.createAccount({ app: id, user: user.id, login: null, passwordHash: null, createdMs: nowMs, changedMs: nowMs }, user);
  return beginSession(domain, app, user, { id: input.device_id, name: input.device_name }, true);
}

/** The app's own id of a user whom it does not know is ours. */
function newUser(domain: Domain, app: string, name: string): UserRow {
  const nowMs = domain.clock.now();
  const id = domain.ids.id('user');
  return { app, id, externalId: id, name, data: '{}', createdMs: nowMs, updatedMs: nowMs, tokensNotBeforeMs: 0, settings: '{}', deactivatedMs: null };
}

/**
 * Exchanges a refresh token. One that was exchanged before is in the hands of two: the session ends for both (RFC 9700, section 4.14.2).
 *
 * @throws ProtocolError forbidden, invalid_token, revoked
 */
export async function refresh(domain: Domain, { app: id }: Anyone, input: OperationInput<'identity.refresh'>): Promise<LoggedIn> {
  const app = await identityApp(domain, id);
  const token = readRefreshToken(domain.keyring, id, input.refresh_token);
  if (!token) throw new ProtocolError('invalid_token', undefined, { reason: 'it is no refresh token of the app' });
  const session = await domain.storage.session(id, token.sessionId);
  const user = session && await domain.storage.user(id, session.user);
  if (!session || !user || user.deactivatedMs !== null || await revokedSince(domain, user, session)) throw new ProtocolError('revoked');
  const next = nextRefreshToken(domain.keyring, id, token);
  const nowMs = domain.clock.now();
  const expiresMs = sessionExpiresMs(app, nowMs);
  const outcome = await domain.storage.rotateSession(id, session.id, { presentedHash: token.hash, nextHash: next.hash, nowMs, expiresMs, grace_ms: GRACE_MS });
  switch (outcome) {
    case 'rotated':
    case 'repeated': {
      const account = await domain.storage.account(id, user.id);
      return loggedIn(domain, app, user, { ...session, expiresMs }, next, account?.login === null);
    }
    case 'reused':
      domain.counts.refreshReused += 1;
      domain.log.warn('session.refresh_reused', { app: id, user: user.id, session: session.id });
      await endSessions(domain, id, user.id, [session]);
      throw new ProtocolError('revoked', undefined, { reason: 'the refresh token had been exchanged' });
    case 'ended': throw new ProtocolError('revoked');
  }
}

/** Whether tokens of the user, of the session or of its device were revoked after it had begun (RES6). */
async function revokedSince(domain: Domain, user: UserRow, session: SessionRow): Promise<boolean> {
  const { revokedBeforeMs } = await domain.storage.userOfToken(user.app, user.externalId, [nameOf('session', session.id), nameOf('device', session.device)]);
  return isOfBefore(session, Math.max(user.tokensNotBeforeMs, revokedBeforeMs));
}

/** Ends the session of a refresh token, also of one that has been exchanged since (RFC 7009). */
export async function logout(domain: Domain, { app }: Anyone, input: OperationInput<'identity.logout'>): Promise<Record<string, never>> {
  const token = readRefreshToken(domain.keyring, app, input.refresh_token);
  const session = token && await domain.storage.session(app, token.sessionId);
  if (session && session.endedMs === null) await endSessions(domain, app, session.user, [session]);
  return {};
}
