import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startProxy, type Proxy } from '../src/harness/proxy.js';
import { until } from '../src/until.js';

/** Longer than anything here takes; what is waited for decides, and not the time. */
const WAIT_MS = 10_000;

interface Side {
  readonly socket: Socket;
  text: string;
  closed: boolean;
  error: string;
}

let server: Server;
let proxy: Proxy;
let arrived: Side[];
const open: Socket[] = [];

function side(socket: Socket): Side {
  const one: Side = { socket, text: '', closed: false, error: '' };
  open.push(socket);
  socket.on('data', (chunk) => void (one.text += chunk.toString()));
  socket.on('error', (error: NodeJS.ErrnoException) => void (one.error = error.code ?? ''));
  socket.on('close', () => void (one.closed = true));
  return one;
}

const holds = async (condition: () => boolean): Promise<void> => expect(await until(condition, WAIT_MS), condition.toString()).toBe(true);

/** A connection through the proxy, both of its ends. */
async function pair(): Promise<{ readonly client: Side; readonly server: Side }> {
  const before = arrived.length;
  const client = side(connect(proxy.port, '127.0.0.1'));
  await holds(() => arrived.length > before);
  return { client, server: arrived[before]! };
}

beforeEach(async () => {
  arrived = [];
  server = createServer((socket) => void arrived.push(side(socket)));
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  proxy = await startProxy((server.address() as AddressInfo).port);
});

afterEach(async () => {
  await proxy.close();
  for (const socket of open.splice(0)) socket.destroy();
  await new Promise((resolve) => void server.close(resolve));
});

it('passes bytes both ways, however many', async () => {
  const { client, server: far } = await pair();
  const large = 'x'.repeat(5_000_000);
  client.socket.write(large);
  far.socket.write('answer');
  await holds(() => far.text.length === large.length && client.text === 'answer');
});

it('a cut ends both sides, a reset says so', async () => {
  const first = await pair();
  expect(proxy.cut()).toBe(1);
  await holds(() => first.client.closed && first.server.closed);
  expect(first.client.error).toBe('');
  const second = await pair();
  expect(proxy.reset()).toBe(1);
  await holds(() => second.client.closed && second.server.closed);
  expect(second.client.error).toBe('ECONNRESET');
  expect(proxy.connections).toBe(0);
});

it('one side that ends is the end of the other', async () => {
  const { client, server: far } = await pair();
  far.socket.destroy();
  await holds(() => client.closed);
});

it('holds answers back, of new connections too, until they are let go', async () => {
  const first = await pair();
  proxy.hold();
  const second = await pair();
  for (const { client, server: far } of [first, second]) {
    far.socket.write('answer');
    client.socket.write('question');
    await holds(() => far.text === 'question');
    expect(client.text).toBe('');
  }
  proxy.set({ down: { kind: 'open' } });
  await holds(() => first.client.text === 'answer' && second.client.text === 'answer');
});

it('swallows what comes after so many bytes', async () => {
  const { client, server: far } = await pair();
  proxy.set({ down: { kind: 'swallow', after_bytes: 5 } });
  far.socket.write('12345678');
  client.socket.write('still up');
  await holds(() => far.text === 'still up' && client.text === '12345');
  proxy.cut();
  const next = await pair();
  next.server.socket.write('12345678');
  await holds(() => next.client.text === '12345678');
});

it('delays and trickles without losing or swapping a byte', async () => {
  const { client, server: far } = await pair();
  const text = Array.from({ length: 200 }, (_, at) => `${at},`).join('');
  proxy.set({ up: { kind: 'delay', delay_ms: 50 }, down: { kind: 'trickle', bytes: 7, every_ms: 1 } });
  for (const part of text.match(/.{1,50}/g)!) client.socket.write(part);
  far.socket.write(text);
  await holds(() => far.text === text && client.text === text);
  proxy.set({ up: { kind: 'trickle', bytes: 1, every_ms: 60_000 }, down: { kind: 'delay', delay_ms: 60_000 } });
  client.socket.write('behind');
  far.socket.write('behind');
  proxy.set({ up: { kind: 'open' }, down: { kind: 'open' } });
  await holds(() => far.text === `${text}behind` && client.text === `${text}behind`);
});

it('severed, nothing passes and nobody is told', async () => {
  const { client, server: far } = await pair();
  expect(proxy.sever()).toBe(1);
  client.socket.write('lost');
  far.socket.write('lost');
  client.socket.destroy();
  await holds(() => client.closed);
  const other = await pair();
  other.client.socket.write('new one');
  await holds(() => other.server.text === 'new one');
  expect([far.text, far.closed, client.text]).toEqual(['', false, '']);
});

it('what an orphaned connection had sent arrives after the new connection', async () => {
  const old = await pair();
  proxy.set({ up: { kind: 'keep' } });
  old.client.socket.write('late');
  // A second connection shows that the proxy has read the first.
  await holds(() => old.client.socket.bytesWritten === 4);
  await new Promise((resolve) => void setTimeout(resolve, 50));
  expect(proxy.orphan()).toBe(1);
  await holds(() => old.client.closed);
  const next = await pair();
  next.client.socket.write('early');
  await holds(() => next.server.text === 'early');
  expect([old.server.text, old.server.closed]).toEqual(['', false]);
  expect(proxy.release()).toBe(4);
  await holds(() => old.server.text === 'late');
  proxy.dropOrphans();
  await holds(() => old.server.closed);
  expect(next.client.closed).toBe(false);
});

it('leads nowhere: new connections wait, or are ended', async () => {
  proxy.leadTo(undefined);
  const waiting = side(connect(proxy.port, '127.0.0.1'));
  waiting.socket.write('question');
  proxy.leadTo((server.address() as AddressInfo).port);
  await holds(() => arrived[0]?.text === 'question');
  proxy.leadTo(undefined, 'refuse');
  const refused = side(connect(proxy.port, '127.0.0.1'));
  await holds(() => refused.closed);
  expect(arrived).toHaveLength(1);
});
