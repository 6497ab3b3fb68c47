/** Paths and queries that are wrong. They go out as bytes: `fetch` would put most of them right. */
import { formatId } from '@talaria/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admin } from '../gateway/world.js';
import { rawRequest } from './support/raw-http.js';
import { expectOk, expectProblem, expectSecured, jsonOf, type Reply } from './support/reply.js';
import { startStage, type Scene, type Stage } from './support/stage.js';

let stage: Stage;
let scene: Scene;

beforeAll(async () => {
  stage = await startStage();
  scene = await stage.scene();
});
afterAll(() => stage.stop());

const get = (target: string, as = scene.key): Promise<Reply> => rawRequest(stage.port, [`GET ${target} HTTP/1.1`, `Authorization: Bearer ${as}`]);

describe('paths', () => {
  it.each([
    ['..', '/v1/users/../users'], ['.. at the end', '/v1/users/..'], ['..', '/../v1/users'], ['.', '/v1/./users'], ['%2e%2e', '/v1/users/%2e%2e'], ['%2E.', '/v1/%2E./users'], ['%2e', '/v1/users/%2e'],
    ['..%2f', '/v1/users/..%2fusers'], ['an encoded slash in an id', '/v1/users/ext:a%2Fb'], ['NUL', '/v1/users/ext:a%00'], ['NUL in a place of its own', '/v1/users/%00'],
    ['a line break', '/v1/users/ext:a%0d%0aX-Evil:1'], ['DEL', '/v1/users/%7f'], ['C1', '/v1/users/%c2%9b'], ['a lone %', '/v1/users/%'], ['half an escape', '/v1/users/%4'], ['no hexadecimal', '/v1/users/%zz'],
    ['an overlong slash', '/v1/users/%c0%af'], ['a surrogate', '/v1/users/%ed%a0%80'], ['latin-1', '/v1/users/%e9'], ['IIS escapes', '/v1/users/%u002e%u002e'], ['a backslash', '/v1/users/..\\users'], ['a tab', '/v1/users/a\tb'],
    ['2,049 characters', `/v1/users/${'a'.repeat(2_039)}`],
  ])('[BAD http.path] %s: %s is refused', async (_, path) => {
    const reply = await get(path).catch(() => undefined);
    // Some the transport cannot even read.
    if (reply?.headers.has('talaria-request-id')) expectProblem(reply, 'invalid_argument');
    else expect([400, 505, undefined]).toContain(reply?.status);
    expect(reply?.headers.has('x-evil') ?? false).toBe(false);
  });

  it.each([
    ['nothing', '/v1/nothing'], ['a slash at the end', '/v1/users/'], ['no id between slashes', '/v1/conversations//facts'], ['a slash behind an id', '/v1/users/ext:alice/'], ['two slashes', '/v1//users'], ['two slashes in front', '//v1/users'], ['capitals', '/V1/users'], ['no version', '/users'], ['another version', '/v2/users'],
    ['a file', '/v1/users.json'], ['parameters', '/v1/users;a=b'], ['the template', '/v1/users/{user_id}/nothing'], ['more than there is', `/v1/users/ext:alice/conversations/x`],
    ['another server', '/.env'], ['what objects have', '/__proto__'], ['a socket without its key', '/v1/socket'],
  ])('[BAD http.path] %s: %s is not there', async (_, path) => {
    expectProblem(await get(path), 'not_found');
  });

  it.each([['users.get', '/v1/users/x'], ['users.get', '/v1/users/__proto__'], ['users.get', '/v1/users/ext:'], ['users.get', '/v1/users/EXT:alice'], ['conversations.get', '/v1/conversations/c_1'], ['messages.get', `/v1/messages/${formatId('conversation', new Uint8Array(16))}`]])(
    '[BAD http.id] %s: %s holds no id', async (id, path) => {
      expectProblem(await get(path), 'invalid_argument');
      expect(stage.log.lines.at(-1)?.fields['operation']).toBe(id);
    });

  it('an id is decoded once', async () => {
    for (const external of ['100%25', 'a b+c', 'é', '{x}', ':', '?#&=', '日本', 'a;b=c', '.. .']) {
      await stage.done('users.create', { external_id: external }, { as: scene.key });
      const reply = await get(`/v1/users/ext:${encodeURIComponent(external)}`);
      expect(jsonOf(expectOk(reply)), external).toMatchObject({ external_id: external });
      expect(jsonOf(expectOk(await get(`/v1/users/${encodeURIComponent(`ext:${external}`)}`)))).toMatchObject({ external_id: external });
    }
    expectProblem(await get('/v1/users/ext:100%2525%25'), 'not_found');
  });

  it('[BAD http.path] a whole URL and * are for proxies', async () => {
    for (const target of [`http://127.0.0.1:${stage.port}/v1/users`, '*', 'v1/users']) {
      const reply = await get(target).catch(() => undefined);
      expect([400, 404, 505, undefined], target).toContain(reply?.status);
    }
  });
});

