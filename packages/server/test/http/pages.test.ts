/** What is no operation: probes, metrics, the API's description. */
import { errorCodes } from '@talaria/protocol';
import { operationIds } from '@talaria/protocol/operations';
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apiPage } from '../../src/http/api-page.js';
import { openApi } from '../../src/http/openapi.js';
import { RawConnection, rawRequest } from './support/raw-http.js';
import { expectOk, expectProblem, expectSecured, jsonOf } from './support/reply.js';
import { startStage, type Scene, type Stage } from './support/stage.js';

let stage: Stage;
let scene: Scene;
let writes = true;

beforeAll(async () => {
  stage = await startStage({ wrapStorage: (storage) => ({ ...storage, ready: () => writes && storage.ready() }) });
  scene = await stage.scene();
});
afterAll(() => stage.stop());

describe('probes', () => {
  it('live as long as the process answers, ready only while the storage takes writes', async () => {
    expect(jsonOf(expectOk(await stage.ask('GET', '/readyz')))).toEqual({ status: 'ready' });
    writes = false;
    expect(jsonOf(expectOk(await stage.ask('GET', '/livez')))).toEqual({ status: 'alive' });
    const reply = await stage.ask('GET', '/readyz');
    expect([reply.status, jsonOf(reply)]).toEqual([503, { status: 'not_ready' }]);
    expectSecured(reply);
    expect(await stage.done('status.get', {}, { as: stage.adminKey })).toMatchObject({ ready: false });
    writes = true;
    expectOk(await stage.ask('GET', '/readyz'));
  });

  // The other transport ends connections on which nothing is asked, at once.
  it('[CLU4] while the server drains it is not ready, and answers what comes on open connections', async () => {
    const leaving = await startStage({ transport: 'uws' });
    const { alice, group, ...app } = await leaving.scene();
    const socket = await leaving.world.client(app, alice.token);
    const connection = new RawConnection(leaving.port);
    const other = new RawConnection(leaving.port);
    for (const one of [connection, other]) expectOk(await one.request(['GET /readyz HTTP/1.1']));
    const drained = leaving.world.server.drain(60_000);
    const reply = await connection.request(['GET /readyz HTTP/1.1']);
    expect([reply.status, jsonOf(reply)]).toEqual([503, { status: 'not_ready' }]);
    const body = JSON.stringify({ conversation_id: group, text: 'one more' });
    const sent = await other.request(['POST /v1/messages HTTP/1.1', `Authorization: Bearer ${alice.token}`, 'Content-Type: application/json', `Content-Length: ${body.length}`], body);
    expect(jsonOf(expectOk(sent))).toMatchObject({ duplicate: false });
    socket.ws.close();
    await drained;
    for (const one of [connection, other]) one.end();
  });
});

