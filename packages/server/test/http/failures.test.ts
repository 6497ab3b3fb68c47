/** What went wrong on the server's side, and what callers learn of it. */
import { ProtocolError } from '@talaria/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AppendOutcome } from '../../src/storage/command.js';
import type { Storage } from '../../src/storage/port.js';
import { rawRequest } from './support/raw-http.js';
import { expectOk, expectProblem, expectSecured } from './support/reply.js';
import { startStage, type Scene, type Stage } from './support/stage.js';

let stage: Stage;
let scene: Scene;
/** What the storage does instead of its work. */
let broken: Partial<Storage> = {};

beforeAll(async () => {
  stage = await startStage({
    wrapStorage: (storage) => new Proxy(storage, { get: (target, name) => Reflect.get(name in broken ? broken : target, name) as unknown }),
  });
  scene = await stage.scene();
});
afterAll(() => stage.stop());

async function whileBroken<Result>(parts: Partial<Storage>, run: () => Promise<Result>): Promise<Result> {
  broken = parts;
  return run().finally(() => {
    broken = {};
  });
}

const SENTINEL = 'SELECT secret_column FROM secret_table';
/** A method of the storage that throws anything. */
const fails = (thrown: unknown) => async (): Promise<never> => {
  throw thrown;
};
const send = (text = 'x') => stage.call('messages.send', { conversation_id: scene.group, text }, { as: scene.alice.token, headers: { 'idempotency-key': text } });
const list = () => stage.call('users.list', {}, { as: scene.key });
const refused = (code: 'unavailable' | 'insufficient_storage' | 'overloaded' | 'draining' | 'internal', retryAfterMs?: number): Partial<Storage> => {
  const outcome: AppendOutcome = { ok: false, refusal: { code, message: 'No.', ...(retryAfterMs !== undefined && { retryAfterMs }) } };
  return { append: () => Promise.resolve(outcome) };
};

describe('an exception that nobody expected', () => {
  it.each<[string, unknown]>([
    ['an error', new Error(SENTINEL)], ['an error with a cause', new TypeError(SENTINEL, { cause: new Error(SENTINEL) })], ['a text', SENTINEL], ['an object', { message: SENTINEL, status: 200, code: 'not_found' }], ['nothing', undefined],
    ['an internal refusal', new ProtocolError('internal', undefined, { cause: new Error(SENTINEL) })],
  ])('%s is an internal error, whose reason stands in the log only', async (_, thrown) => {
    const before = stage.log.lines.length;
    const reply = await whileBroken({ users: fails(thrown) }, list);
    const { request_id: id, detail } = expectProblem(reply, 'internal');
    expect(detail).toBe('The server made an error.');
    expect(reply.text).not.toMatch(/secret_|\.ts|node_modules|\bat /);
    const lines = stage.log.lines.slice(before);
    const failed = lines.find(({ event }) => event === 'http.failed');
    expect(failed).toMatchObject({ level: 'error', fields: { request: id, operation: 'users.list', app: scene.id, key: scene.keyId } });
    if (thrown instanceof Error) expect(failed?.fields).toMatchObject({ reason: SENTINEL, at: expect.stringMatching(/^at /) });
    expect(stage.log.ofRequest(id).fields).toMatchObject({ status: 500, code: 'internal' });
    // And the server goes on.
    expectOk(await list());
  });

  it.each([
    ['a user', 'users', () => stage.call('users.list', {}, { as: scene.key })],
    ['a conversation', 'inbox', () => stage.call('inbox.list', { user_id: 'me' }, { as: scene.alice.token })],
    ['a message', 'messages', () => stage.call('messages.list', { conversation_id: scene.group }, { as: scene.alice.token })],
  ] as const)('[RES5] what is stored of %s and comes back damaged is unavailable, and the log says so without its text', async (_, method, ask) => {
    expectOk(await send('before the damage'));
    const { storage } = stage.world.server.domain;
    const damaged = async (...args: unknown[]): Promise<unknown> => {
      const real = Reflect.get(storage, method) as (...args: unknown[]) => Promise<object>;
      broken = {};
      return JSON.parse(JSON.stringify(await real(...args)), (key, value: unknown) => (key === 'data' || key === 'payload' ? `{"${SENTINEL}` : value));
    };
    const before = stage.log.lines.length;
    const reply = await whileBroken({ [method]: damaged }, ask);
    expect(expectProblem(reply, 'unavailable').detail).toBe('What is stored here is damaged.');
    const lines = stage.log.lines.slice(before);
    expect(lines.find(({ event }) => event === 'http.failed')).toMatchObject({ level: 'error', fields: { reason: 'a stored value is not the JSON that was written' } });
    expect(JSON.stringify([reply, lines])).not.toContain('secret_');
    expectOk(await ask());
  });

  it('while it is found out who asks is one too', async () => {
    expectProblem(await whileBroken({ userOfToken: fails(new Error(SENTINEL)) }, () => stage.call('users.get', { user_id: 'me' }, { as: scene.alice.token })), 'internal');
    expectProblem(await whileBroken({ key: fails(new Error(SENTINEL)) }, () => stage.call('users.list', {}, { as: `tk_${'1'.repeat(25)}0_${'0'.repeat(52)}` })), 'internal');
  });

  it('refusals that are expected are no errors in the log', async () => {
    const before = stage.log.lines.length;
    expectProblem(await stage.call('users.get', { user_id: 'ext:nobody' }, { as: scene.key }), 'not_found');
    expectProblem(await stage.ask('GET', '/v1/nothing'), 'not_found');
    expect(stage.log.lines.slice(before).map(({ level }) => level)).toEqual(['debug', 'debug']);
  });
});