describe('methods', () => {
  it.each([
    ['PUT', '/v1/users', 'POST, GET, HEAD, OPTIONS'], ['DELETE', '/v1/messages', 'POST, GET, HEAD, OPTIONS'], ['GET', '/v1/users/batch', 'POST, OPTIONS'], ['POST', '/v1/conversations/x/mark', 'PUT, OPTIONS'],
    ['PATCH', '/v1/status', 'GET, HEAD, OPTIONS'], ['POST', '/livez', 'GET, HEAD, OPTIONS'], ['DELETE', '/', 'GET, HEAD, OPTIONS'], ['PROPFIND', '/v1/users', 'POST, GET, HEAD, OPTIONS'], ['TRACE', '/openapi.json', 'GET, HEAD, OPTIONS'],
    ['get', '/v1/status', undefined],
  ])('[BAD http.method] %s %s is refused, and Allow says what is not', async (method, path, allow) => {
    const reply = await rawRequest(stage.port, [`${method} ${path} HTTP/1.1`, 'Content-Length: 0']).catch(() => undefined);
    if (allow === undefined) expect([400, 401, 405, undefined]).toContain(reply?.status);
    else {
      expectProblem(reply!, 'method_not_allowed');
      expect(reply?.headers.get('allow')).toBe(allow);
    }
  });

  it('[BAD http.method] a header does not make it another one', async () => {
    const reply = await stage.ask('POST', '/v1/users/batch', { as: scene.key, headers: { 'x-http-method-override': 'DELETE', 'x-http-method': 'DELETE' }, body: { user_ids: ['ext:alice'] } });
    expectOk(reply);
  });

  it('OPTIONS says what there is, without a credential', async () => {
    const reply = await stage.ask('OPTIONS', '/v1/users/ext:alice');
    expect([reply.status, reply.text, reply.headers.get('allow')]).toEqual([204, '', 'GET, PATCH, HEAD, OPTIONS']);
    expectSecured(reply);
    expectProblem(await stage.ask('OPTIONS', '/v1/nothing'), 'not_found');
  });

  it('HEAD is GET without its body, refusals too', async () => {
    for (const path of ['/v1/users', '/v1/users/ext:nobody', '/v1/nothing']) {
      const [head, full] = [await rawRequest(stage.port, [`HEAD ${path} HTTP/1.1`, `Authorization: Bearer ${scene.key}`]), await get(path)];
      expect([head.status, head.text, head.headers.get('content-type'), head.headers.get('content-length')]).toEqual([full.status, '', full.headers.get('content-type'), full.headers.get('content-length')]);
    }
  });
});

