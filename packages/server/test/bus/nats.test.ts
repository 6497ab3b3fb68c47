/** The bus on a real NATS server, and what becomes of it when that goes away (F10). */
import { connect } from '@nats-io/transport-node';
import { startNats, startsOwnNats, type NatsServer } from '@talaria/services';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { connectNatsBus, type NatsBusOptions } from '../../src/bus/nats/nats-bus.js';
import type { Bus, BusMessage } from '../../src/bus/port.js';
import { readServers } from '../../src/bus/nats/servers.js';
import { systemClock } from '../../src/runtime/clock.js';
import { silentLog } from '../../src/runtime/log.js';
import { systemRandom } from '../../src/runtime/random.js';
import { createTestIds } from '../storage/ids.js';
import { recordingLog } from '../support/recording-log.js';
import { busContract, ear, fact } from './contract.js';

let server: NatsServer;
beforeAll(async () => {
  server = await startNats();
});
afterAll(() => server.stop());

const opened: Bus[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((bus) => bus.stop()));
});

const options = (more: Partial<NatsBusOptions> = {}): NatsBusOptions => ({
  servers: [server.url], prefix: 'test', epoch: 'one', clock: systemClock(), random: systemRandom(), log: silentLog(), name: 'node', bounds: { probe_ms: 50, silent_ms: 200, reconnect_ms: 20 }, ...more,
});

async function node(more: Partial<NatsBusOptions> = {}): Promise<Bus> {
  const bus = await connectNatsBus(options(more));
  opened.push(bus);
  return bus;
}

/** A subscription reaches the server behind whatever else is sent there. */
async function settled(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 50));
}

busContract('nats', async () => {
  const nodes = await Promise.all([0, 1, 2].map(() => connectNatsBus(options())));
  return {
    nodes, settled,
    async close() {
      await Promise.all(nodes.map((bus) => bus.stop()));
    },
  };
});

const ids = createTestIds(6);
const app = ids.id('app');

it('[CLU2] comes back to a server that was started again after the clock had gone back by an hour', async () => {
  const own = await startNats();
  if (!own.process) return;
  try {
    const clock = { ...systemClock(), now: () => Date.now() };
    const bus = await node({ servers: [own.url], clock });
    expect(bus.alive()).toBe(true);
    // What the library looks at itself.
    const realNow = Date.now;
    vi.spyOn(Date, 'now').mockImplementation(() => realNow() - 3_600_000);
    own.process.signal('SIGKILL');
    await own.restart();
    await vi.waitFor(() => expect(bus.alive()).toBe(true), { timeout: 10_000 });
  } finally {
    vi.restoreAllMocks();
    await own.stop();
  }
});

/** How often a node was told that something may be missing. */
function doubts(bus: Bus): () => number {
  let count = 0;
  bus.listen((message) => {
    if (message.kind === 'unsure') count += 1;
  });
  return () => count;
}

