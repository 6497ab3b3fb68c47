import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';
import type { Socket, StartTransport } from '../../../src/gateway/transport-port.js';
import { eventually, turns } from '../support/eventually.js';
import { useRigs } from '../support/rigs.js';

const MIB = 1024 * 1024;
const BOUND = MIB;
/** The numbers that are shared with the reader in its thread. */
const [GATE, COUNT] = [0, 1];

function numbered(at: number, size: number): Buffer {
  const bytes = Buffer.alloc(size);
  bytes.writeUInt32BE(at);
  return bytes;
}

type Fill = (rig: { publish(topic: string, bytes: Uint8Array, binary: boolean): void }, socket: Socket, at: number) => void | Promise<void>;

const WAYS: readonly (readonly [name: string, fill: Fill])[] = [
  ['send', (_transport, socket, at) => socket.send(numbered(at, 5000), true)],
  ['publish in one turn', (transport, _socket, at) => transport.publish('t', numbered(at, 5000), true)],
  ['publish of large frames', (transport, _socket, at) => transport.publish('t', numbered(at, 30_000), true)],
  ['publish, a few in a turn', async (transport, _socket, at) => {
    transport.publish('t', numbered(at, 5000), true);
    if (at % 5 === 0) await turns(1);
  }],
  ['both, inside a batch', (transport, socket, at) => socket.batch(() => {
    socket.send(numbered(at, 5000), true);
    transport.publish('other', numbered(at, 5000), true);
  })],
];

export function overflowContract(start: StartTransport): void {
  const rigs = useRigs(start);

  it.each(WAYS)('[BAD ws.slow-consumer] above the bound the socket is closed and its memory is bounded: %s', async (_name, fill) => {
    const rig = await rigs.start({ bounds: { buffered_bytes_max: BOUND } });
    const [slow, quick] = [await rigs.connect(rig), await rigs.connect(rig)];
    const [peer, other] = [rig.peers[0]!, rig.peers[1]!];
    for (const each of [peer, other]) each.open.join('t');
    slow.ws.pause();
    let most = 0;
    let sent = 0;
    while (peer.closes.length === 0) {
      await fill(rig.transport, peer.open, sent);
      most = Math.max(most, peer.open.buffered());
      sent += 1;
      // Now and then the other one reads, so that only one of them is slow.
      if (sent % 50 === 0) await turns(2);
    }
    expect(peer.closes).toEqual([1006]);
    expect(most).toBeLessThan(BOUND + 64 * 1024);
    expect(peer.open.buffered()).toBe(0);
    slow.ws.resume();
    expect((await slow.closes()).code).toBe(1006);
    // What arrived has no gap: nothing got through after what was lost.
    expect(slow.received.map(({ bytes }) => bytes.readUInt32BE(0))).toEqual(slow.received.map((_, at) => at));
    other.open.send(Buffer.from('alive'), true);
    await eventually(() => quick.texts.at(-1) === 'alive');
    expect(other.closes).toEqual([]);
    expect(peer.closes).toEqual([1006]);
  });

  it('[BAD ws.slow-consumer] a client that reads again at the bound gets no later frame behind a gap', async () => {
    let feed = { topic: '', sent: 0 };
    let shared = new Int32Array(new SharedArrayBuffer(8));
    let room = 0;
    const publish = (to: typeof feed, count: number): void => {
      for (const end = to.sent + count; to.sent < end; to.sent += 1) rig.transport.publish(to.topic, numbered(to.sent, 9000), true);
    };
    const rig = await rigs.start({
      bounds: { buffered_bytes_max: BOUND },
      message(peer) {
        const to = feed;
        // The socket overflows, and only then, still in the same call, the client reads so much that there is room again.
        publish(to, 300);
        Atomics.store(shared, GATE, 1);
        while (Atomics.load(shared, COUNT) < 100);
        // What follows would get through if the socket were still open.
        setImmediate(() => {
          room += peer.open.buffered() < BOUND ? 1 : 0;
          publish(to, 10);
        });
      },
    });
    for (let round = 0; round < 10; round += 1) {
      feed = { topic: `t${round}`, sent: 0 };
      shared = new Int32Array(new SharedArrayBuffer(8));
      const worker = new Worker(new URL('../support/reader-worker.mjs', import.meta.url), { workerData: { url: `ws://127.0.0.1:${rig.port}/`, shared } });
      await once(worker, 'message');
      const peer = await rig.peer(round);
      peer.open.join(feed.topic);
      while (peer.open.buffered() < BOUND / 2) {
        publish(feed, 10);
        await turns(1);
      }
      worker.postMessage('go');
      const [numbers] = (await once(worker, 'message')) as [number[]];
      expect(numbers).toEqual(numbers.map((_, at) => at));
      expect(numbers.length).toBeLessThan(feed.sent);
      expect(peer.closes).toEqual([1006]);
    }
    expect(room).toBeGreaterThan(0);
  });

  it('what joins because a socket went over the bound does not get the frame that did it', async () => {
    const rig = await rigs.start({ bounds: { buffered_bytes_max: BOUND }, closed: () => rig.peers[1]!.open.join('t') });
    const [slow, healthy] = [await rigs.connect(rig), await rigs.connect(rig), await rigs.connect(rig)];
    const [peer, other, third] = [rig.peers[0]!, rig.peers[1]!, rig.peers[2]!];
    peer.open.join('t');
    third.open.join('t');
    slow.ws.pause();
    for (let sent = 0; peer.closes.length === 0; sent += 1) {
      rig.transport.publish('t', numbered(sent, 20_000), true);
      if (sent % 10 === 0) await turns(1);
    }
    rig.transport.publish('t', Buffer.from('next'), true);
    other.open.send(Buffer.from('end'), true);
    expect(await healthy.gets(2)).toEqual(['next', 'end']);
  });

  it('[BAD ws.slow-consumer] many sockets go over the bound in one publish, and `closed` may join and leave', async () => {
    const rig = await rigs.start({
      bounds: { buffered_bytes_max: 256 * 1024 },
      closed() {
        for (const peer of rig.peers) {
          peer.open.leave('t');
          peer.open.join('u');
        }
      },
    });
    const clients = [];
    for (let at = 0; at < 20; at += 1) clients.push(await rigs.connect(rig));
    for (const client of clients) client.ws.pause();
    for (const peer of rig.peers) peer.open.join('t');
    let sent = 0;
    while (rig.peers.some(({ closes }) => closes.length === 0)) {
      rig.transport.publish('t', numbered(sent, 20_000), true);
      rig.transport.publish('u', numbered(sent, 5000), true);
      sent += 1;
      if (sent % 40 === 0) await turns(1);
    }
    expect(rig.peers.map(({ closes }) => closes)).toEqual(rig.peers.map(() => [1006]));
    expect((await fetch(`http://127.0.0.1:${rig.port}/`)).status).toBe(200);
  });
}
