/** Previews of links, on a real server and database; the pages come from another real server. */
import type { MessageView } from '../../src/domain/messages/view.js';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Caller } from '../../src/domain/caller.js';
import { createPreviewedApps, type PreviewedApps } from '../../src/domain/previews/previewed-apps.js';
import { createPreviewer, defaultPreviewerBounds, type Previewer, type PreviewerBounds } from '../../src/domain/previews/previewer.js';
import { systemClock, type Clock } from '../../src/runtime/clock.js';
import { createSafeFetch, type Resolve } from '../../src/runtime/safe-fetch.js';
import { createPreviewConsumer, createPreviewWorker, IDLE_MS } from '../../src/workers/previews.js';
import { createRunner } from '../../src/workers/runner.js';
import type { Turns } from '../../src/workers/turns.js';
import { startWorld, type App, type World } from '../gateway/world.js';
import { manualClock, type ManualClock } from '../support/manual-clock.js';
import { recordingLog, type RecordingLog } from '../support/recording-log.js';

const ADMIN: Caller = { kind: 'admin', keyId: 'k_00000000000000000000000000' };
const HTML = { 'content-type': 'text/html; charset=utf-8' };

let asked: string[] = [];
let answer: RequestListener;
const site = createServer((request, response) => {
  asked.push(request.url!);
  answer(request, response);
});
const page = (path = '/'): string => `http://127.0.0.1:${(site.address() as AddressInfo).port}${path}`;
const says = (head: string, type: Record<string, string> = HTML): RequestListener => (_request, response) => void response.writeHead(200, type).end(`<html><head>${head}</head>`);
beforeAll(() => new Promise<void>((resolve) => void site.listen(0, '127.0.0.1', resolve)));
afterAll(() => {
  site.closeAllConnections();
  site.close();
});

let log: RecordingLog;
let world: World;
let app: App;
let alice: { id: string; caller: Caller };
let bob: { id: string; caller: Caller };
let group: string;
let stops: (() => unknown)[] = [];

beforeEach(async () => {
  log = recordingLog();
  asked = [];
  answer = says('<title>A page</title>');
  world = await startWorld({ log });
  app = await world.app();
  [alice, bob] = [await world.user(app, 'alice'), await world.user(app, 'bob')];
  group = (await world.op(alice.caller, 'conversations.create', { member_ids: [bob.id] })).conversation_id;
});
afterEach(async () => {
  for (const stop of stops) await stop();
  stops = [];
  await world.stop();
});

interface Node {
  readonly runner: Turns;
  readonly previewer: Previewer;
  readonly apps: PreviewedApps;
  /** Reads what is there, and looks at it. */
  settle(): Promise<void>;
}

interface NodeOptions {
  readonly clock?: Clock;
  readonly loopback?: boolean;
  readonly resolve?: Resolve;
  readonly bounds?: Partial<PreviewerBounds>;
  readonly owner?: string;
}

/** What a server has that makes previews, with a clock and a network of its own. */
function node({ clock = systemClock(), loopback = true, resolve = () => Promise.resolve(['127.0.0.1']), bounds = {}, owner = 'test' }: NodeOptions = {}): Node {
  const domain = { ...world.server.domain, clock };
  const { storage } = domain;
  const previewer = createPreviewer(domain, createSafeFetch({ clock, resolve, loopback, plain: true }), { ...defaultPreviewerBounds, ...bounds });
  const apps = createPreviewedApps(domain);
  const runner = createRunner(storage, clock, log, createPreviewConsumer(storage, apps, previewer, clock), owner);
  stops.push(() => apps.stop(), () => previewer.stop());
  return {
    runner, previewer, apps,
    async settle() {
      await runner.turn();
      await previewer.idle();
    },
  };
}

const switchOn = (on = true, of = app.id) => world.op(ADMIN, 'apps.update', { app_id: of, link_previews: on });
const send = async (text: string, caller = alice.caller): Promise<string> => (await world.op(caller, 'messages.send', { conversation_id: group, text })).id;
const shown = async (id: string): Promise<MessageView['previews']> => (await world.op(bob.caller, 'messages.get', { message_id: id })).previews;
const facts = async (): Promise<number> => (await world.server.domain.storage.facts({ app: app.id, stream: group, viewer: null, afterSeq: 0, limit: 100 }))!.facts.filter(({ type }) => type === 'message.previewed').length;

