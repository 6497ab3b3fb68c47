/** Idempotency-Key: a command is done once, and answered as often as it is asked for. */
import type { OperationId } from '@talaria/protocol/operations';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { admin } from '../gateway/world.js';
import { rawRequest } from './support/raw-http.js';
import { expectOk, expectProblem, jsonOf } from './support/reply.js';
import { startStage, type Input, type Scene, type Stage } from './support/stage.js';

interface Result { readonly id: string; readonly conversation_id: string; readonly seq: number; readonly time_ms: number; readonly duplicate: boolean }

let stage: Stage;
let scene: Scene;
let keys = 0;
const newKey = (): string => `key ${++keys}`;

beforeAll(async () => {
  stage = await startStage();
});
beforeEach(async () => {
  scene = await stage.scene();
});
afterAll(() => stage.stop());

const send = (text: string, key: string, as = scene.alice.token) => stage.call('messages.send', { conversation_id: scene.group, text }, { as, headers: { 'idempotency-key': key } });
const texts = async (): Promise<string[]> => (await stage.done('messages.list', { conversation_id: scene.group }, { as: scene.key })).items.map(({ text }) => text);

/** Every command, on things that are there. */
const COMMANDS: readonly (readonly [OperationId, (things: { readonly group: string; readonly message: string; readonly seq: number }) => Input, Input])[] = [
  ['conversations.create', () => ({ member_ids: ['ext:bob'], name: 'one' }), { name: 'two' }],
  ['conversations.update', ({ group }) => ({ conversation_id: group, name: 'one' }), { name: 'two' }],
  ['members.add', ({ group }) => ({ conversation_id: group, member_ids: ['ext:carol'] }), { role: 'reader' }],
  ['members.update', ({ group }) => ({ conversation_id: group, user_id: 'ext:bob', role: 'reader' }), { role: 'admin' }],
  ['members.remove', ({ group }) => ({ conversation_id: group, user_id: 'ext:bob' }), { user_id: 'ext:alice' }],
  ['messages.send', ({ group }) => ({ conversation_id: group, text: 'one' }), { silent: true }],
  ['messages.edit', ({ message }) => ({ message_id: message, text: 'one' }), { data: {} }],
  ['messages.delete', ({ message }) => ({ message_id: message, as_user_id: 'ext:alice' }), { as_user_id: 'ext:bob' }],
  ['marks.unread', ({ group, seq }) => ({ conversation_id: group, from_seq: seq, as_user_id: 'ext:alice' }), { from_seq: 1 }],
];

it('[SND2] a forward is answered again when what it sent on has been deleted, or is not to be seen any more', async () => {
  const { conversation_id: apart } = await stage.done('conversations.create', { member_ids: ['ext:bob'] }, { as: scene.key });
  const message = await stage.done('messages.send', { conversation_id: apart, text: 'x' }, { as: scene.key });
  const forward = (key: string) => stage.call('messages.forward', { message_id: message.id, conversation_id: scene.group }, { as: scene.bob.token, headers: { 'idempotency-key': key } });
  const key = newKey();
  const result = jsonOf<Result>(expectOk(await forward(key)));
  for (const away of [
    () => stage.done('messages.delete', { message_id: message.id }, { as: scene.key }), () => stage.done('members.remove', { conversation_id: apart, user_id: 'ext:bob' }, { as: scene.key }),
  ]) {
    await away();
    expect(jsonOf(expectOk(await forward(key)))).toEqual({ ...result, duplicate: true });
    expectProblem(await forward(newKey()), 'gone');
  }
  expect(await texts()).toEqual(['x']);
});

