import { expect, it } from 'vitest';
import type { StartTransport } from '../../../src/gateway/transport-port.js';
import { turns } from '../support/eventually.js';
import { useRigs } from '../support/rigs.js';

const bytes = (text: string): Uint8Array => Buffer.from(text);

export function topicContract(start: StartTransport): void {
  const rigs = useRigs(start);

  it('publishes to every socket that joined, and to no other', async () => {
    const rig = await rigs.start();
    const clients = [];
    for (let at = 0; at < 200; at += 1) clients.push(await rigs.connect(rig));
    for (const [at, peer] of rig.peers.entries()) peer.open.join(at % 2 === 0 ? 'even' : 'odd');
    rig.transport.publish('even', bytes('to even'), true);
    rig.transport.publish('odd', bytes('to odd'), false);
    rig.transport.publish('nobody', bytes('to nobody'), true);
    for (const peer of rig.peers) peer.open.send(bytes('end'), true);
    for (const client of clients) await client.gets(2);
    expect(clients.map(({ texts }) => texts.join())).toEqual(clients.map((_, at) => (at % 2 === 0 ? 'to even,end' : 'to odd,end')));
    expect(clients.map(({ received }) => received[0]!.binary)).toEqual(clients.map((_, at) => at % 2 === 0));
  });

  it('gives a socket everything after it joined and nothing before, in one turn of the event loop', async () => {
    const rig = await rigs.start();
    const [client, witness] = [await rigs.connect(rig), await rigs.connect(rig)];
    rig.peers[1]!.open.join('t');
    const { open } = rig.peers[0]!;
    rig.transport.publish('t', bytes('before'), true);
    open.join('t');
    rig.transport.publish('t', bytes('after'), true);
    rig.transport.publish('t', bytes('later'), true);
    expect(await client.gets(2)).toEqual(['after', 'later']);
    expect(await witness.gets(3)).toEqual(['before', 'after', 'later']);
  });

  it.each(['its only topic', 'one of its topics'])('gives what was published before a socket left %s, and nothing after, in one turn', async (which) => {
    const rig = await rigs.start();
    const client = await rigs.connect(rig);
    const { open } = await rig.peer(0);
    if (which === 'one of its topics') open.join('other');
    open.join('t');
    await turns();
    rig.transport.publish('t', bytes('before'), true);
    open.leave('t');
    rig.transport.publish('t', bytes('after'), true);
    await turns();
    rig.transport.publish('t', bytes('later'), true);
    await turns();
    open.send(bytes('end'), true);
    expect(await client.gets(2)).toEqual(['before', 'end']);
  });

  it('joins, leaves and joins again, in one turn', async () => {
    const rig = await rigs.start();
    const client = await rigs.connect(rig);
    const { open } = await rig.peer(0);
    for (let round = 0; round < 100; round += 1) {
      open.join('t');
      rig.transport.publish('t', bytes(`in ${round}`), true);
      open.leave('t');
      rig.transport.publish('t', bytes(`out ${round}`), true);
    }
    open.send(bytes('end'), true);
    expect(await client.gets(101)).toEqual([...Array.from({ length: 100 }, (_, round) => `in ${round}`), 'end']);
  });

  it('counts a second join once, and one leave ends it', async () => {
    const rig = await rigs.start();
    const client = await rigs.connect(rig);
    const { open } = await rig.peer(0);
    open.join('t');
    open.join('t');
    rig.transport.publish('t', bytes('once'), true);
    open.leave('t');
    open.leave('t');
    open.leave('never joined');
    rig.transport.publish('t', bytes('none'), true);
    open.send(bytes('end'), true);
    expect(await client.gets(2)).toEqual(['once', 'end']);
  });

  it('takes topic names as they are', async () => {
    const rig = await rigs.start();
    const client = await rigs.connect(rig);
    const { open } = await rig.peer(0);
    for (const topic of ['a/b', 'é', '__proto__', '#', 'a+', '']) {
      open.join(topic);
      rig.transport.publish(topic, bytes(topic), true);
    }
    rig.transport.publish('a', bytes('wrong'), true);
    rig.transport.publish('a/c', bytes('wrong'), true);
    open.send(bytes('end'), true);
    expect(await client.gets(7)).toEqual(['a/b', 'é', '__proto__', '#', 'a+', '', 'end']);
  });

  it('keeps one order for all followers, and for topics together', async () => {
    const rig = await rigs.start();
    const clients = [await rigs.connect(rig), await rigs.connect(rig), await rigs.connect(rig)];
    for (const peer of rig.peers) for (const topic of ['a', 'b', 'c']) peer.open.join(topic);
    const total = 3000;
    const padding = ' '.repeat(17_000);
    for (let at = 0; at < total; at += 1) rig.transport.publish('abc'[at % 3]!, bytes(at % 100 === 0 ? `${at}${padding}` : String(at)), true);
    const expected = Array.from({ length: total }, (_, at) => at);
    for (const client of clients) expect((await client.gets(total)).map(Number)).toEqual(expected);
  });

  it('forgets a socket that ended', async () => {
    const rig = await rigs.start();
    const [leaving, staying] = [await rigs.connect(rig), await rigs.connect(rig)];
    for (const peer of rig.peers) peer.open.join('t');
    leaving.ws.close(1000);
    await leaving.closes();
    rig.transport.publish('t', bytes('still here'), true);
    expect(await staying.gets(1)).toEqual(['still here']);
    expect(leaving.received).toEqual([]);
  });
}
