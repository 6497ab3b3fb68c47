/** What operators may, by role: each operation of the table, over HTTP, for the installation and for an app. And whom they may manage. */
import { operationIds, operatorMay, operatorRoles, operations, sharedScopes, type Operation, type OperatorRole } from '@talaria/protocol/operations';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signedIn, type Browser } from './support/browser.js';
import { expectOk, expectProblem, jsonOf, type Reply } from './support/reply.js';
import { startStage, type Input, type Scene, type Stage } from './support/stage.js';
import { inputOf } from './support/table-inputs.js';
import { makeThings, type Things } from './support/things.js';

let stage: Stage;
/** Of two tenants: operators are of the installation, and so of both. */
let scenes: readonly [Scene, Scene];
let things: Things;
const browsers = new Map<OperatorRole, Browser>();
const browserOf = (role: OperatorRole): Browser => browsers.get(role)!;

beforeAll(async () => {
  stage = await startStage();
  scenes = [await stage.scene(), await stage.scene()];
  things = await makeThings(stage, scenes[0], 'erin', 'ext:alice');
  for (const role of operatorRoles) browsers.set(role, await signedIn(stage, role));
});
afterAll(() => stage.stop());

const all = operationIds.map((id) => ({ id, operation: operations[id] as Operation }));
const table = all.filter(({ operation }) => operation.scope !== null);

/** Let through exactly when it is the input that is refused: it is of no use to any operation. */
async function lets(browser: Browser, { method, path }: Operation): Promise<boolean> {
  const query = method === 'GET' || method === 'DELETE';
  const filled = path.replaceAll(/\{\w+\}/g, 'no-id');
  const reply = await browser.ask(method, query ? `${filled}?no_such_field=1` : filled, query ? {} : { body: { no_such_field: 1 } });
  if (reply.status === 400) {
    expectProblem(reply, 'invalid_argument');
    return true;
  }
  expectProblem(reply, 'forbidden');
  return false;
}

describe.each(table)('$id', ({ id, operation }) => {
  const ofInstallation = operation.scope === 'admin' || sharedScopes.includes(operation.scope!);
  const ofApp = operation.scope !== 'admin';

  it.each(operatorRoles)('%s may as the table says, and nowhere else', async (role) => {
    const may = operatorMay(role, id);
    expect(await lets(browserOf(role), operation)).toBe(may && ofInstallation);
    for (const { id: app } of scenes) expect(await lets(browserOf(role).actingFor(app), operation)).toBe(may && ofApp);
  });
});

describe('what is without a key', () => {
  const open = all.filter(({ operation }) => operation.public);

  it.each(open)('$id is not asked by cookie', async ({ operation }) => {
    const reply = await browserOf('owner').ask(operation.method, operation.path, { body: { no_such_field: 1 } });
    expect(expectProblem(reply, 'invalid_argument').field).toBe('Talaria-App');
  });

  it.each(all.filter(({ operation }) => operation.cookie))('$id is not for keys, tokens and the socket', async ({ id, operation }) => {
    for (const as of [stage.adminKey, scenes[0].key, scenes[0].alice.token]) {
      const reply = await stage.ask(operation.method, operation.path, { as, headers: { 'content-type': 'application/json' }, ...(operation.method === 'POST' && { body: inputOf(id, things) }) });
      expect(reply.status).toBeGreaterThanOrEqual(400);
      expect(reply.headers.getSetCookie()).toEqual([]);
    }
    await expect(stage.world.op({ kind: 'admin', keyId: 'k' }, id, {})).rejects.toMatchObject({ code: 'forbidden' });
  });
});

