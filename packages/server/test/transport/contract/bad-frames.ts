import { expect, it } from 'vitest';
import type { StartTransport } from '../../../src/gateway/transport-port.js';
import { eventually } from '../support/eventually.js';
import type { Expectations, FrameVerdict } from '../support/expectations.js';
import { clientFrame, closeCode, OPCODE } from '../support/frames.js';
import type { RawClient } from '../support/raw-client.js';
import { BOUNDS, type Rig } from '../support/rig.js';
import { useRigs, type Rigs } from '../support/rigs.js';

const MIB = 1024 * 1024;
const hello = Buffer.from('hello');

const start = clientFrame({ opcode: OPCODE.binary, payload: hello, final: false });

/** Those that end the connection with both transports. */
type Verdict = Exclude<keyof Expectations['frames'], 'dataMidFragment' | 'unmasked'>;

const CASES: readonly (readonly [name: string, bytes: readonly Buffer[], verdict: Verdict])[] = [
  ['rsv-bit', [clientFrame({ opcode: OPCODE.binary, payload: hello, rsv: 4 })], 'rsv'],
  ['rsv-bit', [clientFrame({ opcode: OPCODE.binary, payload: hello, rsv: 1 })], 'rsv'],
  ['rsv-bit-control', [clientFrame({ opcode: OPCODE.ping, payload: hello, rsv: 4 })], 'rsv'],
  ['reserved-opcode', [clientFrame({ opcode: 3, payload: hello })], 'reservedOpcode'],
  ['reserved-opcode-control', [clientFrame({ opcode: 11, payload: hello })], 'reservedOpcode'],
  ['oversized-ping', [clientFrame({ opcode: OPCODE.ping, payload: Buffer.alloc(126) })], 'oversizedPing'],
  ['oversized-close', [clientFrame({ opcode: OPCODE.close, payload: Buffer.alloc(126, 3) })], 'oversizedPing'],
  ['fragmented-ping', [clientFrame({ opcode: OPCODE.ping, payload: hello, final: false })], 'oversizedPing'],
  ['orphan-continuation', [clientFrame({ opcode: OPCODE.continuation, payload: hello })], 'orphanContinuation'],
  ['orphan-continuation-after-message', [clientFrame({ opcode: OPCODE.ping }), clientFrame({ opcode: OPCODE.continuation, payload: hello, final: false })], 'orphanContinuation'],
  ['text-mid-fragment', [start, clientFrame({ opcode: OPCODE.text, payload: hello })], 'textMidFragment'],
  ['one-byte-close', [clientFrame({ opcode: OPCODE.close, payload: Buffer.from([3]) })], 'oneByteClose'],
  ['invalid-text', [clientFrame({ opcode: OPCODE.text, payload: Buffer.from([0xc3, 0x28]) })], 'invalidText'],
  ['invalid-text', [clientFrame({ opcode: OPCODE.text, payload: Buffer.from([0xed, 0xa0, 0x80]) })], 'invalidText'],
  ['invalid-text-in-fragments', [
    clientFrame({ opcode: OPCODE.text, payload: Buffer.from([0xc3]), final: false }), clientFrame({ opcode: OPCODE.continuation, payload: Buffer.from([0x28]) }),
  ], 'invalidText'],
  ['frame-too-long', [clientFrame({ opcode: OPCODE.binary, payload: Buffer.alloc(BOUNDS.frame_bytes_max + 1) })], 'tooLong'],
  ['message-too-long', [
    clientFrame({ opcode: OPCODE.binary, payload: Buffer.alloc(BOUNDS.frame_bytes_max), final: false }), clientFrame({ opcode: OPCODE.continuation, payload: hello }),
  ], 'tooLong'],
  ['length-beyond-numbers', [Buffer.from([0x82, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4])], 'tooLong'],
];