describe('a link', () => {
  it('gets a preview from its page, which all members see; the fact is nobody\'s', async () => {
    await switchOn();
    answer = says('<title>t</title><meta property="og:title" content="Q &amp; A"><meta property="og:description" content="All of it."><meta property="og:image" content="https://img.example/a.png">');
    const id = await send(`look: ${page('/a?b=c#d')}, and ${page('/two')}.`);
    await node().settle();
    const preview = { title: 'Q & A', description: 'All of it.', image_url: 'https://img.example/a.png' };
    expect(await shown(id)).toEqual([{ url: page('/a?b=c#d'), ...preview }, { url: page('/two'), ...preview }]);
    expect(asked.toSorted()).toEqual(['/a?b=c', '/two']);
    const { facts: all } = (await world.server.domain.storage.facts({ app: app.id, stream: group, viewer: bob.id, afterSeq: 0, limit: 100 }))!;
    expect(all.at(-1)).toMatchObject({ type: 'message.previewed', actor: null });
  });

  it('gets none unless the app has said so, and nobody asks', async () => {
    const other = await world.app();
    await switchOn(true, other.id);
    expect((await world.op(ADMIN, 'apps.get', { app_id: app.id })).link_previews).toBe(false);
    const id = await send(page());
    await node().settle();
    expect([await shown(id), asked]).toEqual([[], []]);
  });

  it('of before the app said so stays without; while no app has, nothing is read', async () => {
    await send(page('/before'));
    const one = node();
    const { storage } = world.server.domain;
    const batch = await createPreviewConsumer({ ...storage, factsAfterPosition: () => Promise.reject(new Error('it was read')) }, one.apps, one.previewer, systemClock()).read(0, 10);
    expect(batch).toMatchObject({ facts: [], more: false, position: (await storage.info()).position });
    await one.settle();
    await switchOn();
    await send(page('/after'));
    await one.settle();
    expect(asked).toEqual(['/after']);
    await switchOn(false);
    await send(page('/off'));
    await one.settle();
    expect(asked).toEqual(['/after']);
  });

  it('costs nothing while no app wants previews, but a look each minute', async () => {
    const clock = manualClock();
    const one = node({ clock });
    let turns = 0;
    const worker = createPreviewWorker({
      ...one.runner,
      turn: () => {
        turns += 1;
        return one.runner.turn();
      },
    }, one.apps, clock);
    for (let at = 0; at < 10; at += 1) await worker.turn();
    expect(turns).toBe(1);
    clock.advance(IDLE_MS);
    await worker.turn();
    expect(turns).toBe(2);
    // The change is told on the bus: nobody waits for the minute to end.
    await switchOn();
    await send(page());
    await worker.turn();
    await one.previewer.idle();
    expect([turns, asked]).toEqual([3, ['/']]);
  });

  it('of a backend, and in a message without one, is not looked at', async () => {
    await switchOn();
    await world.op(app.backend, 'messages.send', { conversation_id: group, text: page() });
    await send('no link');
    await node().settle();
    expect(asked).toEqual([]);
  });

  it('of a message that is older than ten minutes is not looked at', async () => {
    await switchOn();
    await send(page());
    const late: ManualClock = manualClock();
    late.jump(600_001);
    await node({ clock: late }).settle();
    expect(asked).toEqual([]);
  });

  it('is asked once for many messages, and again later; what failed is not asked again at once', async () => {
    await switchOn();
    const clock = manualClock();
    const one = node({ clock });
    answer = (request, response) => void (request.url === '/bad' ? response.writeHead(500).end() : says('<title>A</title>')(request, response));
    for (let at = 0; at < 5; at += 1) await send(`${page('/good')} ${page('/bad')}`);
    await one.settle();
    expect(asked.toSorted()).toEqual(['/bad', '/good']);
    expect(one.previewer.counts).toEqual({ made: 5, failed: 1, dropped: 0 });
    clock.advance(60_001);
    await send(`${page('/good')} ${page('/bad')}`);
    await one.settle();
    expect(asked.toSorted()).toEqual(['/bad', '/bad', '/good']);
  });

  it('[ISO1] is asked for each app by itself', async () => {
    await switchOn();
    const other = await world.app();
    await switchOn(true, other.id);
    const mallory = await world.user(other, 'mallory');
    const { conversation_id } = await world.op(mallory.caller, 'conversations.create', { member_ids: [(await world.user(other, 'eve')).id] });
    await send(page());
    await world.op(mallory.caller, 'messages.send', { conversation_id, text: page() });
    await node().settle();
    expect(asked).toEqual(['/', '/']);
  });
});