/** Two nodes, and a stream that the far one follows. */
async function followed(): Promise<{ near: Bus; far: Bus; stream: string; there: ReturnType<typeof ear>; doubted: () => number }> {
  const [near, far] = [await node(), await node()];
  const stream = ids.id('conversation');
  far.follow(app, stream);
  await settled();
  return { near, far, stream, there: ear(far), doubted: doubts(far) };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe('addresses of NATS', () => {
  it('[CLU2] are read with the credentials that they name', () => {
    expect(readServers(['nats://one', 'nats://ann:p%40ss@two:4333'])).toEqual({ servers: ['one:4222', 'two:4333'], tls: false, user: 'ann', pass: 'p@ss' });
    expect(readServers(['tls://secret@one:1'])).toEqual({ servers: ['one:1'], tls: true, token: 'secret' });
  });

  it.each(['one:4222', 'http://one', 'nats://', ''])('[BAD bus.address] %j is none', (text) => {
    expect(() => readServers([text])).toThrow('is no address of a NATS server');
  });

  it('[BAD bus.address] are not repeated with their credentials', () => {
    expect(() => readServers(['http://ann:secret@one'])).toThrow(/^http:\/\/…@one is no address/);
  });
});

describe('the bus on NATS', () => {
  it('[CLU2] carries facts of one turn together, names those that are too long, and splits what is too much', async () => {
    const [near, far] = [await node(), await node()];
    const stream = ids.id('conversation');
    far.follow(app, stream);
    await settled();
    const there = ear(far);
    const rows = Array.from({ length: 40 }, (_, at) => ({ ...fact(stream, at + 1, JSON.stringify({ text: 'x'.repeat(at === 20 ? 70_000 : 20_000) })), app }));
    for (const row of rows) near.publish({ kind: 'facts', facts: [row] });
    await there.until((heard) => heard.some((message) => message.kind === 'facts' && message.facts.at(-1)?.seq === 40));
    expect(there.heard.flatMap((message) => (message.kind === 'facts' ? message.facts : []))).toEqual(rows.filter((_, at) => at !== 20));
    expect(there.heard.flatMap((message) => (message.kind === 'moved' ? message.places : []))).toEqual([{ app, stream, seq: 21, position: rows[20]!.position, eventId: rows[20]!.eventId }]);
    const carried = there.heard.filter((message) => message.kind === 'facts').length;
    expect(carried).toBeGreaterThan(1);
    expect(carried).toBeLessThan(10);
  });

  it('[ISO1] keeps installations apart that share a server', async () => {
    const [mine, other, prefixed] = [await node(), await node({ epoch: 'two' }), await node({ prefix: 'else' })];
    const stream = ids.id('conversation');
    for (const bus of [other, prefixed]) bus.follow(app, stream);
    await settled();
    const heard: BusMessage[] = [];
    for (const bus of [other, prefixed]) bus.listen((message) => message.kind !== 'unsure' && heard.push(message));
    mine.publish({ kind: 'facts', facts: [{ ...fact(stream, 1), app }] });
    mine.publish({ kind: 'app_changed', app });
    other.publish({ kind: 'evict', app, stream, seq: 9 });
    await settled();
    expect(heard).toEqual([{ kind: 'evict', app, stream, seq: 9 }]);
  });

  it('[BAD bus.message,CLU2] leaves out what it does not understand', async () => {
    const bus = await node();
    const stream = ids.id('conversation');
    bus.follow(app, stream);
    await settled();
    const there = ear(bus);
    const stranger = await connect({ servers: server.url });
    const texts = ['', '{', '[]', 'null', '{"v":1,"k":"facts","facts":[[1]],"named":[]}', '{"v":2,"k":"evict","seq":1}', '{"v":1,"k":"evict","seq":-1}', '{"v":1,"k":"later"}'];
    for (const text of texts) {
      stranger.publish(`test.one.s.${app}.${stream}`, text);
      stranger.publish('test.one.all', text);
    }
    stranger.publish(`test.one.s.${app}.${stream}`, '{"v":1,"k":"evict","seq":7,"more":true}');
    await there.until((heard) => heard.length > 0);
    expect(there.heard).toEqual([{ kind: 'evict', app, stream, seq: 7 }]);
    await stranger.close();
  });

  it.skipIf(!startsOwnNats())('[CLU2] goes on when the server was killed and is back, and doubts what was sent meanwhile', async () => {
    const { near, far, stream, there, doubted } = await followed();
    server.process!.signal('SIGKILL');
    await until(() => !near.alive() && !far.alive());
    near.publish({ kind: 'evict', app, stream, seq: 1 });
    await server.restart();
    await until(() => near.alive() && far.alive() && doubted() > 0);
    await settled();
    near.publish({ kind: 'evict', app, stream, seq: 2 });
    await there.until((heard) => heard.length > 0);
    expect(there.heard).toEqual([{ kind: 'evict', app, stream, seq: 2 }]);
  });

  it.skipIf(!startsOwnNats())('[CLU2] notices a server that stands still, and gives it nothing until it answers', async () => {
    const { near, far, stream, there, doubted } = await followed();
    server.process!.signal('SIGSTOP');
    await until(() => !near.alive() && !far.alive());
    for (let at = 1; at <= 1_000; at += 1) near.publish({ kind: 'evict', app, stream, seq: at });
    server.process!.signal('SIGCONT');
    await until(() => near.alive() && far.alive() && doubted() > 0);
    await settled();
    near.publish({ kind: 'evict', app, stream, seq: 2_000 });
    await there.until((heard) => heard.length > 0);
    expect(there.heard).toEqual([{ kind: 'evict', app, stream, seq: 2_000 }]);
  });

  it.skipIf(!startsOwnNats())('[CLU2] starts without a server, and is on the bus when there is one', async () => {
    server.process!.signal('SIGKILL');
    await server.process!.ended;
    const log = recordingLog();
    const bus = await node({ log });
    expect(bus.alive()).toBe(false);
    expect(log.lines.some((line) => line.event === 'bus.unreachable')).toBe(true);
    const stream = ids.id('conversation');
    bus.follow(app, stream);
    const there = ear(bus);
    await server.restart();
    await until(() => bus.alive());
    const other = await node();
    await settled();
    other.publish({ kind: 'evict', app, stream, seq: 3 });
    await there.until((heard) => heard.length > 0);
    expect(there.heard).toEqual([{ kind: 'evict', app, stream, seq: 3 }]);
  });

  it.skipIf(!startsOwnNats())('[BAD bus.credentials] refuses to start when the server refuses it', async () => {
    const guarded = await startNats({ args: ['--user', 'node', '--pass', 'right'] });
    try {
      const place = guarded.url.replace('nats://', '');
      await expect(node({ servers: [`nats://node:wrong@${place}`] })).rejects.toThrow('NATS refuses this node');
      expect((await node({ servers: [`nats://node:right@${place}`] })).alive()).toBe(true);
    } finally {
      await guarded.stop();
    }
  });
});
