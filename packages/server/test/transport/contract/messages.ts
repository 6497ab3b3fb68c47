import { expect, it } from 'vitest';
import type { StartTransport } from '../../../src/gateway/transport-port.js';
import { eventually } from '../support/eventually.js';
import { clientFrame, OPCODE } from '../support/frames.js';
import { BOUNDS } from '../support/rig.js';
import { useRigs } from '../support/rigs.js';

export function messageContract(start: StartTransport): void {
  const rigs = useRigs(start);

  it('brings binary and text with their flag, to the right connection', async () => {
    const rig = await rigs.start();
    const [one, two] = [await rigs.connect(rig), await rigs.connect(rig)];
    one.ws.send(Buffer.from([0, 1, 2]));
    one.ws.send('text é');
    two.ws.send(Buffer.alloc(0));
    const [first, second] = [await rig.peer(0), await rig.peer(1)];
    await eventually(() => first.messages.length === 2 && second.messages.length === 1);
    expect(first.messages).toEqual([{ bytes: Buffer.from([0, 1, 2]), binary: true }, { bytes: Buffer.from('text é'), binary: false }]);
    expect(second.messages).toEqual([{ bytes: Buffer.alloc(0), binary: true }]);
  });

  it('brings a message of exactly the limit, and one in fragments with a ping between', async () => {
    const rig = await rigs.start();
    const client = rigs.raw(rig);
    await client.handshake();
    const payload = Buffer.alloc(BOUNDS.frame_bytes_max, 7);
    client.write(clientFrame({ opcode: OPCODE.binary, payload }));
    client.write(clientFrame({ opcode: OPCODE.text, payload: Buffer.from('ab'), final: false }));
    client.write(clientFrame({ opcode: OPCODE.ping, payload: Buffer.from('?') }));
    client.write(clientFrame({ opcode: OPCODE.continuation, payload: Buffer.from('cd') }));
    const peer = await rig.peer(0);
    await eventually(() => peer.messages.length === 2);
    expect(peer.messages[0]!.bytes.equals(payload)).toBe(true);
    expect(peer.messages[1]).toEqual({ bytes: Buffer.from('abcd'), binary: false });
    await eventually(() => client.frames.length === 1);
    expect(client.frames).toEqual([{ final: true, opcode: OPCODE.pong, payload: Buffer.from('?') }]);
  });

  it('brings many messages in their order', async () => {
    const rig = await rigs.start();
    const client = await rigs.connect(rig);
    for (let at = 0; at < 5000; at += 1) client.ws.send(String(at));
    const peer = await rig.peer(0);
    await eventually(() => peer.messages.length === 5000);
    expect(peer.messages.map(({ bytes }) => Number(bytes.toString()))).toEqual(Array.from({ length: 5000 }, (_, at) => at));
  });

  it.each([0, 1, 125, 126, 127, 65_535, 65_536, 1_000_000])('sends %i bytes by send and by publish', async (size) => {
    const rig = await rigs.start();
    const client = await rigs.connect(rig);
    const { open } = await rig.peer(0);
    const bytes = Buffer.alloc(size, 'abcdefg');
    open.join('t');
    open.send(bytes, true);
    rig.transport.publish('t', bytes, false);
    await client.gets(2);
    expect(client.received.map(({ binary }) => binary)).toEqual([true, false]);
    expect(client.received.every((message) => message.bytes.equals(bytes))).toBe(true);
  });

  it('is done with the bytes when the call returns', async () => {
    const rig = await rigs.start();
    const client = await rigs.connect(rig);
    const { open } = await rig.peer(0);
    open.join('t');
    // Large enough, both times, that not all of it is on its way at once.
    for (const size of [3, 2_000_000]) {
      const bytes = new Uint8Array(size).fill(1);
      open.send(bytes, true);
      bytes.fill(2);
      rig.transport.publish('t', bytes, true);
      bytes.fill(3);
    }
    await client.gets(4);
    expect(client.received.map(({ bytes }) => [bytes.length, new Set(bytes)])).toEqual([[3, new Set([1])], [3, new Set([2])], [2_000_000, new Set([1])], [2_000_000, new Set([2])]]);
  });

  it('sends part of a larger buffer, and only that', async () => {
    const rig = await rigs.start();
    const client = await rigs.connect(rig);
    const { open } = await rig.peer(0);
    open.join('t');
    const whole = new Uint8Array([120, 120, 104, 105, 120, 120]);
    open.send(whole.subarray(2, 4), false);
    rig.transport.publish('t', whole.subarray(2, 4), false);
    expect(await client.gets(2)).toEqual(['hi', 'hi']);
  });

  it('keeps the order of send and publish to one socket, over thousands', async () => {
    const rig = await rigs.start();
    const client = await rigs.connect(rig);
    const { open } = await rig.peer(0);
    open.join('small');
    open.join('other');
    const total = 6000;
    const padding = ' '.repeat(20_000);
    for (let at = 0; at < total; at += 1) {
      const bytes = Buffer.from(at % 500 === 7 ? `${at}${padding}` : String(at));
      if (at % 3 === 0) open.send(bytes, true);
      else rig.transport.publish(at % 3 === 1 ? 'small' : 'other', bytes, true);
      // Now and then the event loop gets its turn.
      if (at % 701 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    const texts = await client.gets(total);
    expect(texts.map(Number)).toEqual(Array.from({ length: total }, (_, at) => at));
  });

  it('answers from inside `message`, in order', async () => {
    const rig = await rigs.start({
      message(peer, bytes) {
        peer.open.send(bytes, true);
        rig.transport.publish('all', bytes, true);
      },
      open: (peer) => peer.open.join('all'),
    });
    const client = await rigs.connect(rig);
    for (let at = 0; at < 1000; at += 1) client.ws.send(String(at));
    const texts = await client.gets(2000);
    expect(texts.map(Number)).toEqual(Array.from({ length: 2000 }, (_, at) => at >> 1));
  });
}