describe('a message', () => {
  it('that is edited gets the previews of what it says now, and loses them with its links', async () => {
    await switchOn();
    const one = node();
    answer = (request, response) => says(`<title>${request.url}</title>`)(request, response);
    const id = await send(page('/one'));
    await one.settle();
    await world.op(alice.caller, 'messages.edit', { message_id: id, text: page('/two') });
    await one.settle();
    expect(await shown(id)).toEqual([{ url: page('/two'), title: '/two' }]);
    await world.op(alice.caller, 'messages.edit', { message_id: id, text: 'nothing' });
    await one.settle();
    expect(await shown(id)).toEqual([]);
    expect(await facts()).toBe(3);
    await world.op(alice.caller, 'messages.edit', { message_id: id, text: 'nothing again' });
    await one.settle();
    expect(await facts()).toBe(3);
  });

  it.each(['edited', 'deleted'] as const)('that is %s while its page is asked gets no preview of it', async (how) => {
    await switchOn();
    let arrived = (): void => undefined;
    const there = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    let finish = (): void => undefined;
    answer = (request, response) => {
      finish = () => says('<title>late</title>')(request, response);
      arrived();
    };
    const id = await send(page());
    const one = node();
    await one.runner.turn();
    await there;
    if (how === 'edited') await world.op(alice.caller, 'messages.edit', { message_id: id, text: 'else' });
    else await world.op(alice.caller, 'messages.delete', { message_id: id });
    finish();
    await one.previewer.idle();
    expect([await shown(id), await facts()]).toEqual([[], 0]);
    expect(log.lines.filter(({ event }) => event.startsWith('previews'))).toEqual([]);
  });

  it('[VIS4] that is deleted takes its previews along, also out of the log', async () => {
    await switchOn();
    answer = says('<title>SECRET</title>');
    const id = await send(page());
    await node().settle();
    expect(await shown(id)).toHaveLength(1);
    await world.op(alice.caller, 'messages.delete', { message_id: id });
    const { facts: all } = (await world.server.domain.storage.facts({ app: app.id, stream: group, viewer: null, afterSeq: 0, limit: 100 }))!;
    expect(all.find(({ type }) => type === 'message.previewed')).toMatchObject({ redacted: true, payload: '{}' });
    expect(JSON.stringify(all)).not.toContain('SECRET');
    expect(await shown(id)).toEqual([]);
  });

  it('[SND2] gets them once, whichever nodes look at it', async () => {
    await switchOn();
    const id = await send(page());
    const place = { app: app.id, conversation: group, seq: (await world.op(bob.caller, 'messages.get', { message_id: id })).seq };
    const nodes = [node({ owner: 'one' }), node({ owner: 'two' })];
    for (const one of nodes) one.previewer.add({ ...place, bodySeq: place.seq });
    await Promise.all(nodes.map((one) => one.previewer.idle()));
    expect(await facts()).toBe(1);
  });
});

