import { expect, it } from 'vitest';
import type { StartTransport } from '../../../src/gateway/transport-port.js';
import { eventually } from '../support/eventually.js';
import { useRigs } from '../support/rigs.js';

export function batchContract(start: StartTransport): void {
  const rigs = useRigs(start);

  it('sends what is inside, in order, with publishes and other sockets between', async () => {
    const rig = await rigs.start();
    const [one, two] = [await rigs.connect(rig), await rigs.connect(rig)];
    const [first, second] = [rig.peers[0]!.open, rig.peers[1]!.open];
    first.join('t');
    second.join('t');
    first.batch(() => {
      for (let at = 0; at < 3000; at += 3) {
        first.send(Buffer.from(String(at)), true);
        rig.transport.publish('t', Buffer.from(String(at + 1)), true);
        first.batch(() => first.send(Buffer.from(String(at + 2)), true));
        second.send(Buffer.from(String(at + 2)), true);
      }
    });
    const expected = Array.from({ length: 3000 }, (_, at) => at);
    expect((await one.gets(3000)).map(Number)).toEqual(expected);
    expect((await two.gets(2000)).map(Number)).toEqual(expected.filter((at) => at % 3 !== 0));
  });

  it('takes more than any buffer for it, and nothing stays behind', async () => {
    const rig = await rigs.start();
    const client = await rigs.connect(rig);
    const { open } = await rig.peer(0);
    const bytes = Buffer.alloc(30_000, 1);
    open.batch(() => {
      for (let at = 0; at < 100; at += 1) open.send(bytes, true);
    });
    await client.gets(100);
    await eventually(() => open.buffered() === 0);
    expect(client.received.every((message) => message.bytes.equals(bytes))).toBe(true);
  });

  it('arrives in few pieces', async () => {
    const rig = await rigs.start();
    const client = rigs.raw(rig);
    await client.handshake();
    const { open } = await rig.peer(0);
    let pieces = 0;
    client.tcp.on('data', () => {
      pieces += 1;
    });
    open.batch(() => {
      for (let at = 0; at < 200; at += 1) open.send(Buffer.from('0123456789'), true);
    });
    await eventually(() => client.frames.length === 200);
    expect(pieces).toBeLessThan(10);
  });

  it('a close inside ends the socket after what was sent before it, and at once', async () => {
    const rig = await rigs.start();
    const client = await rigs.connect(rig);
    const peer = await rig.peer(0);
    // What takes long is the end of a client that does not answer.
    const silent = rigs.raw(rig);
    await silent.handshake();
    (await rig.peer(1)).open.close(4001, '');
    void silent.untilCutOff();
    peer.open.batch(() => {
      peer.open.send(Buffer.from('last'), true);
      peer.open.close(4001, 'done');
      peer.open.send(Buffer.from('too late'), true);
    });
    expect(await client.closes()).toEqual({ code: 4001, reason: 'done' });
    expect(silent.gone).toBe(false);
    expect(client.texts).toEqual(['last']);
    expect(peer.closes).toEqual([4001]);
  });

  it('does the calls on a socket that is closed, and goes on after a call that throws', async () => {
    const rig = await rigs.start();
    const client = await rigs.connect(rig);
    const peer = await rig.peer(0);
    expect(() => peer.open.batch(() => {
      throw new Error('inside');
    })).toThrow('inside');
    peer.open.send(Buffer.from('alive'), true);
    expect(await client.gets(1)).toEqual(['alive']);
    peer.open.close(1000, '');
    let called = false;
    peer.open.batch(() => {
      called = true;
    });
    expect(called).toBe(true);
  });
}
