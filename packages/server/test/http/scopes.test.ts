/** Who may call what, for every operation and every kind of credential. */
import { appScopes, operationIds, operations, type Operation, type Scope } from '@talaria/protocol/operations';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admin } from '../gateway/world.js';
import { expectProblem } from './support/reply.js';
import { startStage, type Scene, type Stage } from './support/stage.js';

let stage: Stage;
let scene: Scene;
/** A key with one scope each. */
const keys = new Map<Scope, string>();

beforeAll(async () => {
  stage = await startStage();
  scene = await stage.scene();
  for (const scope of appScopes) {
    const key = await stage.world.op(admin, 'keys.create', { app_id: scene.id, scopes: [scope] });
    expect(key.scopes).toEqual([scope]);
    keys.set(scope, key.secret);
  }
});
afterAll(() => stage.stop());

const all = operationIds.map((id) => ({ id, operation: operations[id] as Operation }));
const table = all.flatMap(({ id, operation }) => (operation.scope === null ? [] : [{ id, operation: { ...operation, scope: operation.scope } }]));
const open = all.filter(({ operation }) => operation.public);

/** The credential is let through exactly when it is the input that is refused: it is of no use to any operation. */
async function lets(operation: Operation, as: string): Promise<boolean> {
  const query = operation.method === 'GET' || operation.method === 'DELETE';
  const path = operation.path.replaceAll(/\{\w+\}/g, 'no-id');
  const reply = await stage.ask(operation.method, query ? `${path}?no_such_field=1` : path, { as, ...(!query && { body: { no_such_field: 1 } }) });
  if (reply.status === 400) {
    expectProblem(reply, 'invalid_argument');
    return true;
  }
  const { detail } = expectProblem(reply, 'forbidden');
  expect(detail).not.toContain('no_such_field');
  return false;
}

/** Admin keys see into apps as far as it takes to run the installation. */
const forAdmins = (scope: Scope): boolean => ['admin', 'usage:read', 'insight:read', 'insight:write'].includes(scope);

describe.each(table)('$id', ({ operation }) => {
  it(`takes keys with the scope ${operation.scope}, and refuses every other one before it looks at the input`, async () => {
    const taken: Scope[] = [];
    for (const [scope, as] of keys) if (await lets(operation, as)) taken.push(scope);
    expect(taken).toEqual(operation.scope === 'admin' ? [] : [operation.scope]);
  });

  it(`${forAdmins(operation.scope) ? 'takes' : 'refuses'} admin keys`, async () => {
    expect(await lets(operation, stage.adminKey)).toBe(forAdmins(operation.scope));
  });

  it(`${operation.user ? 'takes' : 'refuses'} user tokens`, async () => {
    expect(await lets(operation, scene.alice.token)).toBe(operation.user);
  });

  it('takes nobody without a credential, whatever the input', async () => {
    expectProblem(await stage.ask(operation.method, operation.path.replaceAll(/\{\w+\}/g, 'no-id')), 'unauthenticated');
  });
});

describe('what is public', () => {
  it('is this, and takes no user and no scope', () => {
    expect(open.map(({ id }) => id)).toEqual(['identity.register', 'identity.login', 'identity.guest', 'identity.refresh', 'identity.logout']);
    for (const { id, operation } of all) {
      const none = operation.public === true || operation.cookie === true;
      expect([operation.scope === null, none && !operation.user && !operation.command], id).toEqual([none, none]);
      expect(operation.cookie === true, id).toBe(id.startsWith('session.'));
    }
  });

  it.each(open)('$id asks for the app, and looks at no credential', async ({ operation }) => {
    const ask = (headers: Record<string, string>, as?: string) => stage.ask(operation.method, operation.path, { headers, as, body: { no_such_field: 1 } });
    expect(expectProblem(await ask({}), 'invalid_argument').field).toBe('Talaria-App');
    expectProblem(await ask({ 'talaria-app': 'pk_none' }), 'not_found');
    for (const as of [undefined, scene.alice.token, stage.adminKey]) {
      expect(expectProblem(await ask({ 'talaria-app': scene.publicKey }, as), 'invalid_argument').field).not.toBe('Talaria-App');
    }
  });

  it.each(open)('$id is not for the socket', async ({ id }) => {
    await expect(stage.world.op({ kind: 'user', app: scene.id, userId: scene.alice.id }, id, {})).rejects.toMatchObject({ code: 'forbidden' });
  });
});

describe('keys', () => {
  it('of an app never get the scope admin, and admin keys no other', async () => {
    for (const input of [{ app_id: scene.id, scopes: ['admin'] }, { app_id: scene.id, scopes: ['users:read', 'admin'] }, { scopes: ['users:read'] }]) {
      expect(expectProblem(await stage.call('keys.create', input, { as: stage.adminKey }), 'invalid_argument').field).toBe('scopes');
    }
  });

  it('say which scope is missing', async () => {
    const reply = await stage.call('users.list', {}, { as: keys.get('usage:read') });
    expect(expectProblem(reply, 'forbidden').detail).toBe('The key lacks the scope users:read.');
  });
});

describe('a user', () => {
  it.each([
    ['users.update', { user_id: 'ext:bob', name: 'Bobby' }], ['inbox.list', { user_id: 'ext:bob' }],
  ] as const)('%s is for themselves only', async (id, input) => {
    expectProblem(await stage.call(id, input, { as: scene.alice.token }), 'forbidden');
    expect((await stage.done('users.get', { user_id: 'ext:bob' }, { as: scene.key })).name).toBe('');
  });

  it('cannot act for another one, nor for themselves by name', async () => {
    for (const user of [scene.alice.id, scene.bob.id]) {
      const reply = await stage.call('messages.send', { conversation_id: scene.group, text: 'not me', as_user_id: user }, { as: scene.bob.token });
      expect(expectProblem(reply, 'forbidden').field).toBe('as_user_id');
    }
    expect((await stage.done('messages.list', { conversation_id: scene.group }, { as: scene.key })).items).toEqual([]);
  });
});
