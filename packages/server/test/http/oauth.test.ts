/** OAuth 2 client credentials (RFC 6749, section 4.4): a key for a token that acts as it. */
import { appScopes } from '@talaria/protocol/operations';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { admin } from '../gateway/world.js';
import { manualClock, type ManualClock } from '../support/manual-clock.js';
import { expectOk, expectProblem, expectSecured, jsonOf, type Reply } from './support/reply.js';
import { startStage, type Scene, type Stage } from './support/stage.js';

interface Granted { readonly access_token: string; readonly token_type: string; readonly expires_in: number; readonly scope: string }

let stage: Stage;
let scene: Scene;
let clock: ManualClock;

beforeAll(async () => {
  clock = manualClock();
  stage = await startStage({ clock });
});
beforeEach(async () => {
  scene = await stage.scene();
});
afterAll(() => stage.stop());

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const basic = (id: string, secret: string): string => `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64')}`;
const post = (body: string, headers: Record<string, string> = {}, on = stage): Promise<Reply> =>
  on.ask('POST', '/v1/oauth/token', { headers: { ...FORM, ...headers }, body: Buffer.from(body) });
const form = (fields: Record<string, string>): string => new URLSearchParams(fields).toString();
const client = (): Record<string, string> => ({ client_id: scene.keyId, client_secret: scene.key });
const grant = async (more: Record<string, string> = {}): Promise<Granted> => {
  const reply = await post(form({ grant_type: 'client_credentials', ...client(), ...more }));
  expect(reply.status, reply.text).toBe(200);
  return jsonOf<Granted>(reply);
};
const list = (as: string): Promise<Reply> => stage.call('users.list', {}, { as });

/** RFC 6749, section 5.2. */
function expectRefused(reply: Reply, error: string, status = 400): void {
  expect([reply.status, jsonOf(reply)]).toEqual([status, { error, error_description: expect.stringMatching(/^[\u0020-\u007e]+\.$/) }]);
  expect(reply.headers.get('content-type')).toBe('application/json');
  expect(reply.headers.get('www-authenticate')).toBe(status === 401 ? 'Basic realm="talaria", charset="UTF-8"' : null);
  expectSecured(reply);
  expect(reply.text).not.toContain(scene.key.slice(30));
}