describe('acting for an app', () => {
  it('is done as its backend, in every tenant; nothing of one app is told where another is named', async () => {
    for (const [at, { id, group }] of scenes.entries()) {
      const viewer = browserOf('viewer').actingFor(id);
      expect(await viewer.done('conversations.get', { conversation_id: group })).toMatchObject({ id: group, name: 'group' });
      const other = scenes[1 - at]!;
      // [ISO1] As of nothing.
      expectProblem(await viewer.call('conversations.get', { conversation_id: other.group }), 'not_found');
      expectProblem(await viewer.call('users.get', { user_id: other.alice.id }), 'not_found');
      expect((await viewer.done('users.list', {})).items.map(({ id: user }) => user)).not.toContain(other.alice.id);
    }
  });

  it('needs an app that is there, and works', async () => {
    const owner = browserOf('owner');
    const scene = await stage.scene();
    for (const named of ['a_00000000000000000000000000', 'nonsense', scene.publicKey, scene.key, scene.alice.id, 'x'.repeat(3_000), '__proto__']) {
      expect(expectProblem(await owner.actingFor(named).call('users.list', {}), 'not_found').field).toBe('Talaria-Act-For');
    }
    const { tenant_id } = await stage.done('apps.get', { app_id: scene.id }, { as: stage.adminKey });
    await stage.done('tenants.update', { tenant_id, status: 'suspended' }, { as: stage.adminKey });
    expectProblem(await owner.actingFor(scene.id).call('users.list', {}), 'suspended');
    await stage.done('tenants.update', { tenant_id, status: 'active' }, { as: stage.adminKey });
    expectOk(await owner.actingFor(scene.id).call('users.list', {}));
    await stage.done('apps.delete', { app_id: scene.id }, { as: stage.adminKey });
    expectProblem(await owner.actingFor(scene.id).call('users.list', {}), 'not_found');
  });

  it('is for operators only', async () => {
    const [scene, other] = scenes;
    for (const as of [scene.key, scene.alice.token, stage.adminKey]) {
      const reply = await stage.call('users.list', {}, { as, headers: { 'talaria-act-for': other.id } });
      expect(expectProblem(reply, 'invalid_argument').field).toBe('Talaria-Act-For');
    }
    expectProblem(await stage.call('users.list', {}, { headers: { 'talaria-act-for': other.id } }), 'unauthenticated');
    expectProblem(await browserOf('owner').actingFor(scene.id).call('users.list', {}, { headers: { 'talaria-app': scene.publicKey } }), 'invalid_argument');
  });

  it('makes tokens that live without a key', async () => {
    const [scene] = scenes;
    const { token } = await browserOf('admin').actingFor(scene.id).done('auth.token', { external_id: 'alice' });
    expect((await stage.done('users.get', { user_id: 'me' }, { as: token })).id).toBe(scene.alice.id);
    expectProblem(await browserOf('moderator').actingFor(scene.id).call('auth.token', { external_id: 'alice' }), 'forbidden');
  });

  it('in the name of a user is for admins', async () => {
    const [{ id, group, key }] = scenes;
    const send = async () => (await stage.done('messages.send', { conversation_id: group, text: 'to be deleted', as_user_id: 'ext:bob' }, { as: key })).id;
    const moderator = browserOf('moderator').actingFor(id);
    expect(expectProblem(await moderator.call('messages.delete', { message_id: await send(), as_user_id: 'ext:bob' }), 'forbidden').field).toBe('as_user_id');
    expectOk(await moderator.call('messages.delete', { message_id: await send() }));
    expectOk(await browserOf('admin').actingFor(id).call('messages.delete', { message_id: await send(), as_user_id: 'ext:bob' }));
  });
});

describe('a viewer', () => {
  const WRITTEN = 'nobody who only looks reads this';

  it('is told nothing of what was written, by whatever they may ask', async () => {
    const [{ id, group, key }] = scenes;
    const parent = await stage.done('messages.send', { conversation_id: group, text: WRITTEN, as_user_id: 'ext:bob' }, { as: key });
    const viewer = browserOf('viewer').actingFor(id);
    const named: Things = { ...things, message: parent.id, conversation: group };
    const asked = table.filter(({ id: one, operation }) => operatorMay('viewer', one) && operation.scope !== 'admin');
    let done = 0;
    for (const { id: one, operation } of asked) {
      const fields: Input = { ...inputOf(one, named), ...('user_id' in operation.input.shape && { user_id: 'ext:alice' }), ...(one === 'search.conversations' && { q: 'group' }) };
      const reply = await viewer.call(one, fields);
      expect(reply.text, one).not.toContain(WRITTEN);
      if (reply.status === 200) done += 1;
    }
    expect(done).toBeGreaterThan(asked.length / 2);
    // It is there to be told: a moderator is.
    const moderator = browserOf('moderator').actingFor(id);
    for (const [one, input] of [['conversations.get', { conversation_id: group }], ['conversations.list', {}], ['inbox.list', { user_id: 'ext:alice' }], ['search.conversations', { user_id: 'ext:alice', q: 'group' }], ['messages.list', { conversation_id: group }]] as const) {
      expect(expectOk(await moderator.call(one, input)).text, one).toContain(WRITTEN);
    }
    expect(await viewer.done('conversations.get', { conversation_id: group })).toMatchObject({ name: 'group', last_message: null });
    expect((await viewer.done('conversations.list', {})).items).toEqual(expect.arrayContaining([expect.objectContaining({ id: group, last_message: null })]));
    expect((await viewer.done('inbox.list', { user_id: 'ext:alice' })).items.map(({ last_message }) => last_message)).toEqual(expect.arrayContaining([null]));
  });
});

