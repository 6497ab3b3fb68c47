import { expect, it } from 'vitest';
import type { StartTransport } from '../../../src/gateway/transport-port.js';
import type { Expectations } from '../support/expectations.js';
import { BOUNDS } from '../support/rig.js';
import { useRigs } from '../support/rigs.js';

const MAX = BOUNDS.body_bytes_max;
const POST = 'POST /a HTTP/1.1\r\nHost: test\r\n';

const chunk = (bytes: number): string => `${bytes.toString(16)}\r\n${'x'.repeat(bytes)}\r\n`;

export function httpBoundsContract(start: StartTransport, expectations: Expectations): void {
  const rigs = useRigs(start);

  it('takes a body of exactly the limit, with a length and in chunks', async () => {
    const rig = await rigs.start();
    const counted = rigs.raw(rig);
    counted.write(`${POST}Content-Length: ${MAX}\r\n\r\n${'x'.repeat(MAX)}`);
    await counted.untilText('ok');
    const chunked = rigs.raw(rig);
    chunked.write(`${POST}Transfer-Encoding: chunked\r\n\r\n${chunk(MAX - 1)}${chunk(1)}0\r\n\r\n`);
    await chunked.untilText('ok');
    expect(rig.requests.map(({ body }) => body.length)).toEqual([MAX, MAX]);
  });

  it('[BAD http.oversized-body] refuses one byte more by its length alone, before it comes', async () => {
    const rig = await rigs.start();
    const client = rigs.raw(rig);
    client.write(`${POST}Content-Length: ${MAX + 1}\r\n\r\n`);
    expect(await client.untilEnd()).toMatch(/^HTTP\/1\.1 413 .*refused: too_large$/s);
    expect(rig.requests).toEqual([]);
  });

  it('[BAD http.oversized-body-chunked] refuses one byte more in chunks, before the last chunk', async () => {
    const rig = await rigs.start();
    const client = rigs.raw(rig);
    client.write(`${POST}Transfer-Encoding: chunked\r\n\r\n${chunk(MAX)}${chunk(1)}`);
    expect(await client.untilEnd()).toMatch(/^HTTP\/1\.1 413 .*refused: too_large$/s);
    expect(rig.requests).toEqual([]);
  });

  it('[BAD http.oversized-body] the answer reaches a client that sends on', async () => {
    const rig = await rigs.start();
    for (let turn = 0; turn < 10; turn += 1) {
      const response = await fetch(`http://127.0.0.1:${rig.port}/a`, { method: 'POST', body: Buffer.alloc(1024 * 1024) });
      expect([response.status, await response.text()]).toEqual([413, 'refused: too_large']);
    }
    expect(rig.requests).toEqual([]);
  });

  it('[BAD http.slow-body] answers 408 when the body does not come', async () => {
    const rig = await rigs.start({ bounds: { request_timeout_ms: 200 } });
    const client = rigs.raw(rig);
    client.write(`${POST}Content-Length: 10\r\n\r\nabc`);
    expect(await client.untilEnd()).toMatch(/^HTTP\/1\.1 408 .*refused: request_timeout$/s);
    expect(rig.requests).toEqual([]);
  });

  it('[BAD http.slow-body] answers 408 when the body trickles', async () => {
    const rig = await rigs.start({ bounds: { request_timeout_ms: 200 } });
    const client = rigs.raw(rig);
    client.write(`${POST}Transfer-Encoding: chunked\r\n\r\n`);
    const trickle = setInterval(() => client.write(chunk(1)), 20);
    const answer = await client.untilEnd();
    clearInterval(trickle);
    expect(answer).toMatch(/^HTTP\/1\.1 408 .*refused: request_timeout$/s);
    expect(rig.requests).toEqual([]);
  });

  it('gives a handler as long as it wants, once the body is there', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const rig = await rigs.start({ bounds: { request_timeout_ms: 50 }, http: () => held.then(() => ({ status: 200, headers: [], body: 'late' })) });
    const client = rigs.raw(rig);
    client.write(`${POST}Content-Length: 3\r\n\r\nabc`);
    // A request that is never complete is timed out meanwhile, so the limit has passed for the other one as well.
    const other = rigs.raw(rig);
    other.write(`${POST}Content-Length: 3\r\n\r\nab`);
    await other.untilEnd();
    release();
    await client.untilText('late');
    expect(client.text).toMatch(/^HTTP\/1\.1 200 /);
  });

  it(`[BAD http.slow-headers] ${expectations.slowHeaders === 408 ? 'answers 408' : 'ends the connection'} when the headers do not come`, async () => {
    const rig = await rigs.start({ bounds: { request_timeout_ms: 200 } });
    const client = rigs.raw(rig);
    client.write('GET /a HTTP/1.1\r\nHost: te');
    const answer = await client.untilEnd();
    if (expectations.slowHeaders === 408) expect(answer).toMatch(/^HTTP\/1\.1 408 .*refused: request_timeout$/s);
    else expect(answer).toBe('');
    expect(rig.requests).toEqual([]);
  });

  it('[BAD http.huge-headers] refuses headers over 16 KiB', async () => {
    const rig = await rigs.start();
    const client = rigs.raw(rig);
    client.write(`GET /a HTTP/1.1\r\nHost: test\r\nX-A: ${'a'.repeat(20_000)}\r\n\r\n`);
    expect(await client.untilEnd()).toMatch(new RegExp(`^HTTP/1.1 ${expectations.hugeHeaders} `));
    expect(rig.requests).toEqual([]);
  });
}
