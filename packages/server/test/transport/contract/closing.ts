import { expect, it } from 'vitest';
import type { StartTransport } from '../../../src/gateway/transport-port.js';
import { eventually, turns } from '../support/eventually.js';
import { clientFrame, OPCODE } from '../support/frames.js';
import { useRigs } from '../support/rigs.js';

export function closingContract(start: StartTransport): void {
  const rigs = useRigs(start);

  it('brings code and reason to the client, after everything that was sent', async () => {
    const rig = await rigs.start();
    const client = await rigs.connect(rig);
    const peer = await rig.peer(0);
    peer.open.join('t');
    peer.open.send(Buffer.from('one'), true);
    rig.transport.publish('t', Buffer.from('two'), true);
    peer.open.close(4003, 'going away, höflich');
    expect(await client.closes()).toEqual({ code: 4003, reason: 'going away, höflich' });
    expect(client.texts).toEqual(['one', 'two']);
    expect(peer.closes).toEqual([4003]);
  });

  it('cuts a reason that is too long between two characters', async () => {
    const rig = await rigs.start();
    const client = await rigs.connect(rig);
    (await rig.peer(0)).open.close(4000, `a${'é'.repeat(100)}`);
    expect(await client.closes()).toEqual({ code: 4000, reason: `a${'é'.repeat(61)}` });
  });

  it('calls `closed` before `close` returns, and then does nothing any more', async () => {
    const rig = await rigs.start();
    const [client, witness] = [await rigs.connect(rig), await rigs.connect(rig)];
    const [peer, other] = [rig.peers[0]!, rig.peers[1]!];
    peer.open.join('t');
    other.open.join('t');
    peer.open.close(4001, 'bye');
    expect(peer.closes).toEqual([4001]);
    peer.open.send(Buffer.from('late'), true);
    peer.open.join('t');
    peer.open.leave('t');
    peer.open.close(4002, 'again');
    peer.open.batch(() => peer.open.send(Buffer.from('late'), true));
    expect(peer.open.buffered()).toBe(0);
    rig.transport.publish('t', Buffer.from('for others'), true);
    expect(await client.closes()).toEqual({ code: 4001, reason: 'bye' });
    expect(await witness.gets(1)).toEqual(['for others']);
    expect(client.received).toEqual([]);
    await turns();
    expect(peer.closes).toEqual([4001]);
  });

  it('brings nothing from a client after `close`', async () => {
    const rig = await rigs.start({ message: (peer) => peer.open.close(4001, 'enough') });
    const client = rigs.raw(rig);
    await client.handshake();
    const frame = clientFrame({ opcode: OPCODE.binary, payload: Buffer.from('x') });
    client.write(Buffer.concat([frame, frame, frame]));
    await eventually(() => client.frames.length > 0);
    client.write(frame);
    client.write(clientFrame({ opcode: OPCODE.close, payload: Buffer.from([0x0f, 0xa1]) }));
    await client.untilEnd();
    const [peer] = rig.peers;
    expect(peer!.messages).toHaveLength(1);
    expect(peer!.closes).toEqual([4001]);
  });

  it.each(['open', 'message', 'drained'] as const)('can be called from inside `%s`', async (place) => {
    const rig = await rigs.start({ [place]: (peer: { open: { close(code: number, reason: string): void } }) => peer.open.close(4005, place) });
    const client = await rigs.connect(rig);
    const peer = await rig.peer(0);
    if (place === 'message') client.ws.send('x');
    if (place === 'drained') {
      client.ws.pause();
      while (peer.open.buffered() === 0) peer.open.send(Buffer.alloc(60_000), true);
      client.ws.resume();
    }
    expect(await client.closes()).toEqual({ code: 4005, reason: place });
    expect(peer.closes).toEqual([4005]);
    expect((await fetch(`http://127.0.0.1:${rig.port}/`)).status).toBe(200);
  });

  it.each([
    ['with a code', (client: { ws: { close(code?: number): void } }) => client.ws.close(4777), 4777],
    ['without a code', (client: { ws: { close(code?: number): void } }) => client.ws.close(), 1005],
    ['by ending the connection', (client: { ws: { terminate(): void } }) => client.ws.terminate(), 1006],
  ] as const)('tells how a client closed: %s', async (_name, close, code) => {
    const rig = await rigs.start();
    const client = await rigs.connect(rig);
    const peer = await rig.peer(0);
    close(client);
    await eventually(() => peer.closes.length > 0);
    await client.closes();
    await turns();
    expect(peer.closes).toEqual([code]);
    peer.open.send(Buffer.from('late'), true);
    peer.open.join('t');
    peer.open.close(4000, '');
    expect(peer.closes).toEqual([code]);
  });

  it('calls `closed` once when both sides close at the same time', async () => {
    const rig = await rigs.start();
    for (let round = 0; round < 50; round += 1) {
      const client = await rigs.connect(rig);
      const peer = await rig.peer(round);
      client.ws.close(4100);
      if (round % 2 === 0) await turns(1);
      peer.open.close(4200, '');
      await client.closes();
    }
    await turns();
    expect(rig.peers.map(({ closes }) => closes.length)).toEqual(rig.peers.map(() => 1));
  });

  it('sends nothing after its close frame, to a client that stays', async () => {
    const rig = await rigs.start();
    const client = rigs.raw(rig);
    await client.handshake();
    const peer = await rig.peer(0);
    peer.open.join('t');
    client.write(clientFrame({ opcode: OPCODE.close, payload: Buffer.from([0x03, 0xe8]) }));
    await eventually(() => client.frames.length > 0);
    peer.open.send(Buffer.from('late'), true);
    rig.transport.publish('t', Buffer.from('late'), true);
    await turns();
    client.tcp.end();
    await client.untilEnd();
    expect(client.frames.map(({ opcode }) => opcode)).toEqual([OPCODE.close]);
    await eventually(() => peer.closes.length > 0);
    expect(peer.closes).toEqual([1000]);
  });

  it('cuts off a client that does not answer a close frame', async () => {
    const rig = await rigs.start();
    const client = rigs.raw(rig);
    await client.handshake();
    const peer = await rig.peer(0);
    peer.open.close(4001, '');
    await client.untilCutOff();
    expect(peer.closes).toEqual([4001]);
  }, 90_000);

  it('[BAD ws.slow-consumer] cuts off a client that reads a part of what waits before the close frame, and then nothing', async () => {
    const rig = await rigs.start({ bounds: { buffered_bytes_max: 64 * 1024 * 1024 } });
    const client = rigs.raw(rig);
    await client.handshake();
    const peer = await rig.peer(0);
    client.tcp.pause();
    while (peer.open.buffered() < 32 * 1024 * 1024) peer.open.send(Buffer.alloc(60_000), true);
    peer.open.close(4001, '');
    let read = 0;
    client.tcp.on('data', (chunk: Buffer) => {
      read += chunk.length;
      // More than the kernel holds, so that the server's buffer has become smaller; less than all.
      if (read > 16 * 1024 * 1024) client.tcp.pause();
    });
    client.tcp.resume();
    await eventually(() => client.tcp.isPaused());
    await client.untilCutOff();
    expect(peer.closes).toEqual([4001]);
  });
}
