import { expect, it } from 'vitest';
import type { StartTransport } from '../../../src/gateway/transport-port.js';
import { useRigs } from '../support/rigs.js';

const SMUGGLED = 'GET /smuggled HTTP/1.1\r\nHost: test\r\n\r\n';

/** Each is a request whose end two parsers may see in two places, with a second request in the doubtful part. */
const AMBIGUOUS: readonly (readonly [name: string, request: string])[] = [
  ['length before coding', `POST /a HTTP/1.1\r\nHost: test\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${SMUGGLED}`],
  ['coding before length', `POST /a HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\nContent-Length: ${5 + SMUGGLED.length}\r\n\r\n0\r\n\r\n${SMUGGLED}`],
  ['two lengths, the shorter first', `POST /a HTTP/1.1\r\nHost: test\r\nContent-Length: 0\r\nContent-Length: ${SMUGGLED.length}\r\n\r\n${SMUGGLED}`],
  ['two lengths, the longer first', `POST /a HTTP/1.1\r\nHost: test\r\nContent-Length: ${SMUGGLED.length}\r\nContent-Length: 0\r\n\r\n${SMUGGLED}`],
  ['a list of lengths', `POST /a HTTP/1.1\r\nHost: test\r\nContent-Length: 0, ${SMUGGLED.length}\r\n\r\n${SMUGGLED}`],
  ['a signed length', `POST /a HTTP/1.1\r\nHost: test\r\nContent-Length: +0\r\n\r\n${SMUGGLED}`],
  ['a negative length', `POST /a HTTP/1.1\r\nHost: test\r\nContent-Length: -1\r\n\r\n${SMUGGLED}`],
  ['an endless length', `POST /a HTTP/1.1\r\nHost: test\r\nContent-Length: 99999999999999999999999\r\n\r\n${SMUGGLED}`],
  ['a coding that only looks like chunked', `POST /a HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${SMUGGLED}`],
  ['two codings', `POST /a HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n${SMUGGLED}`],
  ['a space before the colon', `POST /a HTTP/1.1\r\nHost: test\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n${SMUGGLED}`],
  ['a handshake with two lengths', `GET / HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 12\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nContent-Length: 0\r\nContent-Length: ${SMUGGLED.length}\r\n\r\n${SMUGGLED}`],
];

export function smugglingContract(start: StartTransport): void {
  const rigs = useRigs(start);

  it.each(AMBIGUOUS)('[BAD http.smuggling] refuses %s', async (_name, request) => {
    const rig = await rigs.start();
    const client = rigs.raw(rig);
    client.write(request);
    const answer = await client.untilEnd();
    expect(answer).toMatch(/^(?:HTTP\/1\.1 (?:400|413) |$)/);
    expect(answer).not.toContain(' 200 ');
    expect(rig.requests).toEqual([]);
  });

  it.each([
    ['a chunk without a size', 'zz\r\nabcd\r\n0\r\n\r\n'],
    ['a chunk size beyond all numbers', 'FFFFFFFFFFFFFFFFFFFF\r\nabcd'],
  ])('[BAD http.chunks] refuses %s', async (_name, body) => {
    const rig = await rigs.start();
    const client = rigs.raw(rig);
    client.write(`POST /a HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n${body}`);
    expect(await client.untilEnd()).toMatch(/^HTTP\/1\.1 4(?:00|13) /);
    expect(rig.requests).toEqual([]);
  });

  it.each([
    ['what is not HTTP', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n'],
    ['a request for a proxy', 'GET http://other/a HTTP/1.1\r\nHost: test\r\n\r\n'],
    ['an asterisk', 'OPTIONS * HTTP/1.1\r\nHost: test\r\n\r\n'],
    ['NUL in the path', 'GET /a\0b HTTP/1.1\r\nHost: test\r\n\r\n'],
    ['NUL in a header', 'GET /a HTTP/1.1\r\nHost: test\r\nX-A: a\0b\r\n\r\n'],
    ['a folded header', 'GET /a HTTP/1.1\r\nHost: test\r\nX-A: a\r\n b\r\n\r\n'],
    ['no host', 'GET /a HTTP/1.1\r\n\r\n'],
  ])('[BAD http.malformed] refuses %s', async (_name, request) => {
    const rig = await rigs.start();
    const client = rigs.raw(rig);
    client.write(request);
    const answer = await client.untilEnd();
    expect(answer).toMatch(/^HTTP\/1\.1 (?:400|505) /);
    expect(rig.requests).toEqual([]);
    expect((await fetch(`http://127.0.0.1:${rig.port}/a`)).status).toBe(200);
  });
}