describe('a hostile page', () => {
  it.each<[string, () => RequestListener]>([
    ['is of another type', () => says('<title>x</title>', { 'content-type': 'application/json' })],
    ['has no type', () => says('<title>x</title>', {})],
    ['says almost the type', () => says('<title>x</title>', { 'content-type': 'text/htmlx' })],
    ['is an error', () => (_request, response) => void response.writeHead(404, HTML).end('<title>Not found</title>')],
    ['has no title', () => says('<meta property="og:description" content="x">')],
    ['is compressed', () => says('<title>x</title>', { ...HTML, 'content-encoding': 'gzip' })],
    ['redirects for ever', () => (_request, response) => void response.writeHead(302, { location: '/again' }).end()],
    ['redirects to a private address', () => (_request, response) => void response.writeHead(302, { location: 'http://10.0.0.1/' }).end()],
    ['redirects to the cloud beside it', () => (_request, response) => void response.writeHead(301, { location: 'http://169.254.169.254/latest/meta-data/' }).end()],
    ['redirects to a file', () => (_request, response) => void response.writeHead(307, { location: 'file:///etc/passwd' }).end()],
    ['redirects to no address', () => (_request, response) => void response.writeHead(308, { location: 'http://[' }).end()],
    ['breaks', () => (request) => void request.socket.destroy()],
  ])('[BAD link.type, BAD link.redirect] that %s gives no preview', async (_, hostile) => {
    await switchOn();
    answer = hostile();
    const id = await send(page('/private-path'));
    const one = node();
    await one.settle();
    expect([await shown(id), one.previewer.counts]).toEqual([[], { made: 0, failed: 1, dropped: 0 }]);
    expect(asked.length).toBeLessThanOrEqual(4);
    expect(log.text()).not.toContain('private-path');
  });

  it('follows three redirects, each from where it stands', async () => {
    await switchOn();
    answer = (request, response) => void (request.url === '/3' ? says('<title>there</title><meta property="og:image" content="https://img.example/x">')(request, response) : response.writeHead(302, { location: `/${Number(request.url!.slice(1)) + 1}` }).end());
    const id = await send(page('/0'));
    await node().settle();
    expect(await shown(id)).toEqual([{ url: page('/0'), title: 'there', image_url: 'https://img.example/x' }]);
  });

  it.each(['http://127.0.0.1:PORT/', 'http://0x7f.1:PORT/', 'http://2130706433:PORT/', 'http://[::1]:PORT/', 'http://[::ffff:127.0.0.1]:PORT/', 'http://name.example:PORT/', 'http://10.0.0.1/', 'http://169.254.169.254/'])('[BAD link.address] at %s is not asked outside of a test', async (address) => {
    await switchOn();
    const id = await send(address.replace('PORT', String((site.address() as AddressInfo).port)));
    const one = node({ loopback: false });
    await one.settle();
    expect([await shown(id), asked, one.previewer.counts.failed]).toEqual([[], [], 1]);
  });

  it('[BAD link.address] whose name says something else a moment later is asked where it was looked at', async () => {
    await switchOn();
    let resolved = 0;
    const rebinding: Resolve = () => {
      resolved += 1;
      return Promise.resolve(resolved === 1 ? ['127.0.0.1'] : ['10.0.0.1']);
    };
    answer = (_request, response) => void response.writeHead(302, { location: '/again' }).end();
    await send(`http://rebinding.example:${(site.address() as AddressInfo).port}/`);
    const one = node({ resolve: rebinding });
    await one.settle();
    // The redirect is a request of its own, which is looked at anew.
    expect([asked, resolved, one.previewer.counts.failed]).toEqual([['/'], 2, 1]);
  });

  it('[BAD link.endless] without an end is read up to 256 KiB', async () => {
    await switchOn();
    answer = (_request, response) => {
      response.writeHead(200, HTML).write('<title>endless</title>');
      const more = (): void => {
        if (!response.destroyed) response.write('x'.repeat(16_384), () => setImmediate(more));
      };
      more();
    };
    const id = await send(page());
    await node().settle();
    expect(await shown(id)).toEqual([{ url: page(), title: 'endless' }]);
  });

  it('[BAD link.text, BAD link.markup] with a huge title and script in it gives bounded text', async () => {
    await switchOn();
    answer = says(`<title><script>alert(1)</script>${'x'.repeat(100_000)}</title><meta property="og:description" content="&lt;b&gt;\u202e${'y'.repeat(1_000)}"><meta property="og:image" content="javascript:alert(1)">`);
    const id = await send(page());
    await node().settle();
    const [preview] = await shown(id);
    expect(preview).toEqual({ url: page(), title: expect.stringMatching(/^<script>alert\(1\)<\/script>x+…$/) as string, description: expect.stringMatching(/^<b>y+…$/) as string });
    expect([preview!.title!.length, preview!.description!.length]).toEqual([200, 400]);
  });

  it.each(['javascript:alert(1)', 'data:image/png;base64,x', 'http://192.168.1.1/reboot', 'http://localhost/x', 'http://router/x', 'http://[::1]/x', 'https://a:b@img.example/x', `https://img.example/${'x'.repeat(2_048)}`])('[BAD link.image] names no image at %s', async (image) => {
    await switchOn();
    answer = says(`<title>x</title><meta property="og:image" content="${image}">`);
    const id = await send(page());
    await node().settle();
    expect(await shown(id)).toEqual([{ url: page(), title: 'x' }]);
  });

  it('in another encoding is read in it; in one that nobody knows, as far as it goes', async () => {
    await switchOn();
    answer = (request, response) => void (request.url === '/header'
      ? response.writeHead(200, { 'content-type': 'text/html; charset="ISO-8859-1"' }).end(Buffer.from('<title>é</title>', 'latin1'))
      : response.writeHead(200, { 'content-type': 'text/html' }).end(Buffer.from(`<meta charset=${request.url === '/meta' ? 'shift_jis' : 'x-nobody'}><title>\x93\xfa</title>`, 'latin1')));
    const id = await send(`${page('/header')} ${page('/meta')} ${page('/unknown')}`);
    await node().settle();
    expect((await shown(id)).map(({ title }) => title)).toEqual(['é', '日', '\ufffd\ufffd']);
  });

  it.each<[string, RequestListener]>([
    ['does not answer', () => undefined],
    ['drips', (_request, response) => {
      response.writeHead(200, HTML);
      const drip = (): void => {
        if (!response.destroyed) response.write('<', () => setTimeout(drip, 5));
      };
      drip();
    }],
  ])('[BAD link.slow] that %s is left after 3 s; meanwhile the log is read on, and others get theirs', async (_, slow) => {
    await switchOn();
    const clock = manualClock();
    const one = node({ clock });
    let arrived = (): void => undefined;
    const there = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    answer = (request, response) => {
      if (request.url !== '/slow') return says('<title>fast</title>')(request, response);
      slow(request, response);
      arrived();
    };
    const [stuck, quick] = [await send(page('/slow')), await send(page('/quick'))];
    await one.runner.turn();
    await there;
    await expect.poll(() => shown(quick), { timeout: 10_000 }).toEqual([{ url: page('/quick'), title: 'fast' }]);
    const { storage } = world.server.domain;
    expect((await storage.lease('previews', 'test', clock.now(), 5_000))!.position).toBeGreaterThan(0);
    expect(one.previewer.waiting).toBe(1);
    clock.advance(3_000);
    await one.previewer.idle();
    expect([await shown(stuck), one.previewer.counts]).toEqual([[], { made: 1, failed: 1, dropped: 0 }]);
  });
});