describe('queries', () => {
  it.each(['-1', '0', 'NaN', 'Infinity', '1e9', '1.5', '', '201', '99999999999999999999', '0x10', '1_0', '+5', '%2B5', '%205', '5%20', '٣', '5,6', 'true', 'null', '[5]'])('[BAD http.limit] limit=%s is refused', async (limit) => {
    expect(expectProblem(await get(`/v1/users?limit=${limit}`), 'invalid_argument').field).toBe('limit');
    expectProblem(await get(`/v1/messages?conversation_id=${scene.group}&limit=${limit}`), 'invalid_argument');
  });

  it.each(['1', '200', '007'])('limit=%s is taken', async (limit) => {
    expectOk(await get(`/v1/users?limit=${limit}`));
  });

  it.each([
    ['repeated-parameter', 'a parameter twice', 'limit=1&limit=2'], ['repeated-parameter', 'the same twice', 'limit=1&limit=1'], ['repeated-parameter', 'a parameter twice, once encoded', 'limit=1&%6cimit=2'],
    ['unknown-parameter', 'an unknown one', 'no_such_field=1'], ['unknown-parameter', 'another case', 'Limit=1'], ['unknown-parameter', 'brackets', 'limit[]=1'], ['unknown-parameter', 'no value', 'pretty'], ['unknown-parameter', 'no name', '=1'],
    ['unknown-parameter', '__proto__', '__proto__=1'], ['unknown-parameter', 'constructor', 'constructor=1'], ['unknown-parameter', 'a path field', 'user_id=me'], ['unknown-parameter', 'an app', `app_id=${formatId('app', new Uint8Array(16))}`],
    ['query-encoding', 'half an escape', 'limit=%4'], ['query-encoding', 'latin-1', 'after=%e9'], ['query-encoding', 'an overlong character', 'after=%c0%af'],
    ['query-size', '257 parameters', Array.from({ length: 257 }, (_, at) => `a${at}=1`).join('&')],
  ])('[BAD http.%s] %s is refused', async (_, __, query) => {
    expectProblem(await get(`/v1/users?${query}`), 'invalid_argument');
  });

  it('[BAD http.repeated-parameter] a field of the path cannot be said again', async () => {
    for (const id of ['ext:alice', 'ext:bob']) expect(expectProblem(await get(`/v1/users/ext:alice?user_id=${id}`), 'invalid_argument').field).toBe('user_id');
  });

  it('[BAD http.query-on-post] fields of a body are not read from a query', async () => {
    const reply = await stage.ask('POST', '/v1/users?external_id=eve', { as: scene.key, body: { external_id: 'mallory' } });
    expectProblem(reply, 'invalid_argument');
    expect((await stage.done('users.list', {}, { as: scene.key })).items.map(({ external_id: id }) => id)).not.toContain('mallory');
  });

  it.each(['GET', 'DELETE', 'HEAD'])('[BAD http.body-on-get] a body on %s is refused', async (method) => {
    const body = '{"name":"x"}';
    const reply = await rawRequest(stage.port, [
      `${method} /v1/conversations/${scene.group}${method === 'DELETE' ? '/members/ext:bob' : ''} HTTP/1.1`, `Authorization: Bearer ${scene.key}`, 'Content-Type: application/json', `Content-Length: ${body.length}`,
    ], body);
    expect(reply.status).toBe(400);
    if (method !== 'HEAD') expectProblem(reply, 'invalid_argument');
    expect((await stage.done('members.list', { conversation_id: scene.group }, { as: scene.key })).items).toHaveLength(2);
  });

  const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl';

  it.each([
    ['token', 'x'], ['access_token', 'x'], ['id_token', 'x'], ['jwt', 'x'], ['Authorization', 'x'], ['authorisation', 'x'], ['api_key', 'x'], ['apikey', 'x'], ['API-KEY'.replace('-', ''), 'x'], ['key', 'x'], ['secret', 'x'], ['password', 'x'], ['auth', 'x'], ['bearer', 'x'],
    ['after', jwt], ['after', `Bearer%20${jwt}`], ['anything', `tk_${'0'.repeat(26)}_${'0'.repeat(52)}`], ['%74oken', 'x'],
  ])('[BAD http.token-in-query] %s=%s is refused, with a right header too, and is not in the log', async (name, value) => {
    const before = stage.log.lines.length;
    for (const as of [scene.key, scene.alice.token]) {
      const { detail } = expectProblem(await get(`/v1/users/ext:alice?${name}=${value}-sentinel`.replace('x-sentinel', 'sentinel'), as), 'not_acceptable');
      expect(detail).not.toContain('sentinel');
    }
    const noted = JSON.stringify(stage.log.lines.slice(before));
    for (const text of ['sentinel', jwt, '0'.repeat(26)]) expect(noted).not.toContain(text);
    expectProblem(await stage.ask('POST', `/v1/users?${name}=${value}`, { body: {} }), 'not_acceptable');
  });
});

describe('page cursors', () => {
  it('[BAD http.cursor,ISO1] of another list, another app, tampered or made up are refused', async () => {
    const other = await stage.scene();
    const cursor = async (path: string, as: string): Promise<string> => jsonOf<{ next: string }>(expectOk(await get(path, as))).next;
    const { conversation_id: second } = await stage.world.op(scene.backend, 'conversations.create', { member_ids: ['ext:alice', 'ext:bob'] });
    await stage.world.op(admin, 'keys.create', { app_id: scene.id });
    const users = await cursor('/v1/users?limit=1', scene.key);
    const foreign = await cursor('/v1/users?limit=1', other.key);
    const members = await cursor(`/v1/conversations/${scene.group}/members?limit=1`, scene.key);
    const inbox = await cursor('/v1/users/ext:alice/conversations?limit=1', scene.key);
    const keys = await cursor('/v1/keys?limit=1', stage.adminKey);
    expectOk(await get(`/v1/users?after=${users}`));

    const middle = Math.floor(users.length / 2);
    const tampered = users.slice(0, middle) + (users[middle] === 'A' ? 'B' : 'A') + users.slice(middle + 1);
    for (const after of [foreign, members, inbox, keys, tampered, users.slice(0, -4), users.slice(4), '', 'A', scene.alice.id, 'x'.repeat(257)]) {
      expectProblem(await get(`/v1/users?after=${after}`), 'invalid_argument');
    }
    expectProblem(await get(`/v1/conversations/${second}/members?after=${members}`), 'invalid_argument');
    expectProblem(await get(`/v1/users/ext:bob/conversations?after=${inbox}`), 'invalid_argument');
    expectProblem(await get(`/v1/tenants?after=${keys}`, stage.adminKey), 'invalid_argument');
    // What they hold is not to be read off them.
    expect(Buffer.from(users, 'base64url').toString('latin1')).not.toContain('u_');
  });
});
