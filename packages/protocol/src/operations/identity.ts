import { z } from 'zod';
import type { Operation } from './operation.js';
import { accountView, deviceId, empty, login, name, password, session, sessionId, timeMs, userId, userRef, userRefOrMe } from './schemas.js';

/** Asked before there is a credential: the header `Talaria-App` says which app is meant. */
const open = { public: true, user: false, scope: null, command: false, tag: 'identity', method: 'POST' } as const;
const own = { user: true, scope: 'tokens:write', command: false, tag: 'identity' } as const;

const refreshToken = z.string().max(256);
const device = {
  device_id: deviceId.optional().meta({ description: 'Your own id of the device; one is made when there is none.' }),
  device_name: name.default('').meta({ description: 'What the user is shown in the list of sessions.' }),
};
const loggedIn = z.strictObject({
  user_id: userId, session_id: sessionId, device_id: deviceId,
  guest: z.boolean(),
  token: z.string().meta({ description: 'A user token, for `connect` and for HTTP.' }), expires_at: timeMs,
  refresh_token: z.string().meta({ description: 'Good for one exchange. Keep it where only this user reads.' }), refresh_expires_at: timeMs,
});

export const identityOperations = {
  'identity.register': {
    ...open, path: '/v1/identity/register',
    summary: 'Make an account. The answer is the same where the login is taken; log in to find out.',
    input: z.strictObject({ login, password, refresh_token: refreshToken.optional().meta({ description: "A guest's: the guest becomes the account, and stays the same user." }) }),
    output: empty,
  },
  'identity.login': {
    ...open, path: '/v1/identity/login', summary: 'Begin a session with a login and a password.',
    input: z.strictObject({ login, password, ...device }), output: loggedIn,
  },
  'identity.guest': {
    ...open, path: '/v1/identity/guest', summary: 'Make a user without a login, and begin a session.', input: z.strictObject({ name: name.default(''), ...device }), output: loggedIn,
  },
  'identity.refresh': {
    ...open, path: '/v1/identity/refresh',
    summary: 'Exchange a refresh token for a user token and the next refresh token. One that was exchanged before ends the session.',
    input: z.strictObject({ refresh_token: refreshToken }), output: loggedIn,
  },
  'identity.logout': {
    ...open, path: '/v1/identity/logout', summary: 'End the session of a refresh token. The answer is the same whether there is one.',
    input: z.strictObject({ refresh_token: refreshToken }), output: empty,
  },
  'accounts.get': {
    ...own, scope: 'users:read', method: 'GET', path: '/v1/users/{user_id}/account', summary: 'Get the account of a user; a user gets only their own.',
    input: z.strictObject({ user_id: userRefOrMe }), output: accountView,
  },
  'accounts.set': {
    ...own, user: false, method: 'PUT', path: '/v1/users/{user_id}/account',
    summary: "Give a user a login and a password, or new ones. The user's sessions end.",
    input: z.strictObject({ user_id: userRef, login: login.optional(), password }), output: accountView,
  },
  'accounts.password': {
    ...own, method: 'POST', path: '/v1/identity/password', summary: 'Change the own password. All other sessions end.',
    input: z.strictObject({ current_password: password, new_password: password }), output: empty,
  },
  'sessions.list': {
    ...own, scope: 'users:read', method: 'GET', path: '/v1/users/{user_id}/sessions', summary: 'Where a user is logged in, newest first; a user lists only their own.',
    input: z.strictObject({ user_id: userRefOrMe }), output: z.strictObject({ items: z.array(session) }),
  },
  'sessions.revoke': {
    ...own, method: 'DELETE', path: '/v1/users/{user_id}/sessions/{session_id}', summary: 'End a session. Its tokens are revoked, and its connections closed.',
    input: z.strictObject({ user_id: userRefOrMe, session_id: sessionId }), output: empty,
  },
  'sessions.clear': {
    ...own, method: 'DELETE', path: '/v1/users/{user_id}/sessions', summary: 'End all sessions of a user, but for the one that asks.',
    input: z.strictObject({ user_id: userRefOrMe }), output: z.strictObject({ ended: z.int() }),
  },
} as const satisfies Record<string, Operation>;