describe('bounds', () => {
  it('hold for what waits and what runs; beyond them a message gets no preview', async () => {
    await switchOn();
    const clock = manualClock();
    const one = node({ clock, bounds: { waiting_app_max: 3, running_app_max: 2 } });
    answer = () => undefined;
    for (let at = 0; at < 10; at += 1) await send(page(`/${at}`));
    await one.runner.turn();
    expect(one.previewer.counts.dropped).toBe(5);
    expect(one.previewer.waiting).toBe(5);
    await expect.poll(() => asked.length, { timeout: 10_000 }).toBe(2);
    // Who stops does not wait for pages.
    await one.previewer.stop();
    expect(asked).toHaveLength(2);
  });

  it('an app that waits for slow pages keeps no other waiting', async () => {
    await switchOn();
    const other = await world.app();
    await switchOn(true, other.id);
    const [carol, dave] = [await world.user(other, 'carol'), await world.user(other, 'dave')];
    const { conversation_id } = await world.op(carol.caller, 'conversations.create', { member_ids: [dave.id] });
    const one = node({ clock: manualClock() });
    answer = (request, response) => (request.url === '/quick' ? says('<title>fast</title>')(request, response) : undefined);
    for (let at = 0; at < 20; at += 1) await send(page(`/slow-${at}`));
    const { id } = await world.op(carol.caller, 'messages.send', { conversation_id, text: page('/quick') });
    await one.runner.turn();
    await expect.poll(async () => (await world.op(dave.caller, 'messages.get', { message_id: id })).previews, { timeout: 10_000 }).toHaveLength(1);
  });
});

it('a server does all of it by itself', async () => {
  const own = await startWorld({ previewFetch: createSafeFetch({ clock: systemClock(), resolve: () => Promise.resolve([]), loopback: true, plain: true }) });
  try {
    const there = await own.app();
    await own.op(ADMIN, 'apps.update', { app_id: there.id, link_previews: true });
    const [carol, dave] = [await own.user(there, 'carol'), await own.user(there, 'dave')];
    const { conversation_id } = await own.op(carol.caller, 'conversations.create', { member_ids: [dave.id] });
    const { id } = await own.op(carol.caller, 'messages.send', { conversation_id, text: page() });
    await expect.poll(async () => (await own.op(dave.caller, 'messages.get', { message_id: id })).previews, { timeout: 20_000 }).toEqual([{ url: page(), title: 'A page' }]);
  } finally {
    await own.stop();
  }
});
