import { z } from 'zod';
import type { Operation } from './operation.js';
import { operatorRoles } from './operator-roles.js';
import { empty, limit, login, name, operatorId, page, pageCursor, password, sessionId, timeMs } from './schemas.js';

const shared = { user: false, scope: 'admin', command: false, tag: 'operators' } as const;
const byCookie = { cookie: true, user: false, scope: null, command: false, tag: 'session' } as const;

const role = z.enum(operatorRoles);
const operator = z.strictObject({
  id: operatorId, login: z.string().nullable().meta({ description: 'Null until the invitation has been taken up.' }), name, role, disabled: z.boolean(), created_ms: timeMs,
  last_seen_ms: timeMs.nullable().meta({ description: 'Exact to a minute.' }),
});
const signedIn = z.strictObject({
  operator, session_id: sessionId,
  csrf_token: z.string().meta({ description: 'Of this session, for the header `Talaria-Csrf` of everything that is no GET.' }),
  idle_expires_ms: timeMs.meta({ description: 'When the session ends unless it is used before.' }), expires_ms: timeMs.meta({ description: 'When it ends, however much it is used.' }),
});
/** 256 bits; never in a URL that a server sees. */
const link = z.string().max(64).meta({ description: 'What stands behind `#link=`.' });
const made = {
  path: z.string().meta({ description: '`/dashboard/#link=…`, to put behind the address of the server. Good once. It is shown only now.' }), expires_ms: timeMs,
};

export const operatorOperations = {
  'operators.list': {
    ...shared, method: 'GET', path: '/v1/operators', summary: 'List the operators, with those who are invited.',
    input: z.strictObject({ limit, after: pageCursor.optional() }), output: page(operator),
  },
  'operators.me': { ...shared, method: 'GET', path: '/v1/operators/me', summary: 'The operator who asks.', input: z.strictObject({}), output: operator },
  'operators.get': { ...shared, method: 'GET', path: '/v1/operators/{operator_id}', summary: 'Get an operator.', input: z.strictObject({ operator_id: operatorId }), output: operator },
  'operators.invite': {
    ...shared, method: 'POST', path: '/v1/operators', summary: 'Invite an operator: the answer has the link by which they choose login and password.',
    input: z.strictObject({ role, name: name.default('') }), output: z.strictObject({ operator, ...made }),
  },
  'operators.link': {
    ...shared, method: 'POST', path: '/v1/operators/{operator_id}/link',
    summary: 'Make a link by which an operator chooses a new password, or takes up the invitation. The link before is not good any more.',
    input: z.strictObject({ operator_id: operatorId }), output: z.strictObject(made),
  },
  'operators.update': {
    ...shared, method: 'PATCH', path: '/v1/operators/{operator_id}',
    summary: 'Change name or role of an operator, or disable them. Their sessions end when they are disabled or get a lower role.',
    input: z.strictObject({ operator_id: operatorId, name: name.optional(), role: role.optional(), disabled: z.boolean().optional() }), output: operator,
  },
  'operators.delete': {
    ...shared, method: 'DELETE', path: '/v1/operators/{operator_id}', summary: 'Delete an operator, or take an invitation back. There is always an owner who can sign in.',
    input: z.strictObject({ operator_id: operatorId }), output: empty,
  },
  'operators.password': {
    ...shared, method: 'POST', path: '/v1/operators/me/password', summary: 'Change the own password. All other sessions end.',
    input: z.strictObject({ current_password: password, new_password: password }), output: empty,
  },
  'operators.sessions': {
    ...shared, method: 'GET', path: '/v1/operators/{operator_id}/sessions', summary: 'Where an operator is signed in, newest first.',
    input: z.strictObject({ operator_id: operatorId }),
    output: z.strictObject({
      items: z.array(z.strictObject({
        id: sessionId, address: z.string(), agent: z.string().meta({ description: 'As the browser names itself.' }), created_ms: timeMs, used_ms: timeMs, idle_expires_ms: timeMs, expires_ms: timeMs,
        current: z.boolean().meta({ description: 'Whether it is the one that asks.' }),
      })),
    }),
  },
  'operators.revoke': {
    ...shared, method: 'DELETE', path: '/v1/operators/{operator_id}/sessions/{session_id}', summary: 'End a session of an operator at once.',
    input: z.strictObject({ operator_id: operatorId, session_id: sessionId }), output: empty,
  },
  'session.create': {
    ...byCookie, method: 'POST', path: '/v1/session', summary: 'Sign in with login and password. The answer sets the cookie.',
    input: z.strictObject({ login, password }), output: signedIn,
  },
  'session.link': {
    ...byCookie, method: 'POST', path: '/v1/session/link', summary: 'What a link is for, before it is used. Login is null where one has to be chosen.',
    input: z.strictObject({ link }), output: z.strictObject({ role, login: z.string().nullable(), name, expires_ms: timeMs }),
  },
  'session.accept': {
    ...byCookie, method: 'POST', path: '/v1/session/accept', summary: 'Use a link: choose a password, at an invitation also login and name, and sign in. The answer sets the cookie.',
    input: z.strictObject({ link, password, login: login.optional(), name: name.optional() }), output: signedIn,
  },
  'session.get': { ...byCookie, method: 'GET', path: '/v1/session', summary: 'The session of the cookie.', input: z.strictObject({}), output: signedIn },
  'session.delete': { ...byCookie, method: 'DELETE', path: '/v1/session', summary: 'Sign out.', input: z.strictObject({}), output: empty },
} as const satisfies Record<string, Operation>;
