import { expect, it } from 'vitest';
import type { StartTransport } from '../../../src/gateway/transport-port.js';
import { eventually, turns } from '../support/eventually.js';
import { useRigs } from '../support/rigs.js';

const MIB = 1024 * 1024;

/** A frame that says its number and is as large as asked. */
function numbered(at: number, size: number): Buffer {
  const bytes = Buffer.alloc(size);
  bytes.writeUInt32BE(at);
  return bytes;
}

export function slowClientContract(start: StartTransport): void {
  const rigs = useRigs(start);

  it.each(['send', 'publish'] as const)('a client that stops reading: %s fills the buffer, others go on, and it gets everything when it reads', async (way) => {
    const rig = await rigs.start({ bounds: { buffered_bytes_max: 64 * MIB } });
    const [slow, quick] = [await rigs.connect(rig), await rigs.connect(rig)];
    const [peer, other] = [rig.peers[0]!, rig.peers[1]!];
    peer.open.join('t');
    other.open.join('t');
    slow.ws.pause();
    let sent = 0;
    while (peer.open.buffered() < 4 * MIB) {
      for (const end = sent + 50; sent < end; sent += 1) {
        const bytes = numbered(sent, 8000);
        if (way === 'send') for (const each of [peer, other]) each.open.send(bytes, true);
        else rig.transport.publish('t', bytes, true);
      }
      await turns(1);
    }
    await quick.gets(sent);
    expect(other.open.buffered()).toBe(0);
    expect(slow.received.length).toBeLessThan(sent);
    const drains = peer.drains;
    slow.ws.resume();
    await slow.gets(sent);
    const expected = Array.from({ length: sent }, (_, at) => at);
    expect(slow.received.map(({ bytes }) => bytes.readUInt32BE(0))).toEqual(expected);
    expect(quick.received.map(({ bytes }) => bytes.readUInt32BE(0))).toEqual(expected);
    await eventually(() => peer.open.buffered() === 0);
    expect(peer.drains).toBeGreaterThan(drains);
    expect(peer.closes).toEqual([]);
  });

  it('calls `drained` with a smaller buffer, down to nothing, also from a small backlog', async () => {
    const seen: number[] = [];
    const rig = await rigs.start({ bounds: { buffered_bytes_max: 64 * MIB }, drained: (peer) => void seen.push(peer.open.buffered()) });
    const client = await rigs.connect(rig);
    const { open } = await rig.peer(0);
    client.ws.pause();
    // Small frames, so that what is left over is smaller than any high-water mark of a stream.
    while (open.buffered() === 0) {
      open.send(Buffer.alloc(1000), true);
      await turns(1);
    }
    const backlog = open.buffered();
    expect(backlog).toBeLessThan(16_384);
    client.ws.resume();
    await eventually(() => seen.at(-1) === 0);
    expect(open.buffered()).toBe(0);
    expect(seen[0]).toBeLessThan(backlog);
  });

  it('can be refilled from inside `drained`, in order, without a gap', async () => {
    let next = 0;
    const total = 4000;
    const rig = await rigs.start({ bounds: { buffered_bytes_max: 8 * MIB }, drained: (peer) => fill(peer.open) });
    const fill = (socket: { buffered(): number; send(bytes: Uint8Array, binary: boolean): void }): void => {
      while (next < total && socket.buffered() < MIB) {
        socket.send(numbered(next, 8000), true);
        next += 1;
      }
    };
    const client = await rigs.connect(rig);
    const { open } = await rig.peer(0);
    client.ws.pause();
    fill(open);
    expect(next).toBeLessThan(total);
    client.ws.resume();
    await client.gets(total);
    expect(client.received.map(({ bytes }) => bytes.readUInt32BE(0))).toEqual(Array.from({ length: total }, (_, at) => at));
  });

  it('keeps the order of send and publish also when the buffer is never empty', async () => {
    const rig = await rigs.start({ bounds: { buffered_bytes_max: 64 * MIB } });
    const client = await rigs.connect(rig);
    const { open } = await rig.peer(0);
    open.join('t');
    client.ws.pause();
    let sent = 0;
    while (open.buffered() < 2 * MIB || sent < 3000) {
      const bytes = numbered(sent, sent % 90 === 0 ? 40_000 : 3000);
      if (sent % 2 === 0) open.send(bytes, true);
      else rig.transport.publish('t', bytes, true);
      sent += 1;
      if (sent % 77 === 0) await turns(1);
    }
    client.ws.resume();
    await client.gets(sent);
    expect(client.received.map(({ bytes }) => bytes.readUInt32BE(0))).toEqual(Array.from({ length: sent }, (_, at) => at));
  });

  it('a close reaches a slow client behind what waits, and nothing more does, either way', async () => {
    const rig = await rigs.start({ bounds: { buffered_bytes_max: 64 * MIB } });
    const client = await rigs.connect(rig);
    const peer = await rig.peer(0);
    peer.open.join('t');
    client.ws.pause();
    let sent = 0;
    while (peer.open.buffered() < MIB) {
      peer.open.send(numbered(sent, 8000), true);
      sent += 1;
    }
    const { drains } = peer;
    peer.open.close(4009, 'slow');
    expect(peer.closes).toEqual([4009]);
    expect(peer.open.buffered()).toBe(0);
    peer.open.send(numbered(sent, 8000), true);
    peer.open.join('t');
    rig.transport.publish('t', numbered(sent, 8000), true);
    peer.open.close(4010, 'again');
    client.ws.send('too late');
    await turns();
    client.ws.resume();
    expect(await client.closes()).toEqual({ code: 4009, reason: 'slow' });
    expect(client.received.map(({ bytes }) => bytes.readUInt32BE(0))).toEqual(Array.from({ length: sent }, (_, at) => at));
    expect([peer.closes, peer.messages, peer.drains]).toEqual([[4009], [], drains]);
  });

  it('a slow client that goes away while it is being closed is closed once', async () => {
    const rig = await rigs.start({ bounds: { buffered_bytes_max: 64 * MIB } });
    for (const how of ['terminate', 'close'] as const) {
      const client = await rigs.connect(rig);
      const peer = await rig.peer(how === 'terminate' ? 0 : 1);
      client.ws.pause();
      while (peer.open.buffered() < MIB) peer.open.send(numbered(0, 8000), true);
      peer.open.close(4009, 'slow');
      client.ws[how]();
      client.ws.resume();
      await client.closes();
      await turns();
      expect(peer.closes).toEqual([4009]);
    }
    expect((await fetch(`http://127.0.0.1:${rig.port}/`)).status).toBe(200);
  });
}