describe('metrics', () => {
  const samples = (text: string): string[] => text.split('\n').filter((line) => line.startsWith('talaria_http_request_seconds_count'));

  it('are for this machine without a key', async () => {
    const reply = await stage.ask('GET', '/metrics');
    expect([reply.status, reply.headers.get('content-type')]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
    expectSecured(reply);
    expect(reply.text).toMatch(/^talaria_connections 0$/m);
    expect(reply.text).toMatch(/^talaria_log_position \d+$/m);
  });

  it.each(['x-forwarded-for', 'forwarded', 'via', 'x-real-ip'])('that came through a proxy (%s) are for admin keys', async (name) => {
    const headers = { [name]: '127.0.0.1' };
    expectProblem(await stage.ask('GET', '/metrics', { headers }), 'unauthenticated');
    expectProblem(await stage.ask('GET', '/metrics', { headers, as: `${stage.adminKey}x` }), 'invalid_token');
    for (const as of [scene.key, scene.alice.token]) expectProblem(await stage.ask('GET', '/metrics', { headers, as }), 'forbidden');
    expect((await stage.ask('GET', '/metrics', { headers, as: stage.adminKey })).status).toBe(200);
  });

  it('count requests by operation and status, and by nothing that a caller can choose', async () => {
    const names = async (): Promise<string[]> => samples((await stage.ask('GET', '/metrics')).text);
    const count = async (operation: string, status: number): Promise<number> =>
      Number((await names()).find((line) => line.includes(`operation="${operation}",status="${status}"`))?.split(' ').at(-1) ?? 0);
    const before = await count('users.get', 200);
    for (let turn = 0; turn < 3; turn += 1) expectOk(await stage.call('users.get', { user_id: 'ext:alice' }, { as: scene.key }));
    expect(await count('users.get', 200)).toBe(before + 3);

    await stage.call('users.get', { user_id: scene.bob.id }, { as: scene.alice.token });
    await stage.call('users.get', { user_id: 'ext:sentinel' }, { as: scene.key });
    await stage.call('messages.send', { conversation_id: scene.group, text: 'sentinel' }, { as: scene.alice.token });
    for (const path of ['/sentinel', '/v1/sentinel', '/v1/users/sentinel/sentinel', '/%zz']) await stage.ask('GET', path, { as: 'sentinel' });
    await stage.ask('DELETE', '/v1/users?sentinel=1');
    const all = await names();
    expect(all.join('\n')).not.toMatch(/sentinel|[uacmk]_[\da-z]{20}/);
    const known = new Set<string>([...operationIds, 'none', 'livez', 'readyz', 'metrics', 'docs', 'root', 'openapi']);
    for (const line of all) {
      const [, operation = '', status = ''] = /\{operation="([^"]*)",status="([^"]*)"\} \d+$/.exec(line) ?? [];
      expect(known.has(operation), line).toBe(true);
      expect(status).toMatch(/^[2345]\d\d$/);
    }
    expect(await count('none', 404)).toBeGreaterThanOrEqual(3);
    expect(await count('none', 405)).toBe(1);
  });
});

describe('documents', () => {
  it.each(['/', '/docs'])('%s leads to the API page where no site was built', async (path) => {
    const reply = await stage.ask('GET', path);
    expect([reply.status, reply.headers.get('location'), reply.text]).toEqual([307, '/docs/api', '']);
    expectSecured(reply);
  });

  it('the API page has every operation and every error', async () => {
    const { status, headers, text } = await stage.ask('GET', '/docs/api');
    expect([status, headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    for (const id of operationIds) {
      expect(text).toContain(`<article id="${id}">`);
      expect(text).toContain(`<a href="#${id}">${id}</a>`);
    }
    for (const code of errorCodes) expect(text).toContain(`<td><code>${code}</code></td>`);
    // Every anchor leads somewhere, and to one place.
    const places = [...text.matchAll(/ id="([^"]+)"/g)].map((match) => match[1]!);
    expect(new Set(places).size).toBe(places.length);
    for (const [, anchor] of text.matchAll(/ href="#([^"]+)"/g)) expect(places).toContain(anchor);
  });

  it('the API page runs nothing, loads nothing, and is styled by what its policy names', async () => {
    const reply = await stage.ask('GET', '/docs/api');
    expectSecured(reply);
    expect(reply.text).not.toMatch(/<script|javascript:|\son\w+=|<link|<img|<iframe|<form|style="|https?:\/\//i);
    const style = /<style>([^<]*)<\/style>/.exec(reply.text)?.[1] ?? '';
    expect(style.length).toBeGreaterThan(500);
    expect(reply.headers.get('content-security-policy')).toBe(`default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; frame-ancestors 'none'`);
  });

  it('the API page escapes what it shows', () => {
    const document = openApi('1.0.0 <script>alert(1)</script>');
    const [path, methods] = Object.entries(document.paths)[0]!;
    const evil = '"\'><img src=x onerror=alert(1)>&`<b>`';
    const [method, operation] = Object.entries(methods)[0]!;
    const text = apiPage({
      ...document,
      paths: { ...document.paths, [path + evil]: { [method]: { ...operation, summary: evil, description: evil, parameters: [{ name: evil, in: 'query', required: false, description: evil, schema: { type: 'string', enum: [evil], default: evil } }] } } },
    });
    expect(text).not.toMatch(/<script|<img|<b>/);
    expect(text).toContain('&quot;&#39;&gt;&lt;img src=x onerror=alert(1)&gt;&amp;');
    expect(text).toContain('1.0.0 &lt;script&gt;');
  });

  it('any page may read the description of the API', async () => {
    const reply = await stage.ask('GET', '/openapi.json', { headers: { origin: 'https://tools.example' } });
    expect(expectOk(reply).headers.get('access-control-allow-origin')).toBe('*');
    expect(jsonOf(reply)).toEqual(JSON.parse(JSON.stringify(openApi('test'))));
  });

  it.each(['/livez', '/readyz', '/metrics', '/openapi.json', '/docs/api', '/docs', '/'])('HEAD %s is GET without the body', async (path) => {
    const [head, full] = [await rawRequest(stage.port, [`HEAD ${path} HTTP/1.1`]), await rawRequest(stage.port, [`GET ${path} HTTP/1.1`])];
    expect([head.status, head.text, head.headers.get('content-type'), head.headers.get('location')]).toEqual([full.status, '', full.headers.get('content-type'), full.headers.get('location')]);
    if (path !== '/metrics') expect(head.headers.get('content-length')).toBe(String(Buffer.byteLength(full.text)));
    expectSecured(head);
  });

  it.each(['/livez', '/metrics', '/openapi.json', '/docs/api', '/'])('%s takes no other method', async (path) => {
    const reply = await stage.ask('POST', path);
    expectProblem(reply, 'method_not_allowed');
    expect(reply.headers.get('allow')).toBe('GET, HEAD, OPTIONS');
  });
});