export function badFrameContract(start: StartTransport, expectations: Expectations): void {
  const rigs = useRigs(start);

  it.each(CASES)('[BAD ws.%s] ends the connection: %#', async (_name, bytes, verdict) => {
    const rig = await rigs.start();
    const client = await openRaw(rigs, rig);
    client.write(Buffer.concat([...bytes]));
    await expectEnd(client, expectations.frames[verdict]);
    await expectAlone(rigs, rig);
    expect(rig.peers[0]!.messages).toEqual([]);
  });

  it('[BAD ws.frame-too-long] a declared gibibyte is refused by its header, without memory for it', async () => {
    const rig = await rigs.start();
    const client = await openRaw(rigs, rig);
    const before = process.memoryUsage().rss;
    client.write(clientFrame({ opcode: OPCODE.binary, payload: Buffer.alloc(0), length: 1024 * MIB }));
    await expectEnd(client, expectations.frames.tooLong);
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * MIB);
    await expectAlone(rigs, rig);
  });

  it('[BAD ws.tiny-fragments] a hundred thousand fragments of one byte end the connection, with flat memory', async () => {
    const rig = await rigs.start();
    const client = await openRaw(rigs, rig);
    const before = process.memoryUsage().rss;
    client.write(clientFrame({ opcode: OPCODE.binary, payload: Buffer.from([1]), final: false }));
    const piece = clientFrame({ opcode: OPCODE.continuation, payload: Buffer.from([1]), final: false });
    client.write(Buffer.concat(Array.from({ length: 100_000 }, () => piece)));
    await expectEnd(client, expectations.frames.tinyFragments);
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * MIB);
    await expectAlone(rigs, rig);
    expect(rig.peers[0]!.messages).toEqual([]);
  });

  it('[BAD ws.empty-fragments] a hundred thousand empty fragments are bounded', async () => {
    const rig = await rigs.start();
    const client = await openRaw(rigs, rig);
    const before = process.memoryUsage().rss;
    client.write(clientFrame({ opcode: OPCODE.binary, final: false }));
    const piece = clientFrame({ opcode: OPCODE.continuation, final: false });
    client.write(Buffer.concat(Array.from({ length: 100_000 }, () => piece)));
    client.write(clientFrame({ opcode: OPCODE.ping, payload: Buffer.from('done?') }));
    await eventually(() => client.ended || client.frames.length > 0);
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * MIB);
    await expectAlone(rigs, rig);
    expect(rig.peers[0]!.messages).toEqual([]);
  });

  it('[BAD ws.data-mid-fragment] a binary frame between fragments harms nobody else', async () => {
    const rig = await rigs.start();
    const client = await openRaw(rigs, rig);
    client.write(clientFrame({ opcode: OPCODE.binary, payload: Buffer.from('one'), final: false }));
    client.write(clientFrame({ opcode: OPCODE.binary, payload: Buffer.from('two') }));
    const { messages } = await rig.peer(0);
    if (expectations.frames.dataMidFragment === 'merged') {
      await eventually(() => messages.length === 1);
      expect(messages[0]!.bytes.toString()).toBe('onetwo');
    } else {
      await expectEnd(client, expectations.frames.dataMidFragment);
      expect(messages).toEqual([]);
    }
    await expectAlone(rigs, rig);
  });

  it('[BAD ws.unmasked] a frame without a mask harms nobody else', async () => {
    const rig = await rigs.start();
    const client = await openRaw(rigs, rig);
    client.write(clientFrame({ opcode: OPCODE.binary, payload: Buffer.from('hello world'), masked: false }));
    if (expectations.frames.unmasked === 'noise') {
      // Its first four bytes are taken for the mask, so four bytes of what follows belong to it.
      client.write('1234');
      const peer = await rig.peer(0);
      await eventually(() => peer.messages.length === 1);
      expect(peer.messages[0]!.bytes).toHaveLength(11);
      expect(peer.messages[0]!.bytes.toString()).not.toBe('hello world');
    } else {
      await expectEnd(client, expectations.frames.unmasked);
      expect(rig.peers[0]!.messages).toEqual([]);
    }
    await expectAlone(rigs, rig);
  });

  it('[BAD ws.ping-flood] pings that nobody reads the answers of are bounded', async () => {
    const rig = await rigs.start({ bounds: { buffered_bytes_max: MIB } });
    const client = await openRaw(rigs, rig);
    client.tcp.pause();
    const peer = await rig.peer(0);
    const before = process.memoryUsage().rss;
    const ping = clientFrame({ opcode: OPCODE.ping, payload: Buffer.alloc(125) });
    const flood = Buffer.concat(Array.from({ length: 2000 }, () => ping));
    const pump = (): void => {
      while (!client.tcp.destroyed && client.tcp.write(flood));
      client.tcp.once('drain', pump);
    };
    pump();
    await eventually(() => peer.closes.length > 0);
    expect(peer.closes).toEqual([1006]);
    expect(process.memoryUsage().rss - before).toBeLessThan(256 * MIB);
    await expectAlone(rigs, rig);
  });
}

async function openRaw(rigs: Rigs, rig: Rig): Promise<RawClient> {
  const client = rigs.raw(rig);
  await client.handshake();
  await rig.peer(0);
  return client;
}

/** A close frame with the code and nothing else, or nothing at all; and the gateway knows. */
async function expectEnd(client: RawClient, verdict: FrameVerdict): Promise<void> {
  if (verdict === 'ends') {
    await eventually(() => client.ended);
    expect(client.frames.filter(({ opcode }) => opcode !== OPCODE.pong)).toEqual([]);
  } else {
    await eventually(() => client.frames.some(({ opcode }) => opcode === OPCODE.close));
    expect(client.frames.filter(({ opcode }) => opcode !== OPCODE.pong).map(closeCode)).toEqual([verdict]);
    client.tcp.end();
    await eventually(() => client.ended);
  }
}

/** The gateway was told once, and another client is served. */
async function expectAlone(rigs: Rigs, rig: Rig): Promise<void> {
  const other = await rigs.connect(rig);
  const peer = await rig.peer(1);
  other.ws.send('hello');
  await eventually(() => peer.messages.length === 1);
  peer.open.send(Buffer.from('and back'), false);
  expect(await other.gets(1)).toEqual(['and back']);
  expect(rig.peers[0]!.closes.length).toBeLessThanOrEqual(1);
}
