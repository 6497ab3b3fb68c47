import { expect, it } from 'vitest';
import type { StartTransport, UpgradeAnswer } from '../../../src/gateway/transport-port.js';
import { eventually } from '../support/eventually.js';
import type { Expectations } from '../support/expectations.js';
import { clientFrame, OPCODE } from '../support/frames.js';
import { HANDSHAKE } from '../support/raw-client.js';
import { accept, type Peer } from '../support/rig.js';
import { useRigs } from '../support/rigs.js';

const FORBIDDEN: UpgradeAnswer<Peer> = {
  accept: false, response: { status: 403, headers: [['content-type', 'application/json'], ['retry-after', '7']], body: '{"code":"origin_not_allowed"}' },
};

export function upgradeContract(start: StartTransport, { earlyData }: Expectations): void {
  const rigs = useRigs(start);

  it('brings what the gateway decides by', async () => {
    const rig = await rigs.start();
    const client = rigs.raw(rig);
    await client.handshake(HANDSHAKE
      .replace('GET / ', 'GET /v1/connect?app=1 ')
      .replace('Upgrade: websocket', 'Upgrade: WebSocket\r\nOrigin: https://app.test\r\nTraceparent: 00-ab-cd-01\r\nX-Forwarded-For: 198.51.100.7\r\nX-Forwarded-For: 10.0.0.1\r\nSec-WebSocket-Protocol: one, two,three'));
    const { request } = await rig.peer(0);
    expect(request).toEqual({
      path: '/v1/connect', query: 'app=1', origin: 'https://app.test', subprotocols: ['one', 'two', 'three'], address: '127.0.0.1',
      forwardedFor: '198.51.100.7, 10.0.0.1', traceparent: '00-ab-cd-01',
    });
  });

  it('leaves out what was not sent', async () => {
    const rig = await rigs.start();
    await rigs.raw(rig).handshake();
    expect((await rig.peer(0)).request).toEqual({ path: '/', query: '', origin: undefined, subprotocols: [], address: '127.0.0.1', forwardedFor: undefined, traceparent: undefined });
  });

  it('answers with the chosen subprotocol', async () => {
    const rig = await rigs.start({ upgrade: (_request, peer) => ({ accept: true, subprotocol: 'two', connection: peer }) });
    const client = await rigs.connect(rig, ['one', 'two']);
    expect(client.ws.protocol).toBe('two');
  });

  it('names no subprotocol and no extension where none was chosen', async () => {
    const rig = await rigs.start();
    const client = rigs.raw(rig);
    await client.handshake(HANDSHAKE.replace('Upgrade: websocket', 'Upgrade: websocket\r\nSec-WebSocket-Extensions: permessage-deflate'));
    expect(client.text).not.toMatch(/sec-websocket-(?:protocol|extensions)/i);
  });

  it('opens many sockets whose answers took a moment, and loses none', async () => {
    const rig = await rigs.start({ upgrade: (_request, peer) => Promise.resolve(accept(peer)), open: (peer) => peer.open.send(Buffer.from('welcome'), true) });
    const clients = await Promise.all(Array.from({ length: 200 }, () => rigs.connect(rig, ['one'])));
    await eventually(() => clients.every((client) => client.received.length === 1));
    expect(rig.peers.flatMap((peer) => peer.closes)).toEqual([]);
  });

  it('opens a socket after an answer that took a while', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const rig = await rigs.start({ upgrade: (_request, peer) => held.then(() => accept(peer)) });
    const connecting = rigs.connect(rig, ['one']);
    expect((await fetch(`http://127.0.0.1:${rig.port}/`)).status).toBe(200);
    release();
    const client = await connecting;
    client.ws.send('hello');
    const peer = await rig.peer(0);
    await eventually(() => peer.messages.length === 1);
    expect(peer.messages[0]!.bytes.toString()).toBe('hello');
  });

  it(`[BAD ws.early-data] what a client sends before its handshake is answered: ${earlyData}`, async () => {
    const rig = await rigs.start();
    const client = rigs.raw(rig);
    client.write(Buffer.concat([Buffer.from(HANDSHAKE), clientFrame({ opcode: OPCODE.binary, payload: Buffer.from('ab') })]));
    if (earlyData === 'brought') {
      const peer = await rig.peer(0);
      await eventually(() => peer.messages.length === 1);
      expect(peer.messages[0]).toEqual({ bytes: Buffer.from('ab'), binary: true });
    } else {
      // RFC 6455 lets no client send before the answer, and none can: this one's frame is not seen, and what follows is.
      const peer = await rig.peer(0);
      client.write(clientFrame({ opcode: OPCODE.binary, payload: Buffer.from('later') }));
      await eventually(() => peer.messages.length === 1);
      expect(peer.messages[0]!.bytes.toString()).toBe('later');
    }
    expect((await fetch(`http://127.0.0.1:${rig.port}/`)).status).toBe(200);
  });

  it('refuses with status and body, before the upgrade', async () => {
    const rig = await rigs.start({ upgrade: () => FORBIDDEN });
    const client = rigs.raw(rig);
    client.write(HANDSHAKE);
    const answer = await client.untilEnd();
    expect(answer).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n/);
    expect(answer).toMatch(/\r\ncontent-type: application\/json\r\n/i);
    expect(answer.endsWith('\r\n\r\n{"code":"origin_not_allowed"}')).toBe(true);
    expect(rig.peers).toEqual([]);
  });

  it.each(['accepts', 'refuses'])('[BAD ws.gone] a client that goes away while the gateway thinks: it then %s', async (verdict) => {
    const answers: (() => void)[] = [];
    const rig = await rigs.start({
      upgrade: (_request, peer) => new Promise((resolve) => void answers.push(() => resolve(verdict === 'accepts' ? accept(peer) : FORBIDDEN))),
    });
    const [reset, polite, alive] = [rigs.raw(rig), rigs.raw(rig), rigs.raw(rig)];
    for (const client of [reset, polite, alive]) client.write(HANDSHAKE);
    await eventually(() => answers.length === 3);
    reset.tcp.resetAndDestroy();
    polite.tcp.destroy();
    await fetch(`http://127.0.0.1:${rig.port}/`);
    for (const answer of answers) answer();
    await alive.untilText(verdict === 'accepts' ? ' 101 ' : ' 403 ');
    // Whether the end was seen before or after the answer: what was opened is closed.
    await eventually(() => rig.peers.filter(({ closes }) => closes.length === 0).length === (verdict === 'accepts' ? 1 : 0));
    expect(rig.peers.every(({ closes }) => closes.length <= 1)).toBe(true);
  });

  it.each([
    ['another version', HANDSHAKE.replace('Version: 13', 'Version: 12')],
    ['no version', HANDSHAKE.replace('Sec-WebSocket-Version: 13\r\n', '')],
    ['a key that is none', HANDSHAKE.replace('dGhlIHNhbXBsZSBub25jZQ==', '????????????????????????')],
  ])('[BAD ws.handshake] refuses %s', async (_name, request) => {
    const rig = await rigs.start();
    const client = rigs.raw(rig);
    client.write(request);
    expect(await client.untilEnd()).toMatch(/^HTTP\/1\.1 400 .*refused: bad_request$/s);
    expect(rig.peers).toEqual([]);
  });

  it.each([
    ['another protocol', 'GET /plain HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n', 'GET'],
    ['another method', HANDSHAKE.replace('GET / ', 'POST /plain '), 'POST'],
  ])('answers a request to upgrade with %s as plain HTTP', async (_name, request, method) => {
    const rig = await rigs.start();
    const client = rigs.raw(rig);
    client.write(request);
    await client.untilText('\r\n\r\nok');
    expect(client.text).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(rig.requests).toMatchObject([{ method, path: '/plain' }]);
    expect(rig.peers).toEqual([]);
  });
}
