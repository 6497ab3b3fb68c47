import { WebSocket } from 'ws';
import { afterEach, describe, expect, it } from 'vitest';
import { manualClock } from '../support/manual-clock.js';
import { createPair } from './pair.js';
import { startWorld, admin, type World } from './world.js';

let world: World;
afterEach(() => world.stop());

describe('handshake', () => {
  it('[BAD session.before-auth] an operation before hello is refused and the connection ends', async () => {
    world = await startWorld();
    const { app, group } = await createPair(world);
    const client = await world.socket(app);
    client.post(group, 'x');
    expect((await client.next('refusal')).refusal.code).toBe('unauthenticated');
    expect(await client.end()).toEqual({ code: 4401, reason: 'unauthenticated' });
  });

  it('[BAD session.second-hello] a second hello is refused', async () => {
    world = await startWorld();
    const { app, alice } = await createPair(world);
    const client = await world.client(app, alice.token);
    client.up({ hello: { token: alice.token } });
    expect((await client.next('refusal')).refusal.code).toBe('already_authenticated');
    expect((await client.end()).code).toBe(4409);
  });

  it('[BAD session.no-hello] without hello in 5 s the connection ends with auth_timeout', async () => {
    const clock = manualClock();
    world = await startWorld({ clock });
    const { app } = await createPair(world);
    const client = await world.socket(app);
    clock.advance(4_999);
    expect(client.closed).toBeUndefined();
    clock.advance(1);
    // What has arrived by now would still be read.
    clock.advance(100);
    expect((await client.next('refusal')).refusal.code).toBe('auth_timeout');
    expect((await client.end()).reason).toBe('auth_timeout');
  });

  it("[BAD session.foreign-token,ISO1] a token of another app than the socket's is invalid", async () => {
    world = await startWorld();
    const { app } = await createPair(world);
    const other = await world.app();
    const mallory = await world.user(other, 'alice');
    const client = await world.socket(app);
    client.up({ hello: { token: mallory.token } });
    expect((await client.next('refusal')).refusal.code).toBe('invalid_token');
    expect(await client.end()).toEqual({ code: 4401, reason: 'invalid_token' });
  });

  it('[BAD ws.text-frame] a text frame on the binary subprotocol ends the connection with 1003', async () => {
    world = await startWorld();
    const { app } = await createPair(world);
    const client = await world.socket(app);
    client.ws.send('{"hello":{}}');
    expect((await client.end()).code).toBe(1003);
  });

  it('[BAD protobuf.garbage] what is no frame is refused as bad_frame', async () => {
    world = await startWorld();
    const { app, alice } = await createPair(world);
    const client = await world.client(app, alice.token);
    client.ws.send(Buffer.from([0xff, 0xff, 0xff]));
    expect((await client.next('refusal')).refusal.code).toBe('bad_frame');
    expect((await client.end()).code).toBe(4400);
  });

  it('[BAD protobuf.no-operation] a frame without an operation is refused and the connection stays', async () => {
    world = await startWorld();
    const { app, alice, group } = await createPair(world);
    const client = await world.client(app, alice.token);
    client.ws.send(Buffer.from([0xfa, 0x07, 0x00]));
    expect((await client.next('refusal')).refusal.code).toBe('unknown_operation');
    await client.say(group, 'still here');
  });

  for (const [name, origin, status] of [
    ['null', 'null', 403], ['foreign', 'https://evil.com', 403], ['suffix', 'https://app.com.evil.com', 403], ['allowed', 'https://app.com', 101], ['absent', undefined, 101],
  ] as const) {
    it(`[BAD session.origin] origin ${name} gets ${status} before there is a socket`, async () => {
      world = await startWorld();
      const app = await world.app();
      await world.op(admin, 'apps.update', { app_id: app.id, allowed_origins: ['https://app.com'] });
      const ws = new WebSocket(`${world.server.url.replace('http', 'ws')}/v1/socket/${app.publicKey}`, ['talaria.v1'], origin === undefined ? {} : { origin });
      const got = await new Promise<number>((resolve) => {
        ws.once('open', () => resolve(101));
        ws.once('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0));
        ws.on('error', () => undefined);
      });
      ws.terminate();
      expect(got).toBe(status);
    });
  }

  it('[BAD session.token-in-query] a query on the socket is refused before there is one', async () => {
    world = await startWorld();
    const { app, alice } = await createPair(world);
    const ws = new WebSocket(`${world.server.url.replace('http', 'ws')}/v1/socket/${app.publicKey}?token=${alice.token}`, ['talaria.v1']);
    ws.on('error', () => undefined);
    const status = await new Promise<number | undefined>((resolve) => void ws.once('unexpected-response', (_request, response) => resolve(response.statusCode)));
    expect(status).toBe(400);
  });
});

describe('credentials', () => {
  it('[RES6] a token is refreshed in band, for the same user only', async () => {
    world = await startWorld();
    const { app, alice, bob, group } = await createPair(world);
    const client = await world.client(app, alice.token);
    client.up({ refresh: { token: bob.token } });
    expect((await client.next('refusal')).refusal.code).toBe('invalid_token');
    expect(client.all('refreshed')).toEqual([]);
    client.up({ refresh: { token: (await world.user(app, 'alice')).token } });
    const { refreshed } = await client.next('refreshed');
    expect(refreshed.token_expires_ms).toBeGreaterThan(refreshed.time_ms);
    await client.say(group, 'goes on');
    expect(client.all('refusal')).toHaveLength(1);
  });

  it('[RES6] an expired token ends the connection, unless it was refreshed', async () => {
    const clock = manualClock();
    world = await startWorld({ clock });
    const app = await world.app();
    const mint = (seconds: number) => world.op(app.backend, 'auth.token', { external_id: 'alice', expires_in_s: seconds });
    const [stays, ends] = [await world.client(app, (await mint(60)).token), await world.client(app, (await mint(60)).token)];
    stays.up({ refresh: { token: (await mint(600)).token } });
    stays.up({ call: { id: 2, op: 'users.get', json: '{"user_id":"me"}' } });
    await stays.next('reply');
    clock.advance(61_000);
    expect(ends.closed).toBeUndefined();
    // Clocks differ, so a token is honoured a little longer than it says.
    clock.advance(30_000);
    expect((await ends.end())).toEqual({ code: 4501, reason: 'token_expired' });
    expect(stays.closed).toBeUndefined();
  });

  it('[RES6] revoking "issued before" closes the connections of that user and no other, and refuses the token', async () => {
    world = await startWorld();
    const { app, alice, bob } = await createPair(world);
    const [a, b] = [await world.client(app, alice.token), await world.client(app, bob.token)];
    await world.op(app.backend, 'auth.revoke', { user_id: 'ext:alice' });
    expect(await a.end()).toEqual({ code: 4403, reason: 'revoked' });
    const again = await world.socket(app);
    again.up({ hello: { token: alice.token } });
    expect((await again.next('refusal')).refusal.code).toBe('revoked');
    expect(b.closed).toBeUndefined();
  });

  it('[RES6] revoking a key closes the connections whose tokens it minted', async () => {
    world = await startWorld();
    const { app, alice } = await createPair(world);
    const a = await world.client(app, alice.token);
    await world.op(admin, 'keys.revoke', { key_id: app.keyId });
    expect(await a.end()).toEqual({ code: 4403, reason: 'revoked' });
    const again = await world.socket(app);
    again.up({ hello: { token: alice.token } });
    expect((await again.next('refusal')).refusal.code).toBe('revoked');
  });

  it('a suspended tenant is disconnected', async () => {
    world = await startWorld();
    const { app, alice } = await createPair(world);
    const a = await world.client(app, alice.token);
    const { tenant_id: tenant } = await world.op(admin, 'apps.get', { app_id: app.id });
    await world.op(admin, 'tenants.update', { tenant_id: tenant, status: 'suspended' });
    expect((await a.end()).reason).toBe('suspended');
  });
});

describe('heartbeats and leaving', () => {
  it('[ORD3] every beat carries the heads that moved since the one before', async () => {
    const clock = manualClock();
    world = await startWorld({ clock });
    const { app, alice, bob, group } = await createPair(world);
    const [a, b] = [await world.client(app, alice.token), await world.client(app, bob.token)];
    const { seq } = await a.say(group, 'one');
    await b.until(() => b.texts(group).length === 1);
    clock.advance(25_000);
    const first = (await b.next('ping')).ping;
    expect(first.heads).toMatchObject([{ stream: group, seq, following: true }]);
    b.up({ pong: { time_ms: first.time_ms } });
    b.up({ call: { id: 2, op: 'users.get', json: '{"user_id":"me"}' } });
    await b.next('reply');
    clock.advance(25_000);
    expect((await b.next('ping', 2)).ping.heads).toEqual([]);
  });

  it('a client that answers no beat is taken for dead', async () => {
    const clock = manualClock();
    world = await startWorld({ clock, gatewayBounds: { missed_pongs_max: 2 } });
    const { app, alice } = await createPair(world);
    const a = await world.client(app, alice.token);
    for (let beat = 0; beat < 3; beat += 1) clock.advance(25_000);
    expect((await a.end()).reason).toBe('heartbeat_timeout');
  });

  it('[CLU4,RES7] a drain answers what was read and gives each client a moment of its own', async () => {
    world = await startWorld();
    const { app, alice, group } = await createPair(world);
    const clients = await Promise.all(Array.from({ length: 20 }, () => world.client(app, alice.token)));
    const a = clients[0]!;
    const ids = Array.from({ length: 100 }, (_, index) => a.post(group, `m${index}`));
    await a.next('ack');
    const drained = world.server.drain(3_000);
    await Promise.all(clients.map((client) => client.next('goaway')));
    const moments = clients.map((client) => client.all('goaway')[0]!.goaway.reconnect_after_ms);
    expect(Math.max(...moments)).toBeLessThan(3_000);
    expect(new Set(moments).size).toBeGreaterThan(10);
    await a.until(() => a.all('ack').length + a.all('refusal').length === ids.length);
    expect(a.all('refusal').every((frame) => frame.refusal.retryable)).toBe(true);
    for (const client of clients) client.ws.close();
    await drained;
    const again = await startWorld({ directory: world.directory });
    const stored = await again.op(app.backend, 'messages.list', { conversation_id: group, limit: 200 });
    const acked = new Set(a.all('ack').map((frame) => frame.ack.client_id));
    expect(stored.items.map((item) => item.client_id).filter((id) => id !== null && acked.has(id))).toHaveLength(acked.size);
    world = again;
  });
});

describe('marks and signals', () => {
  it('[CNT3] a read mark reaches the others, never moves back, and unread is arithmetic', async () => {
    world = await startWorld();
    const { app, alice, bob, group } = await createPair(world);
    const [a, b] = [await world.client(app, alice.token), await world.client(app, bob.token)];
    const first = await a.say(group, 'one');
    const second = await a.say(group, 'two');
    const unread = async () => (await world.op(bob.caller, 'conversations.get', { conversation_id: group })).membership?.unread;
    expect(await unread()).toBe(2);
    b.up({ mark: { conversation_id: group, read_seq: second.seq } });
    expect((await a.next('mark')).mark).toMatchObject({ conversation_id: group, user_id: bob.id, read_seq: second.seq, delivered_seq: second.seq });
    b.up({ mark: { conversation_id: group, read_seq: first.seq } });
    b.up({ call: { id: 2, op: 'users.get', json: '{"user_id":"me"}' } });
    await b.next('reply');
    expect(await unread()).toBe(0);
    expect(a.all('mark')).toHaveLength(1);
  });

  it('[CNT3] who does not share receipts is shown on their own devices where they are, and never further back', async () => {
    world = await startWorld();
    const { app, alice, bob, group } = await createPair(world);
    const [a, b] = [await world.client(app, alice.token), await world.client(app, bob.token)];
    const marksOf = (client: typeof a) => client.all('mark').filter(({ mark }) => mark.user_id === bob.id).map(({ mark }) => [mark.conversation_id, mark.delivered_seq, mark.read_seq]);
    const { seq: joined } = await a.say(group, 'one');
    await world.op(bob.caller, 'marks.set', { conversation_id: group, read_seq: joined });
    await world.op(bob.caller, 'privacy.set', { user_id: 'me', receipts: false });
    const { seq } = await a.say(group, 'two');
    b.up({ mark: { conversation_id: group, read_seq: seq } });
    await a.until(() => marksOf(a).length === 2);
    await b.until(() => marksOf(b).length === 3);
    expect(marksOf(a)).toEqual([[group, joined, joined], [group, seq, joined]]);
    // His own devices follow the conversation, too; what the others are told comes behind what is so.
    expect(marksOf(b)).toEqual([[group, joined, joined], [group, seq, seq], [group, seq, joined]]);
  });

  it('a signal reaches who follows now, and nobody who may not', async () => {
    world = await startWorld();
    const { app, alice, bob, group } = await createPair(world);
    const carol = await world.user(app, 'carol');
    const [a, b, c] = [await world.client(app, alice.token), await world.client(app, bob.token), await world.client(app, carol.token)];
    a.up({ signal: { stream: group, type: 'typing', json: '{}', lifetime_ms: 5_000 } });
    expect((await b.next('signal')).signal).toMatchObject({ stream: group, type: 'typing', user_id: alice.id, lifetime_ms: 5_000 });
    c.up({ signal: { stream: group, type: 'typing', json: '{}' } });
    expect((await c.next('refusal')).refusal.code).toBe('forbidden');
    expect(c.all('signal')).toEqual([]);
  });
});

describe('the JSON form', () => {
  it('carries the same conversation beside a binary client', async () => {
    world = await startWorld();
    const { app, alice, bob, group } = await createPair(world);
    const a = await world.client(app, alice.token);
    const b = await world.socket(app, 'talaria.v1.json');
    await b.hello(bob.token);
    await a.say(group, 'binary to json');
    await b.until(() => b.texts(group).length === 1);
    await b.say(group, 'json to binary');
    await a.until(() => a.texts(group).length === 2);
    await b.until(() => b.texts(group).length === 2);
    expect(a.texts(group)).toEqual(b.texts(group));
    expect(a.facts(group).map((fact) => fact.event_id)).toEqual(b.facts(group).map((fact) => fact.event_id));
  });
});
