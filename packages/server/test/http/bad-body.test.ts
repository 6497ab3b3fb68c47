/** Bodies that are wrong, and what must be stored as it came. */
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rawRequest } from './support/raw-http.js';
import { expectOk, expectProblem, jsonOf } from './support/reply.js';
import { startStage, type Scene, type Stage } from './support/stage.js';

let stage: Stage;
let scene: Scene;

beforeAll(async () => {
  stage = await startStage();
  scene = await stage.scene();
});
afterAll(() => stage.stop());

const users = async (): Promise<string[]> => (await stage.done('users.list', {}, { as: scene.key })).items.map(({ external_id: id }) => id);
const post = (body: string | Uint8Array, headers: Record<string, string> = {}) =>
  stage.ask('POST', '/v1/users', { as: scene.key, headers: { 'content-type': 'application/json', ...headers }, body: Buffer.from(body) });
const nested = (depth: number): string => `{"external_id":"eve","data":{"a":${'['.repeat(depth)}${']'.repeat(depth)}}}`;

describe('what is no JSON object', () => {
  it.each<[string, string, string | Uint8Array]>([
    ['json-syntax', 'a word', 'hello'],
    ['json-syntax', 'half an object', '{"external_id":"eve"'],
    ['json-syntax', 'a comma too many', '{"external_id":"eve",}'],
    ['json-syntax', 'a comment', '{"external_id":"eve"/* */}'],
    ['json-syntax', 'single quotes', "{'external_id':'eve'}"],
    ['json-syntax', 'something behind it', '{"external_id":"eve"}{}'],
    ['json-syntax', 'NaN', '{"external_id":"eve","data":{"a":NaN}}'],
    ['json-syntax', 'a raw line break in a text', '{"external_id":"e\nve"}'],
    ['json-syntax', 'a form', 'external_id=eve'],
    ['json-depth', 'depth 10,000', nested(10_000)],
    ['json-depth', 'depth 10,000 without an end', '['.repeat(10_000)],
    ['json-depth', 'depth 33', nested(31)],
    ['json-duplicate', 'a key twice', '{"external_id":"eve","external_id":"mallory"}'],
    ['json-duplicate', 'a key twice, once with an escape', '{"external_id":"eve","external\\u005fid":"mallory"}'],
    ['json-duplicate', 'a key twice deep inside', '{"external_id":"eve","data":{"a":{"b":1,"b":2}}}'],
    ['json-proto', '__proto__', '{"external_id":"eve","__proto__":{"admin":true}}'],
    ['json-proto', '__proto__ with escapes, in data', '{"external_id":"eve","data":{"\\u005f_proto__":{"admin":true}}}'],
    ['json-type', 'an array', '[{"external_id":"eve"}]'],
    ['json-type', 'a text', '"eve"'],
    ['json-type', 'null', 'null'],
    ['json-type', 'a number', '7'],
    ['json-utf-8', 'latin-1', Buffer.from('{"external_id":"\u00e9ve"}', 'latin1')],
    ['json-utf-8', 'UTF-16', Buffer.from('{"external_id":"eve"}', 'utf16le')],
    ['json-utf-8', 'an overlong slash', Buffer.from('{"external_id":"\u00c0\u00af"}', 'latin1')],
    ['json-utf-8', 'a cut-off character', Buffer.from('{"external_id":"\u00e2\u0082"}', 'latin1')],
    ['json-utf-8', 'a surrogate', Buffer.from('{"external_id":"\u00ed\u00a0\u0080"}', 'latin1')],
    ['json-surrogate', 'half of a pair', '{"external_id":"eve","name":"\\ud83d"}'],
    ['json-empty', 'nothing', ''],
  ])('[BAD http.%s] %s is refused', async (_, __, body) => {
    expectProblem(await post(body), 'invalid_argument');
    expect(await users()).toEqual(['alice', 'bob']);
  });

  it('depth 32 is the most that is taken, and nothing is inherited from what was sent', async () => {
    const user = jsonOf<{ data: object }>(expectOk(await post(nested(30).replace('eve', 'deep'))));
    expect(JSON.stringify(user.data)).toBe(`{"a":${'['.repeat(30)}${']'.repeat(30)}}`);
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });

  it('[BAD http.json-bom] a byte order mark in front is passed over, as RFC 8259 allows', async () => {
    expect(jsonOf(expectOk(await post('\uFEFF{"external_id":"bom"}')))).toMatchObject({ external_id: 'bom' });
    expectProblem(await post('\uFEFF\uFEFF{"external_id":"two"}'), 'invalid_argument');
  });
});