describe('a client', () => {
  it('gets a token for its key, by HTTP Basic or in the body', async () => {
    for (const reply of [
      await post('grant_type=client_credentials', { authorization: basic(scene.keyId, scene.key) }),
      await post(form({ grant_type: 'client_credentials', ...client() }), { 'content-type': 'application/x-www-form-urlencoded; charset=UTF-8' }),
      await post(form({ grant_type: 'client_credentials', client_id: scene.keyId }), { authorization: basic(scene.keyId, scene.key) }),
    ]) {
      expect(reply.status, reply.text).toBe(200);
      expect(reply.headers.get('content-type')).toBe('application/json');
      expect(reply.headers.get('pragma')).toBe('no-cache');
      expectSecured(reply);
      const granted = jsonOf<Granted>(reply);
      expect(granted).toEqual({ access_token: expect.stringMatching(/^ta_[\w-]{64,}$/), token_type: 'Bearer', expires_in: 3_600, scope: appScopes.join(' ') });
      expectOk(await list(granted.access_token));
    }
  });

  it('the token is the key to the log, to limits and to other apps', async () => {
    const { access_token: as } = await grant();
    const other = await stage.scene();
    expect(await stage.done('users.get', { user_id: 'ext:alice' }, { as })).toMatchObject({ id: scene.alice.id });
    expectProblem(await stage.call('users.get', { user_id: other.alice.id }, { as }), 'not_found');
    expect(stage.log.text()).not.toContain(as);
    expectProblem(await stage.ask('GET', `/v1/users?user_id=${as}`, {}), 'not_acceptable');
  });

  it('an admin key has tokens, too', async () => {
    const key = await stage.world.op(admin, 'keys.create', {});
    const granted = jsonOf<Granted>(await post(form({ grant_type: 'client_credentials', client_id: key.id, client_secret: key.secret })));
    expect(granted.scope).toBe('admin');
    expectOk(await stage.call('apps.get', { app_id: scene.id }, { as: granted.access_token }));
  });

  it('a token has the scopes that were asked for and no others', async () => {
    const narrow = await grant({ scope: 'messages:read users:read' });
    expect(narrow.scope).toBe('users:read messages:read');
    expectOk(await list(narrow.access_token));
    const minting = await stage.call('auth.token', { external_id: 'alice' }, { as: narrow.access_token });
    expect(expectProblem(minting, 'forbidden').detail).toBe('The key lacks the scope tokens:write.');
  });

  it.each(['users:read nonsense', 'admin', 'users:read,users:write', 'USERS:READ', ' '])('is refused the scope %j', async (scope) => {
    expectRefused(await post(form({ grant_type: 'client_credentials', ...client(), scope })), 'invalid_scope');
  });

  it('is refused a scope that its key lacks', async () => {
    const key = await stage.world.op(admin, 'keys.create', { app_id: scene.id, scopes: ['users:read'] });
    expectRefused(await post(form({ grant_type: 'client_credentials', client_id: key.id, client_secret: key.secret, scope: 'users:write' })), 'invalid_scope');
  });

  it.each<[string, () => Record<string, string>]>([
    ['another secret', () => ({ ...client(), client_secret: `${scene.key.slice(0, -1)}${scene.key.endsWith('0') ? '2' : '0'}` })],
    ["another key's secret", () => ({ ...client(), client_secret: stage.adminKey })],
    ["another key's id", () => ({ ...client(), client_id: 'k_00000000000000000000000000' })],
    ['no id', () => ({ client_secret: scene.key })],
    ['no secret', () => ({ client_id: scene.keyId })],
    ['nothing', () => ({})],
    ['an empty secret', () => ({ ...client(), client_secret: '' })],
    ['the secret without its name', () => ({ ...client(), client_secret: scene.key.slice(30) })],
    ['a user token', () => ({ ...client(), client_secret: scene.alice.token })],
  ])('[BAD oauth.client] with %s is none, in the body or by HTTP Basic', async (_, given) => {
    const { client_id: id = '', client_secret: secret = '' } = given();
    expectRefused(await post(form({ grant_type: 'client_credentials', ...given() })), 'invalid_client', 401);
    expectRefused(await post('grant_type=client_credentials', { authorization: basic(id, secret) }), 'invalid_client', 401);
    // Who is no client learns nothing of what else is wrong.
    expectRefused(await post(form({ grant_type: 'password', scope: 'nonsense', ...given() })), 'invalid_client', 401);
  });

  it.each(['Basic', 'Basic !!!', `Basic ${Buffer.from('no colon').toString('base64')}`, `Basic ${Buffer.from('a:%zz').toString('base64')}`, 'Bearer x', 'Digest a=b'])('[BAD oauth.client] with the header %j is none', async (authorization) => {
    expectRefused(await post('grant_type=client_credentials', { authorization }), 'invalid_client', 401);
  });

  it('of a suspended tenant, or whose key has ended, is none', async () => {
    const key = await stage.world.op(admin, 'keys.create', { app_id: scene.id });
    await stage.done('keys.revoke', { key_id: key.id }, { as: stage.adminKey });
    expectRefused(await post(form({ grant_type: 'client_credentials', client_id: key.id, client_secret: key.secret })), 'invalid_client', 401);
    const { tenant_id } = await stage.done('apps.get', { app_id: scene.id }, { as: stage.adminKey });
    await stage.done('tenants.update', { tenant_id, status: 'suspended' }, { as: stage.adminKey });
    expectRefused(await post(form({ grant_type: 'client_credentials', ...client() })), 'invalid_client', 401);
  });
});