describe('admin keys', () => {
  it('are made, rotated and revoked by owners only; keys of apps by admins, too', async () => {
    const { id: adminKey } = await stage.done('keys.create', {}, { as: stage.adminKey });
    const [owner, admin] = [browserOf('owner'), browserOf('admin')];
    expectProblem(await admin.call('keys.create', {}), 'forbidden');
    expectProblem(await admin.call('keys.create', { scopes: ['admin'] }), 'forbidden');
    for (const id of ['keys.rotate', 'keys.revoke'] as const) expectProblem(await admin.call(id, { key_id: adminKey }), 'forbidden');
    expect((await stage.done('keys.list', { limit: 200 }, { as: stage.adminKey })).items.find(({ id }) => id === adminKey)?.revoked_ms).toBeNull();
    const made = await admin.done('keys.create', { app_id: scenes[0].id });
    expect((await admin.done('keys.rotate', { key_id: made.id })).app_id).toBe(scenes[0].id);
    expectOk(await admin.call('keys.revoke', { key_id: made.id }));
    expect((await owner.done('keys.create', {})).scopes).toEqual(['admin']);
    expectOk(await owner.call('keys.revoke', { key_id: adminKey }));
    expectProblem(await admin.call('keys.revoke', { key_id: 'k_00000000000000000000000000' }), 'not_found');
  });
});

describe('operators manage operators', () => {
  const others = async (role: OperatorRole): Promise<string> => (await signedIn(stage, role)).id;

  it('as far as their role reaches', async () => {
    const attempts: readonly ((by: Browser, id: string) => Promise<Reply>)[] = [
      (by, id) => by.call('operators.update', { operator_id: id, name: 'renamed' }), (by, id) => by.call('operators.sessions', { operator_id: id }),
      (by, id) => by.call('operators.link', { operator_id: id }), (by, id) => by.call('operators.update', { operator_id: id, disabled: true }), (by, id) => by.call('operators.delete', { operator_id: id }),
    ];
    for (const by of operatorRoles) {
      for (const whom of operatorRoles) {
        const id = await others(whom);
        for (const attempt of attempts) {
          // Who is disabled gets no link; they come back first.
          const reply = await attempt(browserOf(by), id);
          const may = by === 'owner' || (by === 'admin' && whom !== 'owner');
          expect(reply.status, `${by} ${whom}`).toBe(may ? 200 : 403);
        }
      }
    }
  });

  it('give no role above their own reach', async () => {
    const id = await others('viewer');
    for (const role of operatorRoles) {
      for (const [by, browser] of browsers) {
        const may = by === 'owner' || (by === 'admin' && role !== 'owner');
        expect((await browser.call('operators.invite', { role })).status, `${by} ${role}`).toBe(may ? 200 : 403);
        if (by === 'admin' || !may) expect((await browser.call('operators.update', { operator_id: id, role })).status, `${by} ${role}`).toBe(may ? 200 : 403);
      }
    }
    const admin = browserOf('admin');
    expect(expectProblem(await admin.call('operators.update', { operator_id: admin.id, role: 'owner' }), 'forbidden').field).toBe('role');
    expect((await admin.done('operators.me')).role).toBe('admin');
  });

  it('change their own name, and nothing else of themselves, in every role', async () => {
    const viewer = await signedIn(stage, 'viewer');
    expect((await viewer.done('operators.update', { operator_id: viewer.id, name: 'Vi' })).name).toBe('Vi');
    for (const change of [{ role: 'moderator' }, { disabled: false }, { name: 'Vi', role: 'viewer' }]) expectProblem(await viewer.call('operators.update', { operator_id: viewer.id, ...change }), 'forbidden');
    expectProblem(await viewer.call('operators.update', { operator_id: browserOf('owner').id, name: 'x' }), 'forbidden');
    // Who may not know others is not told whether they are there.
    expectProblem(await viewer.call('operators.sessions', { operator_id: 'o_00000000000000000000000000' }), 'forbidden');
    expectProblem(await browserOf('admin').call('operators.sessions', { operator_id: 'o_00000000000000000000000000' }), 'not_found');
  });

  it('there is always an owner who can sign in', async () => {
    const lonely = await startStage();
    try {
      const owner = await signedIn(lonely, 'owner');
      await lonely.done('operators.invite', { role: 'owner' }, { as: lonely.adminKey });
      for (const ask of [
        () => owner.call('operators.delete', { operator_id: owner.id }), () => owner.call('operators.update', { operator_id: owner.id, role: 'admin' }), () => owner.call('operators.update', { operator_id: owner.id, disabled: true }),
        () => lonely.call('operators.delete', { operator_id: owner.id }, { as: lonely.adminKey }), () => lonely.call('operators.update', { operator_id: owner.id, disabled: true }, { as: lonely.adminKey }),
      ]) expectProblem(await ask(), 'conflict');
      const second = await signedIn(lonely, 'owner');
      expectOk(await second.call('operators.delete', { operator_id: owner.id }));
      expectProblem(await owner.call('operators.me'), 'unauthenticated');
      expectProblem(await second.call('operators.update', { operator_id: second.id, role: 'viewer' }), 'conflict');
    } finally {
      await lonely.stop();
    }
  });

  it('are not asked by an admin key for what is an operator\'s own', async () => {
    expectProblem(await stage.call('operators.me', {}, { as: stage.adminKey }), 'forbidden');
    expectProblem(await stage.call('operators.password', { current_password: 'x', new_password: 'a new battery' }, { as: stage.adminKey }), 'forbidden');
  });

  it('are listed in pages', async () => {
    const owner = browserOf('owner');
    const seen: string[] = [];
    for (let after: string | null | undefined; after !== null;) {
      const page: { items: readonly { id: string }[]; next: string | null } = await owner.done('operators.list', { limit: 3, ...(after === undefined ? {} : { after }) });
      seen.push(...page.items.map(({ id }) => id));
      after = page.next;
    }
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toContain(owner.id);
    expect(seen.length).toBeGreaterThan(4);
  });
});

