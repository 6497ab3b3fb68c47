/** Keys as credentials: what is none, when one ends, and what ends with it. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { admin } from '../gateway/world.js';
import { manualClock, type ManualClock } from '../support/manual-clock.js';
import { rawRequest } from './support/raw-http.js';
import { expectOk, expectProblem } from './support/reply.js';
import { startStage, type Scene, type Stage } from './support/stage.js';

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

const list = (as: string, on = stage) => on.call('users.list', {}, { as });

describe('the Authorization header', () => {
  const lastChanged = (text: string): string => text.slice(0, -1) + (text.endsWith('0') ? '2' : '0');

  it('without one the answer says how to authenticate', async () => {
    for (const headers of [{}, { authorization: '' }]) {
      const reply = await stage.ask('GET', '/v1/users', { headers });
      expectProblem(reply, 'unauthenticated');
      expect(reply.headers.get('www-authenticate')).toBe('Bearer realm="talaria"');
    }
  });

  it('the scheme is read in any case, and blanks do not matter', async () => {
    for (const authorization of [`bearer ${scene.key}`, `BEARER   ${scene.key}  `]) expectOk(await stage.ask('GET', '/v1/users', { headers: { authorization } }));
  });

  it.each<[string, () => string]>([
    ['another scheme', () => `Basic ${Buffer.from(`x:${scene.key}`).toString('base64')}`],
    ['no scheme', () => scene.key],
    ['the scheme alone', () => 'Bearer'],
    ['two keys', () => `Bearer ${scene.key} ${scene.key}`],
    ['two keys in a list', () => `Bearer ${scene.key}, Bearer ${stage.adminKey}`],
    ['two keys without a space', () => `Bearer ${scene.key},${stage.adminKey}`],
    ['a key in quotes', () => `Bearer "${scene.key}"`],
    ['a key that is one character short', () => `Bearer ${scene.key.slice(0, -1)}`],
    ['a key that is one character long', () => `Bearer ${scene.key}0`],
    ['a key with another end', () => `Bearer ${lastChanged(scene.key)}`],
    ['a key in capitals', () => `Bearer ${scene.key.toUpperCase()}`],
    ['the secret of another key', () => `Bearer ${scene.key.slice(0, 29)}_${stage.adminKey.slice(30)}`],
    ['a key of nobody', () => `Bearer tk_${'0'.repeat(26)}_${'0'.repeat(52)}`],
    ['the beginning of a key', () => 'Bearer tk_'],
    ["a key's id", () => `Bearer ${scene.keyId}`],
    ['16 KiB', () => `Bearer tk_${'0'.repeat(12_000)}`],
  ])('[BAD auth.key] refuses %s', async (_, header) => {
    const reply = await stage.ask('GET', '/v1/users', { headers: { authorization: header() } });
    const { detail } = expectProblem(reply, 'invalid_token');
    expect(reply.headers.get('www-authenticate')).toBe('Bearer realm="talaria", error="invalid_token"');
    expect(detail).not.toContain(scene.key.slice(3, 20));
  });

  it('[BAD auth.key] two headers are none', async () => {
    const reply = await rawRequest(stage.port, ['GET /v1/users HTTP/1.1', `Authorization: Bearer ${scene.key}`, `Authorization: Bearer ${scene.key}`]);
    expectProblem(reply, 'invalid_token');
  });

  it('a key that is wrong in any way is answered in one and the same way', async () => {
    const revoked = await stage.world.op(admin, 'keys.create', { app_id: scene.id });
    await stage.world.op(admin, 'keys.revoke', { key_id: revoked.id });
    const expired = await stage.world.op(admin, 'keys.create', { app_id: scene.id, expires_ms: clock.now() });
    const gone = await stage.scene();
    await stage.world.op(admin, 'apps.delete', { app_id: gone.id });
    const told = new Set<string>();
    for (const as of [lastChanged(scene.key), `tk_${'0'.repeat(26)}_${'0'.repeat(52)}`, 'tk_', revoked.secret, expired.secret, gone.key]) {
      const reply = await list(as);
      told.add(reply.text.replaceAll(expectProblem(reply, 'invalid_token').request_id, 'ID'));
    }
    expect(told.size).toBe(1);
  });
});

describe('the end of a key', () => {
  it('[RES6] a revoked key is refused from the answer on, also where it was just used', async () => {
    const key = await stage.world.op(admin, 'keys.create', { app_id: scene.id });
    expectOk(await list(key.secret));
    await stage.done('keys.revoke', { key_id: key.id }, { as: stage.adminKey });
    expectProblem(await list(key.secret), 'invalid_token');
    expectOk(await list(scene.key));
  });

  it('[RES6] a key that is being looked up while it is revoked is not kept', async () => {
    const held: (() => void)[] = [];
    let hold = false;
    const slow = await startStage({
      wrapStorage: (storage) => ({
        ...storage,
        async key(id) {
          const row = await storage.key(id);
          if (hold) await new Promise<void>((resolve) => void held.push(resolve));
          return row;
        },
      }),
    });
    const app = await slow.scene();
    hold = true;
    const early = list(app.key, slow);
    while (held.length === 0) await new Promise(setImmediate);
    await slow.world.op(admin, 'keys.revoke', { key_id: app.keyId });
    hold = false;
    held[0]!();
    await early;
    expectProblem(await list(app.key, slow), 'invalid_token');
    await slow.stop();
  });

  it('an admin key can be revoked too, and revokes itself', async () => {
    const key = await stage.world.op(admin, 'keys.create', {});
    await stage.done('keys.revoke', { key_id: key.id }, { as: key.secret });
    expectProblem(await stage.call('status.get', {}, { as: key.secret }), 'invalid_token');
  });

  it('a key ends at the moment it was made for, not a millisecond later', async () => {
    const key = await stage.world.op(admin, 'keys.create', { app_id: scene.id, expires_ms: clock.now() + 10_000 });
    clock.advance(9_999);
    expectOk(await list(key.secret));
    clock.advance(1);
    expectProblem(await list(key.secret), 'invalid_token');
  });

  it('after a rotation both keys work for the overlap, then only the new one', async () => {
    const next = await stage.done('keys.rotate', { key_id: scene.keyId, overlap_s: 60 }, { as: stage.adminKey });
    expect(next.id).not.toBe(scene.keyId);
    clock.advance(59_999);
    for (const as of [scene.key, next.secret]) expectOk(await list(as));
    clock.advance(1);
    expectProblem(await list(scene.key), 'invalid_token');
    expectOk(await list(next.secret));
  });

  it('a rotation does not make a key live longer', async () => {
    const key = await stage.world.op(admin, 'keys.create', { app_id: scene.id, expires_ms: clock.now() + 10_000 });
    const next = await stage.done('keys.rotate', { key_id: key.id, overlap_s: 3_600 }, { as: stage.adminKey });
    expect(next.expires_ms).toBe(clock.now() + 10_000);
    clock.advance(10_000);
    for (const as of [key.secret, next.secret]) expectProblem(await list(as), 'invalid_token');
    expectProblem(await stage.call('keys.rotate', { key_id: key.id }, { as: stage.adminKey }), 'conflict');
  });

  it('a rotation without overlap ends the old key at once, and a revoked one is not rotated', async () => {
    await stage.done('keys.rotate', { key_id: scene.keyId, overlap_s: 0 }, { as: stage.adminKey });
    expectProblem(await list(scene.key), 'invalid_token');
    await stage.done('keys.revoke', { key_id: scene.keyId }, { as: stage.adminKey });
    expectProblem(await stage.call('keys.rotate', { key_id: scene.keyId }, { as: stage.adminKey }), 'conflict');
  });
});

describe('what is noted of a key', () => {
  const lastUsed = async (): Promise<number | null | undefined> =>
    (await stage.done('keys.list', { app_id: scene.id }, { as: stage.adminKey })).items.find(({ id }) => id === scene.keyId)?.last_used_ms;

  it('when it was last used, to the minute', async () => {
    expect(await lastUsed()).toBeNull();
    const firstMs = clock.now();
    expectOk(await list(scene.key));
    await expect.poll(lastUsed).toBe(firstMs);
    clock.advance(59_999);
    expectOk(await list(scene.key));
    expect(await lastUsed()).toBe(firstMs);
    clock.advance(1);
    expectOk(await list(scene.key));
    await expect.poll(lastUsed).toBe(firstMs + 60_000);
  });

  it('nothing that opens anything: lists show its beginning only', async () => {
    const reply = await stage.call('keys.list', { app_id: scene.id }, { as: stage.adminKey });
    expect(expectOk(reply).text).not.toContain(scene.key.slice(30));
    expect(reply.text).not.toMatch(/hash|secret/);
  });
});

describe('a suspended tenant', () => {
  it('is told so with a valid key or token, and comes back', async () => {
    const { tenant_id: tenant } = await stage.world.op(admin, 'apps.get', { app_id: scene.id });
    const all = [scene.key, scene.alice.token];
    const get = (as: string) => stage.call('users.get', { user_id: 'ext:alice' }, { as });
    for (const as of all) expectOk(await get(as));
    await stage.done('tenants.update', { tenant_id: tenant, status: 'suspended' }, { as: stage.adminKey });
    for (const as of all) expectProblem(await get(as), 'suspended');
    expectProblem(await get(`${scene.key.slice(0, -1)}${scene.key.endsWith('0') ? '2' : '0'}`), 'invalid_token');
    await stage.done('tenants.update', { tenant_id: tenant, status: 'active' }, { as: stage.adminKey });
    for (const as of all) expectOk(await get(as));
  });

  it('a deleted app has no keys and no tokens any more', async () => {
    expectOk(await list(scene.key));
    await stage.done('apps.delete', { app_id: scene.id }, { as: stage.adminKey });
    expectProblem(await list(scene.key), 'invalid_token');
    expectProblem(await stage.call('users.get', { user_id: 'me' }, { as: scene.alice.token }), 'invalid_token');
  });
});