describe('a request', () => {
  const good = (): string => form({ grant_type: 'client_credentials', ...client() });

  it.each<[string, () => Promise<Reply>, string]>([
    ['without a grant', () => post(form(client())), 'invalid_request'],
    ['with another grant', () => post(form({ grant_type: 'password', ...client() })), 'unsupported_grant_type'],
    ['with the grant in capitals', () => post(form({ grant_type: 'CLIENT_CREDENTIALS', ...client() })), 'unsupported_grant_type'],
    ['with a parameter twice', () => post(`${good()}&scope=a&scope=b`), 'invalid_request'],
    ['with an empty parameter twice', () => post(`${good()}&scope=&scope=`), 'invalid_request'],
    ['with both ways to authenticate', () => post(good(), { authorization: basic(scene.keyId, scene.key) }), 'invalid_request'],
    ['with another client_id than in the header', () => post(form({ grant_type: 'client_credentials', client_id: 'k_1' }), { authorization: basic(scene.keyId, scene.key) }), 'invalid_request'],
    ['as JSON', () => post(JSON.stringify({ grant_type: 'client_credentials', ...client() }), { 'content-type': 'application/json' }), 'invalid_request'],
    ['of no type', () => post(good(), { 'content-type': '' }), 'invalid_request'],
    ['compressed', () => post(good(), { 'content-encoding': 'gzip' }), 'invalid_request'],
    ['that is not percent-encoded', () => post(`${good()}&x=%zz`), 'invalid_request'],
    ['that is not UTF-8', () => stage.ask('POST', '/v1/oauth/token', { headers: FORM, body: Buffer.concat([Buffer.from(`${good()}&x=`), Buffer.from([0xc3, 0x28])]) }), 'invalid_request'],
    ['above 8 KiB', () => post(`${good()}&x=${'x'.repeat(8_192)}`), 'invalid_request'],
    ['with the secret in the address', () => stage.ask('POST', `/v1/oauth/token?${good()}`, { headers: FORM }), 'invalid_request'],
  ])('[BAD oauth.form] %s is refused', async (_, ask, error) => {
    expectRefused(await ask(), error);
  });

  it('parameters that nobody knows, and empty ones, are not looked at (RFC 6749, section 3.2)', async () => {
    expect((await post(`${good()}&resource=x&scope=&audience=y`)).status).toBe(200);
  });

  it('takes POST alone', async () => {
    const reply = await stage.ask('GET', '/v1/oauth/token', {});
    expectProblem(reply, 'method_not_allowed');
    expect(reply.headers.get('allow')).toBe('POST, OPTIONS');
  });

  it('of whoever is no client counts against the limit of the address, and of a client does not', async () => {
    const small = await startStage({ addressRate: { per_s: 0.01, burst: 3 } });
    try {
      const { id, secret } = await small.world.op(admin, 'keys.create', {});
      const right = form({ grant_type: 'client_credentials', client_id: id, client_secret: secret });
      for (let turn = 0; turn < 10; turn += 1) expect((await post(right, {}, small)).status).toBe(200);
      for (let turn = 0; turn < 3; turn += 1) expect((await post('grant_type=client_credentials', {}, small)).status).toBe(401);
      const reply = await post(right, {}, small);
      expectRefused(reply, 'temporarily_unavailable', 429);
      expect(Number(reply.headers.get('retry-after'))).toBeGreaterThan(0);
    } finally {
      await small.stop();
    }
  });
});

describe('the end of a token', () => {
  it('comes after an hour', async () => {
    const { access_token: as } = await grant();
    clock.advance(3_599_000);
    expectOk(await list(as));
    clock.advance(1_000);
    expectProblem(await list(as), 'token_expired');
  });

  it('comes with the end of its key, whose time it never exceeds', async () => {
    const key = await stage.world.op(admin, 'keys.create', { app_id: scene.id, expires_ms: clock.now() + 60_500 });
    const granted = jsonOf<Granted>(await post(form({ grant_type: 'client_credentials', client_id: key.id, client_secret: key.secret })));
    expect(granted.expires_in).toBe(60);
    clock.advance(61_000);
    expectProblem(await list(granted.access_token), 'invalid_token');
  });

  it('[RES6] comes when the key is revoked, also where the token was just used', async () => {
    const { access_token: as } = await grant();
    expectOk(await list(as));
    await stage.done('keys.revoke', { key_id: scene.keyId }, { as: stage.adminKey });
    expectProblem(await list(as), 'invalid_token');
  });

  it('[RES6] a token that was minted with one ends with the key, too', async () => {
    const { access_token: as } = await grant();
    const { token } = await stage.done('auth.token', { external_id: 'alice' }, { as });
    expectOk(await stage.call('users.get', { user_id: 'me' }, { as: token }));
    await stage.done('keys.revoke', { key_id: scene.keyId }, { as: stage.adminKey });
    expectProblem(await stage.call('users.get', { user_id: 'me' }, { as: token }), 'revoked');
  });

  it.each<[string, (token: string) => string]>([
    ['a character changed', (token) => `${token.slice(0, 40)}${token[40] === 'A' ? 'B' : 'A'}${token.slice(41)}`],
    ['cut short', (token) => token.slice(0, -4)],
    ['nothing inside', () => 'ta_'],
    ['another beginning', (token) => `tb_${token.slice(3)}`],
    ['600 characters', () => `ta_${'A'.repeat(597)}`],
  ])('[BAD oauth.token] one with %s is none', async (_, change) => {
    const { access_token: token } = await grant();
    expectProblem(await list(change(token)), 'invalid_token');
  });
});