describe('pages', () => {
  it('metrics are for operators too, who name no app', async () => {
    const viewer = browserOf('viewer');
    const elsewhere = { via: '1.1 proxy' };
    expect((await viewer.ask('GET', '/metrics', { headers: elsewhere })).text).toContain('talaria_http_request_seconds');
    expectProblem(await viewer.actingFor(scenes[0].id).ask('GET', '/metrics', { headers: elsewhere }), 'forbidden');
    expectProblem(await viewer.ask('GET', '/metrics', { headers: { ...elsewhere, cookie: '' } }), 'unauthenticated');
  });

  it('the token endpoint takes no cookie', async () => {
    const reply = await browserOf('owner').ask('POST', '/v1/oauth/token', { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: Buffer.from('grant_type=client_credentials') });
    expect([reply.status, reply.text]).toEqual([401, expect.stringContaining('invalid_client')]);
  });
});

describe('the log', () => {
  it('has every write of an operator, with who, what and for which app, and no read', async () => {
    const [scene] = scenes;
    const moderator = browserOf('moderator');
    const text = 'a text that no log has';
    const { id: message } = await stage.done('messages.send', { conversation_id: scene.group, text, as_user_id: 'ext:bob' }, { as: scene.key });
    const before = stage.log.lines.length;
    await moderator.actingFor(scene.id).done('messages.get', { message_id: message });
    // Reads by POST.
    await moderator.actingFor(scene.id).done('users.presence', { user_ids: ['ext:bob'] });
    await moderator.actingFor(scene.id).done('search.messages', { q: 'a text' });
    await moderator.actingFor(scene.id).done('messages.delete', { message_id: message });
    expectProblem(await moderator.call('keys.create', { app_id: scene.id }), 'forbidden');
    await moderator.done('operators.update', { operator_id: moderator.id, name: 'Mo' });
    const wrote = stage.log.lines.slice(before).filter(({ event }) => event === 'operator.wrote');
    expect(wrote.map(({ level, fields }) => [level, fields['operator'], fields['role'], fields['operation'], fields['app'], fields['status'], fields['code']])).toEqual([
      ['info', moderator.id, 'moderator', 'messages.delete', scene.id, 200, undefined],
      ['info', moderator.id, 'moderator', 'keys.create', undefined, 403, 'forbidden'],
      ['info', moderator.id, 'moderator', 'operators.update', undefined, 200, undefined],
    ]);
    expect(stage.log.text()).not.toContain(text);
    for (const secret of [moderator.cookie!.split('=')[1]!, moderator.csrf!]) expect(stage.log.text()).not.toContain(secret);
    expect(jsonOf(await moderator.call('operators.me'))).toMatchObject({ name: 'Mo' });
  });
});
