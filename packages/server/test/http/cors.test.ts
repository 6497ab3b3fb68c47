/** Pages of other origins: what they may ask for, and when they are sent away. */
import { operationIds, operations, type Operation } from '@talaria/protocol/operations';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admin } from '../gateway/world.js';
import { expectOk, expectProblem, expectSecured, type Reply } from './support/reply.js';
import { startStage, type Scene, type Stage } from './support/stage.js';

const HOME = 'https://app.example';
const EVIL = 'https://evil.example';

let stage: Stage;
/** An app that names its origins, and one that names none. */
let strict: Scene;
let open: Scene;

beforeAll(async () => {
  stage = await startStage();
  [strict, open] = [await stage.scene(), await stage.scene()];
  await stage.world.op(admin, 'apps.update', { app_id: strict.id, allowed_origins: [HOME, 'http://localhost:3000'] });
});
afterAll(() => stage.stop());

const corsHeaders = ({ headers }: Reply): string[] => [...headers.keys()].filter((name) => name.startsWith('access-control-'));
const preflight = (path: string, method: string, origin = EVIL) =>
  stage.ask('OPTIONS', path, { headers: { origin, 'access-control-request-method': method, 'access-control-request-headers': 'authorization,content-type,idempotency-key' } });
const me = (origin: string | undefined, as: string) => stage.call('users.get', { user_id: 'me' }, { as, ...(origin !== undefined && { headers: { origin } }) });

const table = operationIds.map((id) => ({ id, operation: operations[id] as Operation, path: operations[id].path.replaceAll(/\{\w+\}/g, 'x') }));

describe('preflights', () => {
  it.each(table.filter(({ operation }) => operation.user || operation.public))('of $id say that a page may ask', async ({ operation, path }) => {
    const reply = await preflight(path, operation.method);
    expect([reply.status, reply.text]).toEqual([204, '']);
    expect(reply.headers.get('access-control-allow-origin')).toBe(EVIL);
    expect(reply.headers.get('access-control-allow-methods')?.split(', ')).toContain(operation.method);
    expect(reply.headers.get('access-control-allow-headers')?.split(', ')).toEqual(['authorization', 'content-type', 'idempotency-key', 'talaria-app', 'traceparent']);
    expect(reply.headers.get('access-control-max-age')).toBe('3600');
    expect(reply.headers.get('vary')).toBe('origin');
    // Nothing is asked for in a user's name by the browser itself.
    expect(reply.headers.has('access-control-allow-credentials')).toBe(false);
    expectSecured(reply);
  });

  it.each(table.filter(({ operation }) => !operation.user && !operation.public))('of $id do not: it is for backends', async ({ operation, path }) => {
    const reply = await preflight(path, operation.method);
    expect(reply.status).toBe(204);
    expect(reply.headers.get('access-control-allow-methods')?.split(', ') ?? []).not.toContain(operation.method);
    const beside = table.some((one) => one.operation.path === operation.path && (one.operation.user || one.operation.public));
    expect(corsHeaders(reply).length > 0).toBe(beside);
  });

  it('are none without an origin or a method, nor of pages of the server', async () => {
    expect(corsHeaders(await stage.ask('OPTIONS', '/v1/users/me'))).toEqual([]);
    expect(corsHeaders(await stage.ask('OPTIONS', '/v1/users/me', { headers: { origin: EVIL } }))).toEqual([]);
    for (const path of ['/livez', '/metrics', '/docs/api']) expect(corsHeaders(await preflight(path, 'GET'))).toEqual([]);
  });
});

describe('requests of pages', () => {
  it.each([HOME, 'http://localhost:3000'])('of %s, which the app has named, are answered', async (origin) => {
    const reply = await me(origin, strict.alice.token);
    expectOk(reply);
    expect([reply.headers.get('access-control-allow-origin'), reply.headers.get('vary')]).toEqual([origin, 'origin']);
    expect(reply.headers.get('access-control-expose-headers')?.split(', ')).toEqual(['idempotency-key', 'ratelimit', 'ratelimit-policy', 'retry-after', 'talaria-request-id']);
    expect(reply.headers.has('access-control-allow-credentials')).toBe(false);
  });

  it.each([['another', EVIL], ['null', 'null'], ['the named one with a port', `${HOME}:444`], ['by http', 'http://app.example'], ['with more behind it', `${HOME}.evil.example`], ['in capitals', 'HTTPS://APP.EXAMPLE'], ['with a slash', `${HOME}/`], ['two', `${HOME}, ${EVIL}`], ['nothing', '']])(
    '[BAD http.origin] of %s origin: %s are refused before anything is done', async (_, origin) => {
      const headers = { origin };
      for (const [id, input] of [
        ['messages.send', { conversation_id: strict.group, text: 'evil' }], ['users.update', { user_id: 'me', name: 'evil' }], ['users.get', { user_id: 'me' }],
        // Not even what is wrong besides is looked at.
        ['users.list', {}], ['messages.send', { no_such_field: 1 }],
      ] as const) {
        const reply = await stage.call(id, input, { as: strict.alice.token, headers });
        expectProblem(reply, 'origin_not_allowed');
        expect(corsHeaders(reply)).toEqual([]);
      }
      expect((await stage.done('messages.list', { conversation_id: strict.group }, { as: strict.key })).items).toEqual([]);
      expect((await stage.done('users.get', { user_id: strict.alice.id }, { as: strict.key })).name).toBe('');
    });

  it('of any origin but null are answered where the app has named none', async () => {
    for (const origin of [EVIL, 'capacitor://localhost', 'chrome-extension://abc']) {
      expect(expectOk(await me(origin, open.alice.token)).headers.get('access-control-allow-origin')).toBe(origin);
    }
    expectProblem(await me('null', open.alice.token), 'origin_not_allowed');
  });

  it('are told why a token is refused, so that they can refresh it', async () => {
    const reply = await me(HOME, `${strict.alice.token}x`);
    expectProblem(reply, 'invalid_token');
    expect(reply.headers.get('access-control-allow-origin')).toBe(HOME);
  });

  it('without an Origin are programs, and are not asked', async () => {
    const reply = await me(undefined, strict.alice.token);
    expectOk(reply);
    expect(corsHeaders(reply)).toEqual([]);
  });

  it('an app can close to an origin at once', async () => {
    await stage.done('apps.update', { app_id: open.id, allowed_origins: [HOME] }, { as: stage.adminKey });
    expectProblem(await me(EVIL, open.alice.token), 'origin_not_allowed');
    expectOk(await me(HOME, open.alice.token));
    await stage.done('apps.update', { app_id: open.id, allowed_origins: [] }, { as: stage.adminKey });
    expectOk(await me(EVIL, open.alice.token));
  });
});

describe('keys in pages', () => {
  it('are answered, because a proxy may add an Origin, but no page can read it', async () => {
    for (const [id, as] of [['users.get', strict.key], ['users.list', strict.key], ['apps.list', stage.adminKey]] as const) {
      const reply = await stage.call(id, id === 'users.get' ? { user_id: 'ext:alice' } : {}, { as, headers: { origin: HOME } });
      expectOk(reply);
      expect(corsHeaders(reply)).toEqual([]);
    }
  });
});