describe('[SND5] a storage that does not write', () => {
  it.each([['unavailable', 500], ['insufficient_storage', 2_000], ['overloaded', 250], ['draining', undefined], ['internal', undefined]] as const)(
    'refuses a command as %s, retryable, and the same key does it later', async (code, retryAfterMs) => {
      const text = `kept until later: ${code}`;
      const problem = expectProblem(await whileBroken(refused(code, retryAfterMs), () => send(text)), code);
      expect([problem.retryable, problem.retry_after_ms]).toEqual([true, retryAfterMs]);
      expect(expectOk(await send(text)).text).toContain('"duplicate":false');
      expect(expectOk(await send(text)).text).toContain('"duplicate":true');
    });

  it('refuses what is no command just so', async () => {
    const full = new ProtocolError('insufficient_storage', 'The disk of the server is full.', { retryAfterMs: 2_000 });
    expectProblem(await whileBroken({ createUser: fails(full) }, () => stage.call('users.create', { external_id: 'eve' }, { as: scene.key })), 'insufficient_storage');
    expectProblem(await whileBroken({ mark: () => Promise.resolve({ ok: false, refusal: { code: 'unavailable', message: 'No.', retryAfterMs: 500 } }) }, () =>
      stage.call('marks.set', { conversation_id: scene.group, read_seq: 1 }, { as: scene.alice.token })), 'unavailable');
  });

  it('reads go on, and a lost note of a key’s use is no failure', async () => {
    await whileBroken({ ...refused('unavailable'), updateKey: fails(new ProtocolError('unavailable')) }, async () => {
      expectOk(await list());
      expectOk(await stage.call('messages.list', { conversation_id: scene.group }, { as: scene.alice.token }));
    });
  });
});

describe('every kind of answer', () => {
  it.each<[string, number, () => Promise<{ status: number; headers: Headers; text: string }>]>([
    ['an operation', 200, list],
    ['nothing to say', 204, () => stage.ask('OPTIONS', '/v1/users')],
    ['a redirect', 307, () => stage.ask('GET', '/')],
    ['a page', 200, () => stage.ask('GET', '/docs/api')],
    ['a document', 200, () => stage.ask('GET', '/openapi.json')],
    ['a probe', 200, () => stage.ask('GET', '/livez')],
    ['metrics', 200, () => stage.ask('GET', '/metrics')],
    ['400', 400, () => stage.ask('GET', '/v1/users?x=1', { as: scene.key })],
    ['401', 401, () => stage.ask('GET', '/v1/users')],
    ['403', 403, () => stage.ask('GET', '/v1/users', { as: scene.alice.token })],
    ['404', 404, () => stage.ask('GET', '/v1/nothing')],
    ['405', 405, () => stage.ask('DELETE', '/v1/users')],
    ['413', 413, () => rawRequest(stage.port, ['POST /v1/users HTTP/1.1', 'Content-Length: 300000'])],
    ['415', 415, () => stage.ask('POST', '/v1/users', { as: scene.key, body: {}, headers: { 'content-type': 'text/plain' } })],
    ['500', 500, () => whileBroken({ users: fails(new Error('x')) }, list)],
    ['507', 507, () => whileBroken(refused('insufficient_storage'), send)],
    ['a refused handshake', 404, () => rawRequest(stage.port, ['GET /v1/socket/pk_nobody HTTP/1.1', 'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='])],
    ['a broken handshake', 400, () => rawRequest(stage.port, ['GET /v1/socket/pk_nobody HTTP/1.1', 'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 8', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='])],
  ])('%s has the headers that keep it safe, and its id', async (_, status, ask) => {
    const reply = await ask();
    expect(reply.status).toBe(status);
    expectSecured(reply);
    for (const name of ['server', 'x-powered-by', 'set-cookie', 'access-control-allow-credentials']) expect(reply.headers.has(name), name).toBe(false);
    // No header twice: some readers take the first, some the last.
    expect(reply.headers.get('talaria-request-id')).not.toContain(',');
  });
});