describe.each(COMMANDS)('%s', (id, input, other) => {
  it('[SND1,SND2,SND3] is done once under its key, and another request under the key is refused', async () => {
    await stage.done('users.create', { external_id: 'carol' }, { as: scene.key });
    const message = await stage.done('messages.send', { conversation_id: scene.group, text: 'x', as_user_id: 'ext:alice' }, { as: scene.key });
    const given = { as_user_id: 'ext:alice', ...input({ group: scene.group, message: message.id, seq: message.seq }) };
    const ask = { as: scene.key, headers: { 'idempotency-key': newKey() } };
    const first = await stage.call(id, given, ask);
    const result = jsonOf<Result>(expectOk(first));
    expect(result.duplicate).toBe(false);
    expect(first.headers.get('idempotency-key')).toBe(ask.headers['idempotency-key']);
    const head = async (): Promise<number> => (await stage.done('conversations.get', { conversation_id: result.conversation_id }, { as: scene.key })).head_seq;
    const before = await head();

    for (let turn = 0; turn < 2; turn += 1) expect(jsonOf(expectOk(await stage.call(id, given, ask)))).toEqual({ ...result, duplicate: true });
    expectProblem(await stage.call(id, { ...given, ...other }, ask), 'idempotency_mismatch');
    expect(await head()).toBe(before);
    // The refused one has not taken the place of the first.
    expect(jsonOf(expectOk(await stage.call(id, given, ask)))).toEqual({ ...result, duplicate: true });
  });
});

