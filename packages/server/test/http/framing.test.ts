/** Requests that two readers could read in two ways, that are too large, or that never end. For each transport. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HttpResponse } from '../../src/gateway/transport-port.js';
import { RawConnection, rawRequest } from './support/raw-http.js';
import { expectOk, expectProblem, type Reply } from './support/reply.js';
import { startStage, type Scene, type Stage } from './support/stage.js';

const BODY_BYTES_MAX = 262_144;

describe.each(['uws', 'ws'] as const)('over %s', (transport) => {
  let stage: Stage;
  let scene: Scene;
  let refuse: (reason: 'too_large' | 'request_timeout' | 'bad_request') => HttpResponse;

  beforeAll(async () => {
    stage = await startStage({
      transport,
      wrapTransport: (start) => (options, handlers) => {
        refuse = handlers.refuseHttp;
        return start(options, handlers);
      },
    });
    scene = await stage.scene();
  });
  afterAll(() => stage.stop());

  const head = (...more: readonly string[]): string[] => ['POST /v1/users HTTP/1.1', `Authorization: Bearer ${scene.key}`, 'Content-Type: application/json', ...more];
  const users = async (): Promise<string[]> => (await stage.done('users.list', {}, { as: scene.key })).items.map(({ external_id: id }) => id);
  const BODY = '{"external_id":"eve"}';
  const chunked = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n0\r\n\r\n`;
  const large = (bytes: number): string => `{"external_id":"large","name":"${' '.repeat(bytes - 33)}"}`;

  it.each<[string, () => Promise<Reply>]>([
    ['Content-Length and Transfer-Encoding', () => rawRequest(stage.port, head(`Content-Length: ${BODY.length}`, 'Transfer-Encoding: chunked'), chunked(BODY))],
    ['Transfer-Encoding and Content-Length', () => rawRequest(stage.port, head('Transfer-Encoding: chunked', 'Content-Length: 4'), chunked(BODY))],
    ['two lengths', () => rawRequest(stage.port, head('Content-Length: 4', `Content-Length: ${BODY.length}`), BODY)],
    ['the same length twice', () => rawRequest(stage.port, head(`Content-Length: ${BODY.length}`, `Content-Length: ${BODY.length}`), BODY)],
    ['a negative length', () => rawRequest(stage.port, head('Content-Length: -1'), BODY)],
    ['another coding', () => rawRequest(stage.port, head('Transfer-Encoding: gzip, chunked'), chunked(BODY))],
  ])('[BAD http.smuggling] %s is refused, and nothing is done', async (_, ask) => {
    const reply = await ask().catch(() => undefined);
    // What the library cannot read it answers itself, or cuts off; where it is ours to say, it is a problem document.
    if (reply?.headers.has('talaria-request-id')) expectProblem(reply, 'invalid_argument');
    expect([400, 501, undefined]).toContain(reply?.status);
    expect(await users()).toEqual(['alice', 'bob']);
  });

  it('[BAD http.oversized-body] one byte too many is refused by its length, before it comes', async () => {
    expectProblem(await rawRequest(stage.port, head(`Content-Length: ${BODY_BYTES_MAX + 1}`)), 'too_large');
    expectProblem(await stage.ask('POST', '/v1/users', { as: scene.key, body: Buffer.from(large(BODY_BYTES_MAX + 1)) }), 'too_large');
  });

  it('[BAD http.oversized-body-chunked] one byte too many in chunks is refused', async () => {
    expectProblem(await rawRequest(stage.port, head('Transfer-Encoding: chunked'), chunked(large(BODY_BYTES_MAX + 1))), 'too_large');
    expect(await users()).toEqual(['alice', 'bob']);
  });

  it('a body of exactly the limit is read, with a length and in chunks', async () => {
    const text = large(BODY_BYTES_MAX);
    expect(text).toHaveLength(BODY_BYTES_MAX);
    // Read, and then refused for what is in it.
    expect(expectProblem(await stage.ask('POST', '/v1/users', { as: scene.key, body: Buffer.from(text) }), 'invalid_argument').field).toBe('name');
    expect(expectProblem(await rawRequest(stage.port, head('Transfer-Encoding: chunked'), chunked(text)), 'invalid_argument').field).toBe('name');
  });

  it('[BAD http.slow-body] what the transport refuses is a problem document with a line in the log', () => {
    for (const [reason, code] of [['request_timeout', 'request_timeout'], ['too_large', 'too_large'], ['bad_request', 'invalid_argument']] as const) {
      const { status, headers, body } = refuse(reason);
      const document = expectProblem({ status, headers: new Headers(headers.map(([name, value]): [string, string] => [name, value])), text: String(body) }, code);
      expect(stage.log.lines).toContainEqual({ level: 'debug', event: 'http.unread', fields: { request: document.request_id, code } });
    }
  });

  it('one connection serves one request after the other, refused ones too', async () => {
    const connection = new RawConnection(stage.port);
    const get = (path: string): Promise<Reply> => connection.request([`GET ${path} HTTP/1.1`, `Authorization: Bearer ${scene.key}`]);
    for (let turn = 0; turn < 3; turn += 1) {
      expectOk(await get('/v1/users/ext:alice'));
      expectProblem(await get('/v1/users/ext:nobody'), 'not_found');
      expectProblem(await get('/v1/nothing'), 'not_found');
      expect((await connection.request(['HEAD /v1/users/ext:alice HTTP/1.1', `Authorization: Bearer ${scene.key}`])).status).toBe(200);
    }
    connection.end();
  });

  it('[BAD http.header-injection] an Origin with strange bytes breaks no answer', async () => {
    for (const origin of ['https://\u00e9.example', 'https://a\u00ff.example', 'x'.repeat(2_000), 'a, b', '"><script>']) {
      const reply = await rawRequest(stage.port, ['GET /v1/users/me HTTP/1.1', `Authorization: Bearer ${scene.alice.token}`, `Origin: ${origin}`]);
      expect([200, 400, 403], JSON.stringify(origin)).toContain(reply.status);
      expect(reply.text).not.toBe('');
    }
  });
});
