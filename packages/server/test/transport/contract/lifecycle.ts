import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import type { StartTransport } from '../../../src/gateway/transport-port.js';
import { eventually } from '../support/eventually.js';
import type { Expectations } from '../support/expectations.js';
import { HANDSHAKE } from '../support/raw-client.js';
import { startRig, text } from '../support/rig.js';
import { useRigs } from '../support/rigs.js';

export function lifecycleContract(start: StartTransport, { name }: Expectations): void {
  const rigs = useRigs(start);

  it('says its name and the port that it chose', async () => {
    const rig = await rigs.start();
    expect(rig.transport.name).toBe(name);
    expect(rig.port).toBeGreaterThan(0);
    expect((await fetch(`http://127.0.0.1:${rig.port}/`)).status).toBe(200);
  });

  it('rejects with EADDRINUSE when the port is taken by itself', async () => {
    const rig = await rigs.start();
    await expect(startRig(start, { port: rig.port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    expect((await fetch(`http://127.0.0.1:${rig.port}/`)).status).toBe(200);
  });

  it('rejects with EADDRINUSE when the port is taken by another program', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', port: 0 }, resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    await expect(startRig(start, { port: address.port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await new Promise((resolve) => server.close(resolve));
    const rig = await rigs.start({ port: address.port });
    expect(rig.port).toBe(address.port);
  });

  it('rejects with another code when it is not the port', async () => {
    await expect(startRig(start, { host: '192.0.2.1' })).rejects.toMatchObject({ code: 'EADDRNOTAVAIL' });
  });

  it('stopListening refuses new connections and keeps sockets', async () => {
    const rig = await rigs.start({ message: (peer, bytes) => peer.open.send(bytes, true) });
    const client = await rigs.connect(rig);
    const peer = await rig.peer(0);
    rig.transport.stopListening();
    rig.transport.stopListening();
    await expect(fetch(`http://127.0.0.1:${rig.port}/`)).rejects.toThrow('fetch failed');
    await expect(rigs.connect(rig)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    peer.open.join('t');
    client.ws.send('still there');
    expect(await client.gets(1)).toEqual(['still there']);
    rig.transport.publish('t', Buffer.from('published'), true);
    expect(await client.gets(2)).toEqual(['still there', 'published']);
    expect(peer.closes).toEqual([]);
  });

  it('stopListening lets a request that is being served end, and its connection with it', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const rig = await rigs.start({ http: () => held.then(() => text(200, 'served')) });
    const client = rigs.raw(rig);
    client.write('GET /a HTTP/1.1\r\nHost: test\r\n\r\n');
    await eventually(() => rig.requests.length === 1);
    rig.transport.stopListening();
    release();
    expect(await client.untilEnd()).toMatch(/^HTTP\/1\.1 200 .*connection: close.*served$/is);
  });

  it('stopListening opens no socket on a connection that was there before', async () => {
    const rig = await rigs.start();
    const client = rigs.raw(rig);
    client.write('GET /a HTTP/1.1\r\nHost: test\r\n\r\n');
    await client.untilText('ok');
    rig.transport.stopListening();
    client.write(HANDSHAKE);
    expect(await client.untilEnd()).not.toContain(' 101 ');
    expect(rig.peers).toEqual([]);
  });

  it('close ends everything, tells of every socket once, and frees the port', async () => {
    let answer = (): void => undefined;
    const rig = await rigs.start({
      upgrade: (request, peer) => (request.path === '/' ? Promise.resolve({ accept: true, subprotocol: '', connection: peer }) : new Promise((resolve) => {
        answer = () => resolve({ accept: true, subprotocol: '', connection: peer });
      })),
      http: () => new Promise(() => undefined),
    });
    const clients = [await rigs.connect(rig), await rigs.connect(rig)];
    const [request, upgrading, idle] = [rigs.raw(rig), rigs.raw(rig), rigs.raw(rig)];
    request.write('GET /a HTTP/1.1\r\nHost: test\r\n\r\n');
    idle.write('GET /');
    await eventually(() => rig.requests.length === 1);
    upgrading.write(HANDSHAKE.replace('GET / ', 'GET /held '));
    const before = answer;
    await eventually(() => answer !== before);
    await rig.transport.close();
    expect(rig.peers.map(({ closes }) => closes)).toEqual([[1006], [1006]]);
    for (const client of clients) expect((await client.closes()).code).toBe(1006);
    for (const client of [request, upgrading, idle]) expect(await client.untilEnd()).toBe('');
    answer();
    rig.transport.publish('t', Buffer.from('nobody'), true);
    rig.peers[0]!.open.send(Buffer.from('nobody'), true);
    rig.transport.stopListening();
    await rig.transport.close();
    expect(rig.peers).toHaveLength(2);
    const again = await rigs.start({ port: rig.port });
    expect(again.port).toBe(rig.port);
  });

  it('two transports in one process do not hear of each other', async () => {
    const [one, two] = [await rigs.start(), await rigs.start()];
    const [first, second] = [await rigs.connect(one), await rigs.connect(two)];
    one.peers[0]!.open.join('t');
    two.peers[0]!.open.join('t');
    one.transport.publish('t', Buffer.from('one'), true);
    two.transport.publish('t', Buffer.from('two'), true);
    await one.transport.close();
    two.transport.publish('t', Buffer.from('more'), true);
    expect(await second.gets(2)).toEqual(['two', 'more']);
    await first.closes();
    expect(first.texts.filter((each) => each !== 'one')).toEqual([]);
  });

  it('listens on IPv6 and writes addresses the short way', async () => {
    const rig = await rigs.start({ host: '::1' });
    expect((await fetch(`http://[::1]:${rig.port}/`)).status).toBe(200);
    expect(rig.requests[0]!.address).toBe('::1');
  });

  it('calls an IPv4 client of an IPv6 socket by its IPv4 address', async () => {
    const rig = await rigs.start({ host: '::' });
    await rigs.raw(rig).handshake();
    expect((await fetch(`http://127.0.0.1:${rig.port}/`)).status).toBe(200);
    expect(rig.requests[0]!.address).toBe('127.0.0.1');
    expect((await rig.peer(0)).request.address).toBe('127.0.0.1');
  });
}
