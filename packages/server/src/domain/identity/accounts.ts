/** Accounts and sessions, as a user who is logged in and the app's backend see them. */
import { ProtocolError } from '@talaria/protocol';
import type { OperationInput, OperationOutput } from '@talaria/protocol/operations';
import type { AccountRow } from '../../storage/rows.js';
import { resolveOwner, resolveUser, type AppCaller } from '../caller.js';
import type { Domain } from '../domain.js';
import { attemptPassword } from './attempt-limits.js';
import { endAllSessions, endSessions, identityApp } from './logged-in.js';
import { checkPassword, loginText, passwordText } from './password-rules.js';

type AccountView = OperationOutput<'accounts.get'>;

const view = (row: AccountRow): AccountView => ({ user_id: row.user, login: row.login, guest: row.login === null, created_ms: row.createdMs, changed_ms: row.changedMs });

/** @throws ProtocolError forbidden, not_found */
export async function getAccount(domain: Domain, caller: AppCaller, input: OperationInput<'accounts.get'>): Promise<AccountView> {
  const row = await domain.storage.account(caller.app, await resolveOwner(domain, caller, input.user_id));
  if (!row) throw new ProtocolError('not_found', 'The user has no account here.', { field: 'user_id' });
  return view(row);
}

/**
 * Makes or changes an account for the app's backend, which may know whether there is one.
 *
 * @throws ProtocolError forbidden, not_found, invalid_argument, already_exists, overloaded
 */
export async function setAccount(domain: Domain, caller: AppCaller, input: OperationInput<'accounts.set'>): Promise<AccountView> {
  await identityApp(domain, caller.app);
  const id = await resolveUser(domain, caller, input.user_id);
  const [user, known] = await Promise.all([domain.storage.user(caller.app, id), domain.storage.account(caller.app, id)]);
  if (!user) throw new ProtocolError('not_found', 'There is no such user.', { field: 'user_id' });
  const login = input.login === undefined ? known?.login ?? null : loginText(input.login);
  if (login === null) throw new ProtocolError('invalid_argument', 'The user has no login yet. Give one.', { field: 'login' });
  checkPassword(input.password, login, 'password');
  const passwordHash = await domain.passwords.hash(passwordText(input.password));
  const nowMs = domain.clock.now();
  const row: AccountRow = { app: caller.app, user: id, login, passwordHash, createdMs: known?.createdMs ?? nowMs, changedMs: nowMs };
  if (await domain.storage.setAccount(row) === 'taken') throw new ProtocolError('already_exists', 'Another user has this login.', { field: 'login' });
  await endAll(domain, caller.app, id, undefined);
  return view(row);
}

const wrongPassword = (): ProtocolError => new ProtocolError('invalid_credentials', 'The current password is another one.', { field: 'current_password' });

/** @throws ProtocolError forbidden, not_found, invalid_credentials, invalid_argument, rate_limited, overloaded */
export async function changePassword(domain: Domain, caller: AppCaller, input: OperationInput<'accounts.password'>): Promise<Record<string, never>> {
  if (caller.kind !== 'user') throw new ProtocolError('forbidden', 'A user changes this. A backend sets it with accounts.set.');
  await identityApp(domain, caller.app);
  const account = await domain.storage.account(caller.app, caller.userId);
  if (!account?.passwordHash || account.login === null) throw new ProtocolError('not_found', 'The user has no password here.');
  checkPassword(input.new_password, account.login, 'new_password');
  const attempt = await attemptPassword(domain, caller.app, caller.userId);
  const undo = async (error: unknown): Promise<never> => {
    await attempt.undone();
    throw error;
  };
  if (!await domain.passwords.verify(account.passwordHash, passwordText(input.current_password)).catch(undo)) throw wrongPassword();
  const passwordHash = await domain.passwords.hash(passwordText(input.new_password)).catch(undo);
  const set = await domain.storage.setAccount({ ...account, passwordHash, changedMs: domain.clock.now() }, account.passwordHash);
  // Somebody else was first, such as the backend, because somebody knows the password.
  if (set !== 'done') throw wrongPassword();
  await attempt.succeeded();
  // Whoever knew the old one is out.
  await endAll(domain, caller.app, caller.userId, caller.session);
  return {};
}

/** @throws ProtocolError forbidden, not_found */
export async function listSessions(domain: Domain, caller: AppCaller, input: OperationInput<'sessions.list'>): Promise<OperationOutput<'sessions.list'>> {
  const user = await resolveOwner(domain, caller, input.user_id);
  const current = caller.kind === 'user' ? caller.session : undefined;
  const items = (await domain.storage.sessions(caller.app, user, domain.clock.now())).map((row) => ({
    id: row.id, device_id: row.device, device_name: row.deviceName, created_ms: row.createdMs, used_ms: row.usedMs, expires_ms: row.expiresMs, current: row.id === current,
  }));
  return { items };
}

/** @throws ProtocolError forbidden, not_found */
export async function revokeSession(domain: Domain, caller: AppCaller, input: OperationInput<'sessions.revoke'>): Promise<Record<string, never>> {
  const user = await resolveOwner(domain, caller, input.user_id);
  const session = await domain.storage.session(caller.app, input.session_id);
  if (session?.user !== user) throw new ProtocolError('not_found', 'The user has no such session.', { field: 'session_id' });
  await endSessions(domain, caller.app, user, [session]);
  return {};
}

/** @throws ProtocolError forbidden, not_found */
export async function clearSessions(domain: Domain, caller: AppCaller, input: OperationInput<'sessions.clear'>): Promise<OperationOutput<'sessions.clear'>> {
  const user = await resolveOwner(domain, caller, input.user_id);
  return { ended: await endAll(domain, caller.app, user, caller.kind === 'user' ? caller.session : undefined) };
}

/** @param but a session that goes on @returns how many ended */
function endAll(domain: Domain, app: string, user: string, but: string | undefined): Promise<number> {
  return endAllSessions(domain, app, user, ({ id }) => id !== but);
}
