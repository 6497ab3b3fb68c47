/** What operators may, by role: the table is whole, and says what is promised of it. */
import { describe, expect, it } from 'vitest';
import { appScopes, isAtLeast, leastRole, mayManage, operationIds, operatorConditions, operatorMay, operatorRoles, operations, operatorTable, scopesOfRole, type Operation, type OperationId } from '../src/operations/index.js';

const operation = (id: OperationId): Operation => operations[id];
const asked = operationIds.filter((id) => operation(id).scope !== null);

describe('the table of operators', () => {
  it('has every operation that takes a key once, and none that takes none', () => {
    expect(operatorTable.map(({ id }) => id)).toEqual(asked);
    for (const id of operationIds) expect(leastRole(id) !== undefined, id).toBe(operation(id).scope !== null);
    for (const id of ['', 'toString', '__proto__', 'constructor', 'session.create', 'identity.login', 'status.get ']) expect(operatorMay('owner', id), id).toBe(false);
  });

  it('gives a higher role all that a lower one has, and an owner everything', () => {
    for (const { id, roles } of operatorTable) expect(roles, id).toEqual(operatorRoles.slice(0, roles.length));
    expect(operatorTable.every(({ roles }) => roles.includes('owner'))).toBe(true);
  });

  it.each(asked)('%s: who only looks changes nothing, and who moderates makes no secrets', (id) => {
    const { method, scope } = operation(id);
    // Reads by POST, and what everybody does with their own account.
    const own = ['users.batch', 'users.presence', 'operators.password', 'operators.update', 'operators.revoke'];
    if (operatorMay('viewer', id)) expect(method === 'GET' || own.includes(id)).toBe(true);
    // Whatever it gives: a schema that has a secret's field is for admins.
    const fields = Object.keys((operation(id).output as { shape?: object }).shape ?? {});
    const secret = fields.some((field) => ['secret', 'signing_secret', 'token', 'code', 'path'].includes(field));
    if (secret) expect(operatorMay('moderator', id)).toBe(false);
    if (scope === 'admin' && method !== 'GET' && !own.includes(id)) expect(operatorMay('moderator', id)).toBe(false);
  });

  it('lets moderators do what they are for', () => {
    for (const id of ['messages.list', 'search.messages', 'messages.delete', 'members.remove', 'users.deactivate', 'auth.revoke', 'sessions.revoke']) {
      expect([operatorMay('moderator', id), operatorMay('viewer', id)], id).toEqual([true, false]);
    }
    for (const id of ['keys.list', 'keys.create', 'auth.token', 'apps.update', 'tenants.update', 'links.list', 'messages.send', 'operators.list']) expect(operatorMay('moderator', id), id).toBe(false);
    expect(['tenants.delete', 'apps.delete'].map((id) => operatorMay('admin', id))).toEqual([false, false]);
  });

  it('comes to scopes of apps, and never to that of the installation', () => {
    expect([...scopesOfRole('owner')].toSorted()).toEqual([...appScopes].toSorted());
    expect([...scopesOfRole('admin')].toSorted()).toEqual([...appScopes].toSorted());
    expect([...scopesOfRole('viewer')].toSorted()).toEqual(['conversations:read', 'insight:read', 'messages:read', 'usage:read', 'users:read']);
    expect(scopesOfRole('moderator')).toContain('tokens:write');
  });

  it('has words for operations that it has', () => {
    for (const id of Object.keys(operatorConditions)) expect(leastRole(id), id).toBeDefined();
  });
});

describe('roles', () => {
  it('stand in order', () => {
    expect(operatorRoles.map((role) => operatorRoles.filter((least) => isAtLeast(role, least)).length)).toEqual([4, 3, 2, 1]);
  });

  it('manage others: an owner all, an admin all but owners, and else nobody', () => {
    expect(operatorRoles.map((role) => operatorRoles.filter((other) => mayManage(role, other)))).toEqual([[...operatorRoles], ['admin', 'moderator', 'viewer'], [], []]);
  });
});
