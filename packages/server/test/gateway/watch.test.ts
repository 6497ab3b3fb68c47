/** Presence that a connection follows: who is visible, what is told, and for how long. */
import { limits, ProtocolError, type UserPresence } from '@talaria/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import type { Caller } from '../../src/domain/caller.js';
import { GRACE_MS } from '../../src/domain/presence/local-users.js';
import { TELL_MS } from '../../src/gateway/watches.js';
import type { Storage } from '../../src/storage/port.js';
import { manualClock, type ManualClock } from '../support/manual-clock.js';
import { createGate } from './gate.js';
import type { TestUser } from './pair.js';
import { createGroup, createPeople } from './people.js';
import type { RawClient } from './raw-client.js';
import { startWorld, type App, type World, type WorldOptions } from './world.js';

let world: World;
let app: App;
let clock: ManualClock;

async function start(options: WorldOptions = {}): Promise<void> {
  clock = manualClock();
  world = await startWorld({ clock, ...options });
  app = await world.app();
}
afterEach(() => world.stop());

const people = (...names: string[]): Promise<TestUser[]> => createPeople(world, app, names);
const group = (owner: TestUser, ...members: TestUser[]): Promise<string> => createGroup(world, owner, members);

async function watch(client: RawClient, users: readonly (TestUser | string)[]): Promise<readonly UserPresence[]> {
  const id = client.nextId();
  client.up({ watch: { id, user_ids: users.map((user) => (typeof user === 'string' ? user : user.id)) } });
  const { presence } = await client.until(() => client.all('presence').find((frame) => frame.presence.id === id));
  expect(presence.lifetime_ms).toBe(limits.watch_lifetime_ms);
  return presence.users;
}

/** Time passes on the server, in steps, and the client has read what that brought. */
async function pass(ms: number, ...clients: RawClient[]): Promise<void> {
  for (let passed = 0; passed < ms; passed += TELL_MS) clock.advance(TELL_MS);
  for (const client of clients) await client.settle();
}

/** Changes that the client was told, as `user state devices`. */
const changes = (client: RawClient, ...named: readonly TestUser[]): readonly string[] =>
  client.all('presence').filter(({ presence }) => presence.id === 0)
    .flatMap(({ presence }) => presence.users.map((user) => `${named.findIndex(({ id }) => id === user.user_id)} ${user.state} ${user.devices}`));

/** Time passes until it is so: sockets close when they do. */
async function eventually(client: RawClient, condition: () => boolean): Promise<void> {
  while (!condition()) await pass(TELL_MS, client);
}

const visible = async (client: RawClient, users: readonly (TestUser | string)[]): Promise<readonly string[]> => (await watch(client, users)).map(({ user_id: id }) => id).toSorted();
const idsOf = (...persons: readonly TestUser[]): readonly string[] => persons.map(({ id }) => id).toSorted();

async function turn(client: RawClient, away: boolean): Promise<void> {
  client.up({ away: { away } });
  await client.settle();
}