describe('keys', () => {
  it('[SND2] without one the answer names the one that was made, and by it the command is known again', async () => {
    const first = await stage.call('messages.send', { conversation_id: scene.group, text: 'once' }, { as: scene.alice.token });
    const key = first.headers.get('idempotency-key')!;
    expect(key).toMatch(/^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-/);
    expect(jsonOf(await send('once', key))).toEqual({ ...jsonOf<Result>(first), duplicate: true });
    const second = await stage.call('messages.send', { conversation_id: scene.group, text: 'once' }, { as: scene.alice.token });
    expect(jsonOf<Result>(second).duplicate).toBe(false);
    expect(await texts()).toEqual(['once', 'once']);
  });

  it('[SND2] ten at once are done once', async () => {
    const key = newKey();
    const all = await Promise.all(Array.from({ length: 10 }, async () => jsonOf<Result>(expectOk(await send('at once', key)))));
    expect(all.filter(({ duplicate }) => !duplicate)).toHaveLength(1);
    expect(new Set(all.map(({ id }) => id)).size).toBe(1);
    expect(await texts()).toEqual(['at once']);
  });

  it('[SND2] the keys of an app find the commands of each other, also after a rotation', async () => {
    const key = newKey();
    const first = jsonOf<Result>(expectOk(await send('order 7', key, scene.key)));
    const other = await stage.world.op(admin, 'keys.create', { app_id: scene.id });
    const next = await stage.done('keys.rotate', { key_id: scene.keyId, overlap_s: 0 }, { as: stage.adminKey });
    expectProblem(await send('order 7', key, scene.key), 'invalid_token');
    for (const as of [other.secret, next.secret]) {
      expect(jsonOf(expectOk(await send('order 7', key, as)))).toEqual({ ...first, duplicate: true });
      expectProblem(await send('order 8', key, as), 'idempotency_mismatch');
    }
    expect((await stage.done('messages.list', { conversation_id: scene.group }, { as: next.secret })).items.map(({ text }) => text)).toEqual(['order 7']);
  });

  it('[SND2] a key is its user’s own: another user, and the backend, use the same one for something else', async () => {
    const key = newKey();
    for (const [text, as] of [['of alice', scene.alice.token], ['of bob', scene.bob.token], ['of the backend', scene.key]] as const) {
      expect(jsonOf<Result>(expectOk(await send(text, key, as))).duplicate).toBe(false);
    }
    expect(await texts()).toEqual(['of alice', 'of bob', 'of the backend']);
  });

  it('[SND2] a repeat is answered although the command would be refused by now', async () => {
    const key = newKey();
    const first = jsonOf<Result>(expectOk(await send('before I go', key, scene.bob.token)));
    await stage.done('members.remove', { conversation_id: scene.group, user_id: 'me' }, { as: scene.bob.token });
    expectProblem(await send('after I went', newKey(), scene.bob.token), 'not_found');
    expect(jsonOf(expectOk(await send('before I go', key, scene.bob.token)))).toEqual({ ...first, duplicate: true });
  });

  it('[SND2] a refused command leaves its key free', async () => {
    const key = newKey();
    expectProblem(await stage.call('messages.send', { conversation_id: scene.group, text: '' }, { as: scene.alice.token, headers: { 'idempotency-key': key } }), 'invalid_argument');
    expect(jsonOf<Result>(expectOk(await send('now with text', key))).duplicate).toBe(false);
  });

  it('[SND3] white space and the order of fields make no other request, but other data does', async () => {
    const key = newKey();
    const ask = (body: string) => stage.ask('POST', '/v1/messages', { as: scene.alice.token, headers: { 'content-type': 'application/json', 'idempotency-key': key }, body: Buffer.from(body) });
    const first = jsonOf<Result>(expectOk(await ask(`{"conversation_id":"${scene.group}","text":"a\\u0062c","data":{"n":1.0}}`)));
    expect(jsonOf(expectOk(await ask(` { "data" : { "n" : 1 } ,\n"text":"abc", "silent":false, "conversation_id":"${scene.group}"}`)))).toEqual({ ...first, duplicate: true });
    expectProblem(await ask(`{"conversation_id":"${scene.group}","text":"abc","data":{"n":2}}`), 'idempotency_mismatch');
  });

  it('operations that are no commands take none and name none', async () => {
    const reply = await stage.call('users.get', { user_id: 'me' }, { as: scene.alice.token, headers: { 'idempotency-key': 'of no use' } });
    expect(expectOk(reply).headers.has('idempotency-key')).toBe(false);
  });

  it.each([
    ['128 characters', 'k'.repeat(128)], ['one character', '!'], ['marks and spaces', '~ /{"}\\?#% ,;= x'], ['a key in capitals', '0199A3C0-1C2D-7E3F-8A4B-5C6D7E8F9A0B'],
  ])('takes %s', async (_, key) => {
    const reply = await send('hello', key);
    expect(expectOk(reply).headers.get('idempotency-key')).toBe(key);
    expect(jsonOf<Result>(await send('hello', key)).duplicate).toBe(true);
  });

  it.each([
    ['129 characters', 'k'.repeat(129)], ['nothing', ''], ['spaces only', '   '], ['latin-1', 'caf\u00e9s'], ['UTF-8', 'caf\u00c3\u00a9s'], ['a tab inside', 'a\tb'],
  ])('[BAD http.idempotency-key] refuses %s', async (_, key) => {
    const lines = ['POST /v1/messages HTTP/1.1', `Authorization: Bearer ${scene.alice.token}`, 'Content-Type: application/json', `Idempotency-Key: ${key}`];
    const body = JSON.stringify({ conversation_id: scene.group, text: 'hello' });
    const reply = await rawRequest(stage.port, [...lines, `Content-Length: ${body.length}`], body);
    expect(expectProblem(reply, 'invalid_argument').field).toBe('Idempotency-Key');
    expect(await texts()).toEqual([]);
  });

  it('[BAD http.idempotency-key] two headers are one key of both, never the first of them', async () => {
    const body = JSON.stringify({ conversation_id: scene.group, text: 'hello' });
    const lines = ['POST /v1/messages HTTP/1.1', `Authorization: Bearer ${scene.alice.token}`, 'Content-Type: application/json', 'Idempotency-Key: a', 'Idempotency-Key: b'];
    const reply = await rawRequest(stage.port, [...lines, `Content-Length: ${body.length}`], body);
    expect(expectOk(reply).headers.get('idempotency-key')).toBe('a, b');
  });
});