describe('fields', () => {
  const IDS = ['id', 'app_id', 'tenant_id', 'created_ms', 'updated_ms', 'tokens_not_before_ms', 'admin', 'scopes', 'constructor', 'toString', 'hasOwnProperty'];

  it.each(IDS)('[BAD http.mass-assignment] %s is refused, in each kind of change', async (name) => {
    const value = { [name]: 0 };
    for (const [id, input] of [
      ['users.create', { external_id: 'eve' }], ['users.update', { user_id: 'ext:alice', name: 'Eve' }],
      ['conversations.create', { member_ids: ['ext:alice'] }], ['conversations.update', { conversation_id: scene.group, name: 'Eve' }],
      ['messages.send', { conversation_id: scene.group, text: 'eve' }], ['marks.set', { conversation_id: scene.group, read_seq: 1, as_user_id: 'ext:alice' }],
    ] as const) {
      expectProblem(await stage.call(id, { ...input, ...value }, { as: scene.key }), 'invalid_argument');
    }
    expect((await stage.done('users.get', { user_id: 'ext:alice' }, { as: scene.key })).name).toBe('');
    expect((await stage.done('conversations.get', { conversation_id: scene.group }, { as: scene.key })).name).toBe('group');
  });

  it('[BAD http.mass-assignment] what stands in the path cannot be said again in the body', async () => {
    for (const user of ['ext:bob', 'ext:alice']) {
      const reply = await stage.ask('PATCH', '/v1/users/ext:alice', { as: scene.key, body: { user_id: user, name: 'Eve' } });
      expect(expectProblem(reply, 'invalid_argument').field).toBe('user_id');
    }
  });

  it('the refusal names the field, and never the value', async () => {
    const sentinel = 'a-very-secret-value';
    for (const [input, field] of [
      [{ external_id: 'eve', name: { sentinel } }, 'name'], [{ external_id: `eve\n${sentinel}` }, 'external_id'], [{ external_id: 'eve', data: [sentinel] }, 'data'],
    ] as const) {
      const reply = await stage.call('users.create', input, { as: scene.key });
      expect(expectProblem(reply, 'invalid_argument').field).toBe(field);
      expect(reply.text).not.toContain(sentinel);
    }
  });
});

