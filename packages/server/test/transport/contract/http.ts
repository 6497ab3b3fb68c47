import { expect, it } from 'vitest';
import type { StartTransport } from '../../../src/gateway/transport-port.js';
import { eventually } from '../support/eventually.js';
import { text } from '../support/rig.js';
import { useRigs } from '../support/rigs.js';

export function httpContract(start: StartTransport): void {
  const rigs = useRigs(start);

  it('brings method, path, query, headers, body and address', async () => {
    const rig = await rigs.start();
    const response = await fetch(`http://127.0.0.1:${rig.port}/v1/a%20b?x=1&y=%C3%A9?z`, { method: 'PATCH', headers: { 'X-One': 'Yes' }, body: 'hällo' });
    expect(response.status).toBe(200);
    const [request] = rig.requests;
    expect(request).toMatchObject({ method: 'PATCH', path: '/v1/a%20b', query: 'x=1&y=%C3%A9?z', address: '127.0.0.1' });
    expect(request!.headers.get('x-one')).toBe('Yes');
    expect(Buffer.from(request!.body).toString()).toBe('hällo');
  });

  it('brings an empty query and an empty body where there is none', async () => {
    const rig = await rigs.start();
    await (await fetch(`http://127.0.0.1:${rig.port}/a`)).text();
    expect(rig.requests[0]).toMatchObject({ method: 'GET', path: '/a', query: '' });
    expect(rig.requests[0]!.body).toHaveLength(0);
  });

  it('joins a header that comes more than once, whatever its name', async () => {
    const rig = await rigs.start();
    const client = rigs.raw(rig);
    client.write('GET /a HTTP/1.1\r\nHost: test\r\nX-A: 1\r\nx-a:  2 \r\nAuthorization: Bearer a\r\nAuthorization: Bearer b\r\nCookie: a=1\r\nCookie: b=2\r\n\r\n');
    await client.untilText('ok');
    const { headers } = rig.requests[0]!;
    expect([headers.get('x-a'), headers.get('authorization'), headers.get('cookie')]).toEqual(['1, 2', 'Bearer a, Bearer b', 'a=1, b=2']);
  });

  it('writes status, headers in their order and the body', async () => {
    const rig = await rigs.start({ http: () => Promise.resolve({ status: 429, headers: [['retry-after', '3'], ['set-cookie', 'a=1'], ['set-cookie', 'b=2']], body: Uint8Array.of(0, 255, 7) }) });
    const response = await fetch(`http://127.0.0.1:${rig.port}/`);
    expect([response.status, response.headers.get('retry-after'), response.headers.getSetCookie()]).toEqual([429, '3', ['a=1', 'b=2']]);
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(Uint8Array.of(0, 255, 7));
  });

  it('says the length of the body itself, in bytes', async () => {
    const rig = await rigs.start({ http: () => Promise.resolve({ status: 200, headers: [['Content-Length', '1'], ['transfer-encoding', 'chunked']], body: 'é' }) });
    const client = rigs.raw(rig);
    client.write('GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n');
    const answer = await client.untilEnd();
    expect(answer.match(/^content-length: .*$/gim)).toEqual([expect.stringMatching(/^content-length: 2$/i)]);
    expect(answer).not.toMatch(/transfer-encoding/i);
    expect(answer.endsWith('\r\n\r\n\xc3\xa9')).toBe(true);
  });

  it('answers many requests on one connection, in order', async () => {
    const rig = await rigs.start({ http: (request) => Promise.resolve(text(200, `got ${request.path}.`)) });
    const client = rigs.raw(rig);
    for (let turn = 0; turn < 50; turn += 1) {
      client.write(`POST /${turn} HTTP/1.1\r\nHost: test\r\nContent-Length: 2\r\n\r\n{}`);
      await client.untilText(`got /${turn}.`);
    }
    expect(rig.requests).toHaveLength(50);
  });

  it('answers HEAD with the length and without the body', async () => {
    const rig = await rigs.start({ http: () => Promise.resolve(text(200, 'twelve bytes')) });
    const client = rigs.raw(rig);
    client.write('HEAD /a HTTP/1.1\r\nHost: test\r\n\r\n');
    await client.untilText('\r\n\r\n');
    client.write('HEAD /b HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n');
    const answer = await client.untilEnd();
    expect(answer.match(/^content-length: 12$/gim)).toHaveLength(2);
    expect(answer).not.toContain('twelve');
    expect(rig.requests.map(({ method }) => method)).toEqual(['HEAD', 'HEAD']);
  });

  it('answers 204 without a length', async () => {
    const rig = await rigs.start({ http: () => Promise.resolve({ status: 204, headers: [], body: '' }) });
    const client = rigs.raw(rig);
    client.write('DELETE /a HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n');
    const answer = await client.untilEnd();
    expect(answer).toMatch(/^HTTP\/1\.1 204 No Content\r\n/);
    expect(answer).not.toMatch(/content-length|transfer-encoding/i);
  });

  it('writes a body that is larger than what the kernel takes at once', async () => {
    const body = Buffer.alloc(16 * 1024 * 1024, 'abcdefgh');
    const rig = await rigs.start({ http: () => Promise.resolve({ status: 200, headers: [], body }) });
    const response = await fetch(`http://127.0.0.1:${rig.port}/`);
    expect(Buffer.from(await response.arrayBuffer()).equals(body)).toBe(true);
  });

  it('[BAD http.header-injection] never lets a header value end its line', async () => {
    const rig = await rigs.start({ http: () => Promise.resolve({ status: 200, headers: [['x-name', 'a\r\nset-cookie: evil=1']], body: 'secret' }) });
    const response = await fetch(`http://127.0.0.1:${rig.port}/`);
    expect([response.status, await response.text(), response.headers.get('set-cookie')]).toEqual([500, '', null]);
  });

  it('[BAD http.gone] survives a client that goes away before the answer', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const rig = await rigs.start({
      async http(request) {
        if (request.path === '/held') await held;
        return text(200, 'alive');
      },
    });
    const client = rigs.raw(rig);
    client.write('GET /held HTTP/1.1\r\nHost: test\r\n\r\n');
    await eventually(() => rig.requests.length === 1);
    client.tcp.resetAndDestroy();
    expect(await (await fetch(`http://127.0.0.1:${rig.port}/other`)).text()).toBe('alive');
    release();
    expect(await (await fetch(`http://127.0.0.1:${rig.port}/other`)).text()).toBe('alive');
  });

  it('takes a header of 8 KiB, in pieces', async () => {
    const rig = await rigs.start();
    const client = rigs.raw(rig);
    client.write(`GET /a HTTP/1.1\r\nHost: test\r\nAuthorization: ${'a'.repeat(4096)}`);
    client.write('b'.repeat(4096));
    client.write('\r\n\r\n');
    await client.untilText('ok');
    expect(rig.requests[0]!.headers.get('authorization')).toHaveLength(8192);
  });
}