describe('a watch', () => {
  it('is answered with the present states, and brings changes: coming, turning away, and leaving', async () => {
    await start();
    const [ann, ben, carol] = await people('ann', 'ben', 'carol') as [TestUser, TestUser, TestUser];
    await group(ann, ben, carol);
    const a = await world.client(app, ann.token);
    const b = await world.client(app, ben.token, { device_id: 'phone' });
    expect(new Map((await watch(a, [ben, carol])).map((user) => [user.user_id, user]))).toEqual(new Map([
      [ben.id, { user_id: ben.id, state: 'online', devices: 1, last_seen_ms: 0 }], [carol.id, { user_id: carol.id, state: 'offline', devices: 0, last_seen_ms: 0 }],
    ]));
    const told = (): readonly string[] => changes(a, ann, ben, carol);
    const c = await world.client(app, carol.token, { away: true });
    await pass(2 * TELL_MS, a);
    expect(told()).toEqual(['2 away 1']);
    await turn(b, true);
    await turn(b, true);
    await pass(2 * TELL_MS, a);
    const second = await world.client(app, ben.token, { device_id: 'laptop' });
    await pass(2 * TELL_MS, a);
    await turn(c, false);
    await pass(2 * TELL_MS, a);
    expect(told()).toEqual(['2 away 1', '1 away 1', '1 online 2', '2 online 1']);
    expect((await world.op(ann.caller, 'users.presence', { user_ids: [ben.id, carol.id] })).items.map(({ online, state, devices }) => [online, state, devices]))
      .toEqual([[true, 'online', 2], [true, 'online', 1]]);
    second.ws.close();
    await eventually(a, () => told().length === 5);
    b.ws.close();
    const leftMs = clock.now();
    await eventually(a, () => told().length === 6);
    expect(told().slice(4)).toEqual(['1 away 1', '1 offline 0']);
    const last = a.all('presence').at(-1)!.presence.users[0]!.last_seen_ms;
    expect(Math.abs(last - leftMs)).toBeLessThanOrEqual(clock.now() - leftMs - GRACE_MS + 2 * TELL_MS);
  });

  it('does the same in the JSON form', async () => {
    await start();
    const [ann, ben] = await people('ann', 'ben') as [TestUser, TestUser];
    await group(ann, ben);
    const a = await world.socket(app, 'talaria.v1.json');
    await a.hello(ann.token, { away: true });
    expect(new Map((await watch(a, [ben, ann])).map(({ user_id: id, state }) => [id, state]))).toEqual(new Map([[ben.id, 'offline'], [ann.id, 'away']]));
    await turn(a, false);
    await pass(2 * TELL_MS, a);
    expect(changes(a, ann, ben)).toEqual(['0 online 1']);
  });

  it('[PRS1,ISO1,ISO2] shows who shares a conversation, without a block, and lets it be known; to others they are like nobody, and users.presence says the same', async () => {
    await start();
    const [ann, ben, carol, dora, emil, fred] = await people('ann', 'ben', 'carol', 'dora', 'emil', 'fred') as [TestUser, TestUser, TestUser, TestUser, TestUser, TestUser];
    await group(ann, ben, carol, dora, emil);
    const other = await world.app();
    const foreign = await world.user(other, 'ann');
    const mate = await world.user(other, 'mate');
    await world.op(foreign.caller, 'conversations.create', { kind: 'group', member_ids: [mate.id] });
    await world.op(ann.caller, 'blocks.add', { user_id: 'me', blocked_user_id: carol.id });
    await world.op(dora.caller, 'blocks.add', { user_id: 'me', blocked_user_id: ann.id });
    await world.op(emil.caller, 'privacy.set', { user_id: 'me', last_seen: false });
    const all = [ann, ben, carol, dora, emil, fred, foreign.id, mate.id, world.server.domain.ids.id('user')];
    const asked = async (caller: Caller): Promise<readonly string[]> =>
      (await world.op(caller, 'users.presence', { user_ids: all.map((one) => (typeof one === 'string' ? one : one.id)) })).items.map(({ user_id: id }) => id).toSorted();
    for (const [who, whom] of [[ann, [ann, ben]], [ben, [ann, ben, carol, dora]], [carol, [ben, carol, dora]], [emil, [ann, ben, carol, dora, emil]], [fred, [fred]]] as const) {
      const client = await world.client(app, who.token);
      expect(await visible(client, all)).toEqual(idsOf(...whom));
      expect(await asked(who.caller)).toEqual(idsOf(...whom));
    }
    const f = await world.client(other, foreign.token);
    expect(await visible(f, all)).toEqual([foreign.id, mate.id].toSorted());
    expect(await asked(app.backend)).toEqual(idsOf(ann, ben, carol, dora, emil, fred));
    // Nobody of the other app is told what happens here.
    await pass(5 * TELL_MS, f);
    expect(f.all('presence')).toHaveLength(1);
  });

  it('takes the place of the one before, and an empty one ends it', async () => {
    await start();
    const [ann, ben, carol] = await people('ann', 'ben', 'carol') as [TestUser, TestUser, TestUser];
    await group(ann, ben, carol);
    const [a, b, c] = [await world.client(app, ann.token), await world.client(app, ben.token), await world.client(app, carol.token)];
    await watch(a, [ben]);
    await watch(a, [carol]);
    await turn(b, true);
    await turn(c, true);
    await pass(2 * TELL_MS, a);
    expect(changes(a, ann, ben, carol)).toEqual(['2 away 1']);
    expect(await watch(a, [])).toEqual([]);
    await turn(c, false);
    await pass(2 * TELL_MS, a);
    expect(changes(a, ann, ben, carol)).toHaveLength(1);
  });

  it('[PRS2] is good for its lifetime, and without a new one nothing more is told', async () => {
    await start();
    const [ann, emil] = await people('ann', 'emil') as [TestUser, TestUser];
    await group(ann, emil);
    const [a, e] = [await world.client(app, ann.token), await world.client(app, emil.token)];
    expect(await visible(a, [emil])).toEqual([emil.id]);
    await pass(limits.watch_lifetime_ms - 20 * TELL_MS, a);
    await turn(e, true);
    await pass(2 * TELL_MS, a);
    expect(changes(a, ann, emil)).toEqual(['1 away 1']);
    await pass(limits.watch_lifetime_ms, a);
    await turn(e, false);
    await pass(2 * TELL_MS, a);
    expect(changes(a, ann, emil)).toEqual(['1 away 1']);
  });

  for (const heard of ['by the bus', 'in the log'] as const) {
    it(`[PRS2,ISO3] hides at once whom a block, a leave, a removal or a choice hides, heard of ${heard}`, async () => {
      await start(heard === 'by the bus' ? {} : {
        // CLU2: nothing of what is committed is announced.
        wrapBus: (bus) => ({ ...bus, publish: (message) => (message.kind === 'facts' ? undefined : bus.publish(message)) }), feedBounds: { anti_entropy_ms: TELL_MS },
      });
      const [ann, ben, carol, dora, emil, fred, gina] = await people('ann', 'ben', 'carol', 'dora', 'emil', 'fred', 'gina') as [TestUser, TestUser, TestUser, TestUser, TestUser, TestUser, TestUser];
      const all = [ben, carol, dora, emil, fred];
      const room = await group(ann, ...all);
      await group(ann, gina);
      const a = await world.client(app, ann.token);
      const other = await world.client(app, emil.token);
      await visible(other, [ann, ben, carol, dora, fred]);
      expect(await visible(a, [...all, gina])).toEqual(idsOf(...all, gina));
      const { id } = a.all('presence').at(-1)!.presence;
      /** Those of the newest whole answer. */
      const shown = (client: RawClient): readonly string[] => client.all('presence').findLast(({ presence }) => presence.id > 0)!.presence.users.map((user) => user.user_id).toSorted();
      const hides = async (client: RawClient, ...rest: readonly TestUser[]): Promise<void> => {
        await eventually(client, () => shown(client).length <= rest.length);
        expect(shown(client)).toEqual(idsOf(...rest));
      };
      await world.op(ben.caller, 'blocks.add', { user_id: 'me', blocked_user_id: ann.id });
      await hides(a, carol, dora, emil, fred, gina);
      await world.op(ann.caller, 'blocks.add', { user_id: 'me', blocked_user_id: carol.id });
      await hides(a, dora, emil, fred, gina);
      await world.op(fred.caller, 'members.remove', { conversation_id: room, user_id: 'me' });
      await hides(a, dora, emil, gina);
      await hides(other, ann, ben, carol, dora);
      await world.op(dora.caller, 'privacy.set', { user_id: 'me', last_seen: false });
      await hides(a, emil, gina);
      // The one who watches is removed.
      await world.op(app.backend, 'members.remove', { conversation_id: room, user_id: ann.id });
      await hides(a, gina);
      await hides(other, ben, carol);
      expect(a.all('presence').at(-1)!.presence).toMatchObject({ id, lifetime_ms: limits.watch_lifetime_ms });
      const told = a.all('presence').length;
      await turn(other, true);
      await pass(3 * TELL_MS, a);
      expect(a.all('presence')).toHaveLength(told);
    });
  }

  it('[PRS2] is not granted by what was read before a block', async () => {
    let held: Promise<void> | undefined;
    await start({
      wrapStorage: (storage: Storage): Storage => ({
        ...storage,
        async lastSeen(...args) {
          const rows = await storage.lastSeen(...args);
          await held;
          return rows;
        },
      }),
    });
    const [ann, ben] = await people('ann', 'ben') as [TestUser, TestUser];
    await group(ann, ben);
    const a = await world.client(app, ann.token);
    const gate = createGate();
    held = gate.opened;
    a.up({ watch: { id: 1, user_ids: [ben.id] } });
    await a.settle();
    await world.op(ben.caller, 'blocks.add', { user_id: 'me', blocked_user_id: ann.id });
    await pass(2 * TELL_MS, a);
    gate.open();
    await eventually(a, () => a.all('presence').length > 0);
    expect(a.all('presence').map(({ presence }) => presence.users)).toEqual([[]]);
  });

  it('asks the storage once, whatever happens then, and a newer one that comes meanwhile is answered instead', async () => {
    let reads = 0;
    let held: Promise<void> | undefined;
    await start({
      wrapStorage: (storage: Storage): Storage => ({
        ...storage,
        async lastSeen(...args) {
          reads += 1;
          const rows = await storage.lastSeen(...args);
          await held;
          return rows;
        },
      }),
    });
    const [ann, ben, carol] = await people('ann', 'ben', 'carol') as [TestUser, TestUser, TestUser];
    await group(ann, ben, carol);
    const [a, b] = [await world.client(app, ann.token), await world.client(app, ben.token)];
    await watch(a, [ben]);
    for (let at = 0; at < 10; at += 1) {
      await turn(b, at % 2 === 0);
      await pass(2 * TELL_MS);
    }
    await a.until(() => changes(a, ann, ben).length === 10);
    expect(reads).toBe(1);
    const gate = createGate();
    held = gate.opened;
    for (const id of [1_001, 1_002, 1_003]) a.up({ watch: { id, user_ids: [id === 1_003 ? carol.id : ben.id] } });
    await b.settle();
    gate.open();
    const { presence } = await a.until(() => a.all('presence').find((frame) => frame.presence.id > 1_000));
    expect([presence.id, presence.users.map(({ user_id: id }) => id)]).toEqual([1_003, [carol.id]]);
    // The one that was being read, and the last one.
    expect(reads).toBe(3);
  });

  it('[FLW3] names at most 200 users, and ids of users only; what cannot be read is refused, and may be tried again', async () => {
    let down = false;
    await start({ wrapStorage: (storage: Storage): Storage => ({ ...storage, lastSeen: (...args) => (down ? Promise.reject(new ProtocolError('unavailable')) : storage.lastSeen(...args)) }) });
    const [ann, ben] = await people('ann', 'ben') as [TestUser, TestUser];
    await group(ann, ben);
    const a = await world.client(app, ann.token);
    a.up({ watch: { id: 1, user_ids: ['u_x'] } });
    expect((await a.next('refusal')).refusal).toMatchObject({ code: 'invalid_argument', retryable: false, stream: '', call_id: 0 });
    down = true;
    a.up({ watch: { id: 2, user_ids: [ben.id] } });
    expect((await a.next('refusal', 2)).refusal).toMatchObject({ code: 'unavailable', retryable: true });
    down = false;
    const many = Array.from({ length: limits.watch_max - 1 }, () => world.server.domain.ids.id('user'));
    expect(await visible(a, [ben, ...many])).toEqual([ben.id]);
    a.up({ watch: { id: 3, user_ids: [ben.id, ...many, ...many] } });
    expect(await a.end()).toMatchObject({ reason: 'too_large' });
  });

  it('ends with its connection', async () => {
    await start();
    const [ann, ben] = await people('ann', 'ben') as [TestUser, TestUser];
    await group(ann, ben);
    const [a, b] = [await world.client(app, ann.token), await world.client(app, ben.token)];
    await watch(a, [ben]);
    const watched = async (): Promise<string | undefined> => /^talaria_presence_watched_users (\d+)$/m.exec(await (await fetch(`${world.server.url}/metrics`)).text())?.[1];
    expect(await watched()).toBe('1');
    a.ws.close();
    while (await watched() !== '0') await b.settle();
  });

  it('[FLW1] tells a socket that takes nothing nothing, and everything once when it does', async () => {
    await start({ gatewayBounds: { high_water_bytes: 65_536, low_water_bytes: 16_384 } });
    const [ann, ben] = await people('ann', 'ben') as [TestUser, TestUser];
    const room = await group(ann, ben);
    const [a, b] = [await world.client(app, ann.token), await world.client(app, ben.token)];
    await watch(a, [ben]);
    a.ws.pause();
    const text = 'x'.repeat(8_000);
    for (let index = 1; index <= 1_200; index += 1) {
      b.post(room, text);
      if (index % 10 !== 0) continue;
      await b.until(() => b.all('ack').length === index);
      clock.advance(TELL_MS);
    }
    for (const away of [true, false, true]) {
      await turn(b, away);
      await pass(2 * TELL_MS);
    }
    a.ws.resume();
    await eventually(b, () => a.texts(room).length === 1_200 && changes(a, ann, ben).length > 0);
    expect(changes(a, ann, ben)).toEqual(['1 away 1']);
  }, 60_000);
});