describe('texts', () => {
  it.each([
    ["' OR 1=1; DROP TABLE users; --"], ['"; SELECT * FROM messages WHERE text MATCH \'*\''], ['%_*?[]NEAR/2 a* OR "b'], ['<script>alert(1)</script><img src=x onerror=alert(1)>'],
    ['{{constructor.constructor("return 1")()}} ${7*7} %s %n'], ['../../etc/passwd'], ['\u0000\u0001\u001b[31mred\u007f'], ['line one\r\nSet-Cookie: a=b\r\n\r\nline two'],
    ['e\u0301 is not \u00e9'], ['\u202Eevil\u202C \u200b\ufeff'], ['\u{1F468}\u200D\u{1F469}\u200D\u{1F467}\u{10FFFF}'], ['\u2028\u2029'], ['   '],
  ])('[BAD http.text] %j is stored and shown as it was sent', async (text) => {
    const sent = await stage.done('messages.send', { conversation_id: scene.group, text, data: { text } }, { as: scene.alice.token });
    const reply = await stage.call('messages.get', { message_id: sent.id }, { as: scene.bob.token });
    expect(jsonOf(expectOk(reply))).toMatchObject({ text, data: { text } });
    expect(reply.headers.get('content-type')).toBe('application/json');
  });

  it.each([['a line break', 'a\nb'], ['NUL', 'a\u0000'], ['an escape', '\u001b[31m'], ['DEL', '\u007f'], ['C1', '\u009b'], ['the line separator', 'a\u2028b']])(
    '[BAD http.control-characters] %s in a name or an id is refused', async (_, bad) => {
      for (const input of [{ external_id: 'eve', name: bad }, { external_id: bad }]) expectProblem(await stage.call('users.create', input, { as: scene.key }), 'invalid_argument');
      expectProblem(await stage.call('conversations.update', { conversation_id: scene.group, name: bad }, { as: scene.key }), 'invalid_argument');
      expectProblem(await stage.call('users.batch', { user_ids: [`ext:${bad}`] }, { as: scene.key }), 'invalid_argument');
    });
});

describe('the content type', () => {
  const BODY = '{"external_id":"typed"}';

  it.each([['application/json'], ['Application/JSON'], ['application/json; charset=utf-8'], ['application/json;charset="UTF-8"'], ['  application/json ; charset = utf-8 ']])('takes %j', async (type) => {
    expectOk(await post(BODY, { 'content-type': type }));
  });

  it.each([
    ['text/plain'], ['application/x-www-form-urlencoded'], ['multipart/form-data; boundary=x'], ['text/json'], ['application/jsonp'], ['application/json-patch+json'], ['application/problem+json'],
    ['application/json; charset=latin1'], ['application/json; charset=utf-16'], ['application/json; charset=utf-8; charset=latin1'], ['application/json, text/plain'], ['application/json;'], ['application/json; x=y'], ['json'], [''],
  ])('[BAD http.content-type] refuses %j', async (type) => {
    expectProblem(await post('{"external_id":"eve"}', { 'content-type': type }), 'unsupported_media_type');
    expect(await users()).not.toContain('eve');
  });

  it('[BAD http.content-type] refuses a body without one', async () => {
    expectProblem(await rawRequest(stage.port, ['POST /v1/users HTTP/1.1', `Authorization: Bearer ${scene.key}`, `Content-Length: ${BODY.length}`], BODY), 'unsupported_media_type');
  });

  it.each(['gzip', 'deflate', 'br', 'zstd', 'gzip, identity', 'x'])('[BAD http.compressed] refuses a body in %s', async (coding) => {
    expectProblem(await post(gzipSync('{"external_id":"eve"}'), { 'content-encoding': coding }), 'unsupported_media_type');
    expect(await users()).not.toContain('eve');
  });

  it('no body needs no type, and is no fields', async () => {
    const reply = await rawRequest(stage.port, [`POST /v1/keys/${scene.keyId}/rotate HTTP/1.1`, `Authorization: Bearer ${stage.adminKey}`, 'Content-Length: 0']);
    expect(jsonOf(expectOk(reply))).toMatchObject({ app_id: scene.id });
  });
});

it.each(['users.update', 'privacy.set', 'conversations.update', 'conversations.settings', 'conversations.preferences'] as const)('%s that names nothing to change is refused, and no fact', async (id) => {
  const head = async () => (await stage.done('conversations.get', { conversation_id: scene.group }, { as: scene.alice.token })).head_seq;
  const before = await head();
  const place = id.startsWith('conversations.') ? { conversation_id: scene.group } : { user_id: 'me' };
  const { detail } = expectProblem(await stage.call(id, place, { as: scene.alice.token }), 'invalid_argument');
  expect([detail.startsWith('Name what is to change'), await head()]).toEqual([true, before]);
});
