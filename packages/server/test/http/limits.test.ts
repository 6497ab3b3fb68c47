/** Limits, on a clock that the test moves. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { LimitRates } from '../../src/domain/limits/command-limits.js';
import type { Rate } from '../../src/domain/limits/token-bucket.js';
import { manualClock, type ManualClock } from '../support/manual-clock.js';
import { rawRequest } from './support/raw-http.js';
import { expectOk, expectProblem, jsonOf, type Reply } from './support/reply.js';
import { startStage, type Scene, type Stage } from './support/stage.js';

let stage: Stage;
let clock: ManualClock;

async function start(options: { addressRate?: Rate; limitRates?: Partial<LimitRates>; trustProxy?: readonly string[] }): Promise<Scene> {
  clock = manualClock();
  stage = await startStage({ clock, ...options });
  return stage.scene();
}

const HANDSHAKE = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', 'Sec-WebSocket-Protocol: talaria.v1'];
const upgrade = (scene: Scene, ...more: string[]) => rawRequest(stage.port, [`GET /v1/socket/${scene.publicKey} HTTP/1.1`, ...HANDSHAKE, ...more]);
const expectLimited = (reply: Reply, whose: string, waitMs: number): void => {
  const { detail, retry_after_ms: wait } = expectProblem(reply, 'rate_limited');
  expect([detail, wait]).toEqual([`Too many requests of this ${whose}.`, waitMs]);
};
const times = async (count: number, ask: () => Promise<Reply>): Promise<Reply[]> => {
  const replies: Reply[] = [];
  for (let turn = 0; turn < count; turn += 1) replies.push(await ask());
  return replies;
};

describe('of an address, before it is known who asks', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await start({ addressRate: { per_s: 1, burst: 2 } });
  });
  // All is forgiven by then.
  beforeEach(() => clock.advance(60_000));
  afterAll(() => stage.stop());

  it.each<[string, () => Promise<Reply>, number]>([
    ['requests without a credential', () => stage.ask('GET', '/v1/users'), 401],
    ['requests with a bad one', () => stage.ask('GET', '/v1/users', { as: `${scene.key}x` }), 401],
    ['requests for nothing', () => stage.ask('GET', '/v1/nothing'), 404],
    ['wrong methods', () => stage.ask('DELETE', '/v1/users'), 405],
    ['preflights', () => stage.ask('OPTIONS', '/v1/users/me'), 204],
    ['pages', () => stage.ask('GET', '/openapi.json'), 200],
    ['scrapes', () => stage.ask('GET', '/metrics'), 200],
    ['handshakes for no app', () => upgrade({ ...scene, publicKey: 'pk_nobody' }), 404],
  ])('%s are counted', async (_, ask, status) => {
    expect((await times(2, ask)).map((reply) => reply.status)).toEqual([status, status]);
    expectLimited(await ask(), 'address', 1_000);
    clock.advance(500);
    expectLimited(await ask(), 'address', 500);
    clock.advance(250);
    expectLimited(await ask(), 'address', 250);
    clock.advance(250);
    expect((await ask()).status).toBe(status);
    expectLimited(await ask(), 'address', 1_000);
  });

  it('what turns out to be authenticated is given back, and never more than that', async () => {
    for (const as of [scene.key, scene.alice.token, stage.adminKey]) {
      const replies = await times(5, () => stage.call(as === stage.adminKey ? 'tenants.list' : 'users.get', as === stage.adminKey ? {} : { user_id: 'ext:alice' }, { as }));
      for (const reply of replies) expectOk(reply);
    }
    // Refused for what it asks, not for who asks.
    for (const reply of await times(5, () => stage.call('users.list', { no_such_field: 1 }, { as: scene.key }))) expectProblem(reply, 'invalid_argument');
    const refused = await times(3, () => stage.ask('GET', '/v1/users'));
    expect(refused.map((reply) => reply.status)).toEqual([401, 401, 429]);
    // An address that has used up its limit lets nobody in, not even who could show a key.
    expectLimited(await stage.call('users.list', {}, { as: scene.key }), 'address', 1_000);
  });

  it('probes are never counted and never refused', async () => {
    const probe = async (): Promise<void> => {
      for (const path of ['/livez', '/readyz']) for (const reply of await times(5, () => stage.ask('GET', path))) expectOk(reply);
    };
    await probe();
    for (const reply of await times(2, () => stage.ask('GET', '/v1/nothing'))) expectProblem(reply, 'not_found');
    expectLimited(await stage.ask('GET', '/v1/nothing'), 'address', 1_000);
    await probe();
  });

  it('a handshake is limited, and given back with hello', async () => {
    for (let turn = 0; turn < 5; turn += 1) (await stage.world.client(scene, scene.alice.token)).destroy();
    await stage.world.socket(scene);
    await stage.world.socket(scene);
    expectLimited(await upgrade(scene), 'address', 1_000);
    expectLimited(await stage.ask('GET', '/v1/nothing'), 'address', 1_000);
  });

  it('[BAD http.forwarded-for] an address that is only claimed does not help', async () => {
    const before = stage.log.lines.length;
    const claim = (at: number) => ({ 'x-forwarded-for': `203.0.113.${at}`, 'x-real-ip': `203.0.113.${at}`, forwarded: `for=203.0.113.${at}`, 'cf-connecting-ip': `203.0.113.${at}`, 'true-client-ip': `203.0.113.${at}` });
    expect((await stage.ask('GET', '/v1/nothing', { headers: claim(1) })).status).toBe(404);
    expect((await upgrade({ ...scene, publicKey: 'pk_nobody' }, 'X-Forwarded-For: 203.0.113.2')).status).toBe(404);
    expectLimited(await stage.ask('GET', '/v1/nothing', { headers: claim(3) }), 'address', 1_000);
    expectLimited(await upgrade(scene, 'X-Forwarded-For: 203.0.113.4'), 'address', 1_000);
    expect(stage.log.lines.slice(before).filter(({ event }) => event === 'http.request').map(({ fields }) => fields['address'])).toEqual(['127.0.0.1', '127.0.0.1']);
  });

  it('a page can read why it was refused', async () => {
    const ask = () => stage.ask('GET', '/v1/users/me', { headers: { origin: 'https://app.example' } });
    for (const reply of await times(2, ask)) expectProblem(reply, 'unauthenticated');
    const reply = await ask();
    expectLimited(reply, 'address', 1_000);
    expect(reply.headers.get('access-control-allow-origin')).toBe('https://app.example');
    expect(stage.log.lines.at(-1)?.fields).toMatchObject({ operation: 'users.get', status: 429 });
  });
});

describe('behind a proxy', () => {
  afterEach(() => stage.stop());

  it('a trusted proxy speaks for its clients, each of them on their own', async () => {
    const scene = await start({ addressRate: { per_s: 1, burst: 1 }, trustProxy: ['127.0.0.0/8'] });
    const from = (claim: string) => stage.ask('GET', '/v1/nothing', { headers: { 'x-forwarded-for': claim } });
    expect((await from('203.0.113.1')).status).toBe(404);
    expectLimited(await from('203.0.113.1'), 'address', 1_000);
    expectLimited(await from('198.51.100.7, 203.0.113.1:4711'), 'address', 1_000);
    expectLimited(await from('::ffff:203.0.113.1'), 'address', 1_000);
    expect((await from('203.0.113.2')).status).toBe(404);
    expect((await from('2001:db8::1')).status).toBe(404);
    expectLimited(await from('2001:db8::ffff'), 'address', 1_000);
    expect((await from('2001:db8:0:1::1')).status).toBe(404);
    expectLimited(await upgrade(scene, 'X-Forwarded-For: 203.0.113.2'), 'address', 1_000);
    const two = ['GET /v1/nothing HTTP/1.1', 'X-Forwarded-For: 203.0.113.9', 'X-Forwarded-For: 203.0.113.2'];
    expectLimited(await rawRequest(stage.port, two), 'address', 1_000);
    expect(stage.log.lines.filter(({ event }) => event === 'http.request').map(({ fields }) => fields['address']).slice(-2)).toEqual(['2001:db8:0:1::1', '203.0.113.2']);
  });
});

describe('of a user and an app', () => {
  afterEach(() => stage.stop());

  const rateOf = ({ headers }: Reply): [string | null, string | null] => [headers.get('ratelimit-policy'), headers.get('ratelimit')];

  it('the headers of a user count down, refuse and come back', async () => {
    const scene = await start({ limitRates: { user: { per_s: 0.5, burst: 3 } } });
    const read = () => stage.call('users.get', { user_id: 'me' }, { as: scene.alice.token });
    const send = () => stage.call('messages.send', { conversation_id: scene.group, text: 'x' }, { as: scene.alice.token });
    clock.advance(60_000);
    // Reads and commands are counted alike; each is 2 s.
    expect((await times(2, read)).map(rateOf)).toEqual([['"user";q=3;w=6', '"user";r=2;t=2'], ['"user";q=3;w=6', '"user";r=1;t=4']]);
    expect(rateOf(expectOk(await send()))).toEqual(['"user";q=3;w=6', '"user";r=0;t=6']);
    for (const reply of [await read(), await send()]) {
      expectLimited(reply, 'user', 2_000);
      expect(rateOf(reply)).toEqual(['"user";q=3;w=6', '"user";r=0;t=6']);
      expect(reply.headers.get('retry-after')).toBe('2');
    }
    clock.advance(1_999);
    expectLimited(await read(), 'user', 1);
    clock.advance(1);
    expectOk(await read());
    clock.advance(60_000);
    expect(rateOf(await read())).toEqual(['"user";q=3;w=6', '"user";r=2;t=2']);
    // Bob has his own.
    expect(rateOf(await stage.call('users.get', { user_id: 'me' }, { as: scene.bob.token }))).toEqual(['"user";q=3;w=6', '"user";r=2;t=2']);
  });

  it('the headers of a key are those of its app, whichever key it is', async () => {
    const scene = await start({ limitRates: { app: { per_s: 1, burst: 4 } } });
    clock.advance(60_000);
    const other = await stage.done('keys.create', { app_id: scene.id }, { as: stage.adminKey });
    const list = (as: string) => stage.call('users.list', {}, { as });
    expect(rateOf(await list(scene.key))).toEqual(['"app";q=4;w=4', '"app";r=3;t=1']);
    expect(rateOf(await list(other.secret))).toEqual(['"app";q=4;w=4', '"app";r=2;t=2']);
    // Users of the app count, too.
    expectOk(await stage.call('users.get', { user_id: 'me' }, { as: scene.alice.token }));
    expect(rateOf(await list(scene.key))).toEqual(['"app";q=4;w=4', '"app";r=0;t=4']);
    for (const as of [scene.key, other.secret, scene.bob.token]) expectLimited(await stage.call('users.get', { user_id: 'ext:bob' }, { as }), 'app', 1_000);
    clock.advance(1_000);
    expect(rateOf(await list(other.secret))).toEqual(['"app";q=4;w=4', '"app";r=0;t=4']);
  });

  it('a conversation has one as well, for all who write to it', async () => {
    const scene = await start({ limitRates: { conversation: { per_s: 1, burst: 2 } } });
    const send = (as: string) => stage.call('messages.send', { conversation_id: scene.group, text: 'x' }, { as });
    expectOk(await send(scene.alice.token));
    expectOk(await send(scene.bob.token));
    for (const as of [scene.alice.token, scene.key]) expectLimited(await send(as), 'conversation', 1_000);
    expectOk(await stage.call('messages.list', { conversation_id: scene.group }, { as: scene.alice.token }));
    clock.advance(1_000);
    expectOk(await send(scene.alice.token));
    expect((await stage.done('messages.list', { conversation_id: scene.group }, { as: scene.key })).items).toHaveLength(3);
  });

  it('[SND2] a command that has been executed is answered again when nothing is left', async () => {
    const scene = await start({ limitRates: { user: { per_s: 1, burst: 1 } } });
    clock.advance(60_000);
    const send = (text: string, key: string) =>
      stage.call('messages.send', { conversation_id: scene.group, text }, { as: scene.alice.token, headers: { 'idempotency-key': key } });
    const first = jsonOf<{ seq: number }>(expectOk(await send('once', 'a')));
    for (const reply of await times(3, () => send('once', 'a'))) expect(jsonOf(expectOk(reply))).toEqual({ ...first, duplicate: true });
    expectLimited(await send('new', 'b'), 'user', 1_000);
    // SND3 holds, too.
    expectProblem(await send('other', 'a'), 'idempotency_mismatch');
    clock.advance(1_000);
    expectOk(await send('new', 'b'));
  });

  it('what is refused before it is known what to do costs nothing', async () => {
    const scene = await start({ limitRates: { user: { per_s: 1, burst: 2 } } });
    clock.advance(60_000);
    for (let turn = 0; turn < 5; turn += 1) {
      expectProblem(await stage.call('users.get', { user_id: 'no id' }, { as: scene.alice.token }), 'invalid_argument');
      expectProblem(await stage.call('users.list', {}, { as: scene.alice.token }), 'forbidden');
    }
    expect(rateOf(await stage.call('users.get', { user_id: 'me' }, { as: scene.alice.token }))).toEqual(['"user";q=2;w=2', '"user";r=1;t=1']);
  });

  it('admin keys have none, and switched off there are no headers', async () => {
    const scene = await start({ limitRates: { user: { per_s: 0, burst: 1 }, app: { per_s: 1, burst: 9 } } });
    for (const reply of await times(12, () => stage.call('apps.list', {}, { as: stage.adminKey }))) expect(rateOf(expectOk(reply))).toEqual([null, null]);
    expect(rateOf(await stage.call('users.get', { user_id: 'me' }, { as: scene.alice.token }))).toEqual([null, null]);
    expect(rateOf(await stage.call('users.list', {}, { as: scene.key }))[0]).toBe('"app";q=9;w=9');
  });
});
