import { eventCheck, messageId, type Cursor } from '@talaria/protocol';
import { afterEach, expect, it } from 'vitest';
import type { Bus } from '../../src/bus/port.js';
import { createSyncTokens, type SyncPlace } from '../../src/gateway/sync-token.js';
import type { ResumeQuery, Storage } from '../../src/storage/port.js';
import type { RawClient } from './raw-client.js';
import { createGate } from './gate.js';
import { createPair } from './pair.js';
import { startWorld, type World } from './world.js';

let world: World;
afterEach(() => world.stop());

/** Counts calls of the storage by name. */
function counting(counts: Map<string, number>): (storage: Storage) => Storage {
  return (storage) => new Proxy(storage, {
    get(target, name: keyof Storage) {
      const value = target[name];
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) => {
        // Heartbeats ask the same of users with more conversations than a connection follows.
        const called = name === 'resume' && (args[0] as ResumeQuery).recent === 0 ? 'resume of a beat' : name;
        counts.set(called, (counts.get(called) ?? 0) + 1);
        return (value as (...all: unknown[]) => unknown).apply(target, args);
      };
    },
  });
}

/** A bus that brings no facts while it loses them. */
function losingFacts(loses: () => boolean): (bus: Bus) => Bus {
  return (bus) => ({
    ...bus,
    publish(message) {
      if (!(loses() && message.kind === 'facts')) bus.publish(message);
    },
  });
}

function cursorOf(client: RawClient, stream: string, epoch: string): Cursor {
  const last = client.facts(stream).at(-1)!;
  return { stream, seq: last.seq, check: eventCheck(last.event_id), epoch };
}

it('[RES1,RES2] a cursor brings exactly what was missed, then live facts, without a hole', async () => {
  world = await startWorld();
  const { app, alice, bob, group } = await createPair(world);
  const [a, b] = [await world.client(app, alice.token), await world.socket(app)];
  const { epoch } = await b.hello(bob.token);
  await a.say(group, 'seen');
  await b.until(() => b.texts(group).length === 1);
  const cursor = cursorOf(b, group, epoch);
  b.destroy();
  for (let index = 0; index < 30; index += 1) await a.say(group, `missed ${index}`);
  const again = await world.client(app, bob.token, { cursors: [cursor] });
  await again.next('following');
  await a.say(group, 'live');
  await again.until(() => again.texts(group).length === 31);
  expect(again.texts(group)).toEqual([...Array.from({ length: 30 }, (_, index) => `missed ${index}`), 'live']);
  expect(again.facts(group).map((fact) => fact.seq)).toEqual(Array.from({ length: 31 }, (_, index) => cursor.seq + 1 + index));
});

it('[RES2,RES8] a sync token resumes with one query and bytes for what moved: 3 of 5,000 conversations', async () => {
  const counts = new Map<string, number>();
  world = await startWorld({ wrapStorage: counting(counts), gatewayBounds: { heartbeat_ms: 200, missed_pongs_max: 1_000 } });
  const { app, alice, bob } = await createPair(world);
  const groups = await Promise.all(Array.from({ length: 5_000 }, (_, index) =>
    world.op(alice.caller, 'conversations.create', { member_ids: [bob.id], name: `g${index}` }).then((created) => created.conversation_id)));
  const first = await world.client(app, bob.token);
  const token = (await first.until(() => first.all('ping').find((frame) => frame.ping.sync_token && frame.ping.sync_token.length > 0))).ping.sync_token!;
  first.destroy();
  const moved = [groups[10]!, groups[2_000]!, groups[4_999]!];
  const a = await world.client(app, alice.token, { follow_recent: 0 });
  for (const group of moved) await a.say(group, 'news');
  counts.clear();
  const again = await world.socket(app);
  await again.hello(bob.token, { sync_token: token });
  await again.until(() => moved.every((group) => again.texts(group).length === 1));
  expect(again.all('welcome')[0]?.welcome.resumed).toBe(true);
  expect(again.all('heads')[0]?.heads.heads.map((head) => head.stream).sort()).toEqual([...moved].sort());
  expect(counts.get('resume')).toBe(1);
  expect(counts.get('inbox') ?? 0).toBe(0);
  expect(again.bytes).toBeLessThan(2_500);
  // RES8: the position is sealed; a changed token is not one.
  const forged = token.slice();
  forged[20] = forged[20]! ^ 1;
  const other = await world.socket(app);
  expect((await other.hello(bob.token, { sync_token: forged })).resumed).toBe(false);
  expect((await other.next('refusal')).refusal.code).toBe('resync_required');
}, 120_000);

it('[RES1,FLW1] 200 clients that were away for a moment are caught up from memory, without a read of the log', async () => {
  const counts = new Map<string, number>();
  world = await startWorld({ wrapStorage: counting(counts), feedBounds: { anti_entropy_ms: 3_600_000 } });
  const { app, alice, bob, group } = await createPair(world);
  const clients = await Promise.all(Array.from({ length: 200 }, () => world.client(app, bob.token)));
  const { epoch } = clients[0]!.all('welcome')[0]!.welcome;
  const a = await world.client(app, alice.token);
  await a.say(group, 'before');
  await Promise.all(clients.map((client) => client.until(() => client.texts(group).length === 1)));
  const cursors = clients.map((client) => cursorOf(client, group, epoch));
  for (const client of clients) client.destroy();
  for (let index = 0; index < 50; index += 1) await a.say(group, `missed ${index}`);
  counts.clear();
  const again = await Promise.all(cursors.map((cursor) => world.client(app, bob.token, { cursors: [cursor] })));
  await Promise.all(again.map((client) => client.until(() => client.texts(group).length === 50)));
  for (const client of again) expect(client.texts(group)).toEqual(Array.from({ length: 50 }, (_, index) => `missed ${index}`));
  expect(counts.get('resume')).toBe(200);
  // The feed's own sweep is off here; `factsAfterPosition` is then the usage consumer's alone.
  expect([counts.get('facts') ?? 0, counts.get('head') ?? 0]).toEqual([0, 0]);
}, 60_000);

it('[ORD4] a fact committed between the subscription and the read is seen once', async () => {
  const held = createGate();
  let gated = false;
  world = await startWorld({
    wrapStorage: (storage) => ({
      ...storage,
      async facts(query) {
        const page = await storage.facts(query);
        if (gated && query.viewer !== null) await held.opened;
        return page;
      },
    }),
  });
  const { app, alice, bob, group } = await createPair(world);
  const a = await world.client(app, alice.token);
  await a.say(group, 'one');
  const b = await world.client(app, bob.token, { follow_recent: 0 });
  const { epoch } = b.all('welcome')[0]!.welcome;
  gated = true;
  b.up({ follow: { stream: group, cursor: { stream: group, seq: 0, check: 0, epoch } } });
  // The page is read; it is held back while another fact is committed and announced.
  await a.say(group, 'two');
  await a.until(() => a.texts(group).length === 2);
  gated = false;
  held.open();
  await b.next('following');
  await a.say(group, 'three');
  await b.until(() => b.texts(group).length === 3);
  expect(b.texts(group)).toEqual(['one', 'two', 'three']);
  expect(new Set(b.facts(group).map((fact) => fact.seq)).size).toBe(b.facts(group).length);
});

it('[CLU3,ORD3] a fact whose announcement is lost is found, and the next one does not jump over it', async () => {
  let lose = false;
  world = await startWorld({ feedBounds: { anti_entropy_ms: 50 }, wrapBus: losingFacts(() => lose) });
  const { app, alice, bob, group } = await createPair(world);
  const [a, b] = [await world.client(app, alice.token), await world.client(app, bob.token)];
  lose = true;
  await a.say(group, 'lost one');
  await a.say(group, 'lost two');
  await b.until(() => b.texts(group).length === 2);
  await a.say(group, 'lost three');
  lose = false;
  await a.say(group, 'announced');
  await b.until(() => b.texts(group).length === 4);
  expect(b.texts(group)).toEqual(['lost one', 'lost two', 'lost three', 'announced']);
});

it('[RES2,CLU3] while what was missed cannot be read, no beat says that everything was sent', async () => {
  let lose = false;
  let broken = false;
  world = await startWorld({
    feedBounds: { anti_entropy_ms: 20 }, gatewayBounds: { heartbeat_ms: 20 }, wrapBus: losingFacts(() => lose),
    wrapStorage: (storage) => ({ ...storage, facts: (query) => (broken ? Promise.reject(new Error('staged')) : storage.facts(query)) }),
  });
  const { app, alice, bob, group } = await createPair(world);
  const [a, b] = [await world.client(app, alice.token), await world.client(app, bob.token)];
  const tokens = (): boolean[] => b.all('ping').map((frame) => (frame.ping.sync_token?.length ?? 0) > 0);
  await b.until(() => tokens().at(-1));
  broken = true;
  lose = true;
  await a.say(group, 'lost');
  lose = false;
  await a.say(group, 'announced');
  await b.until(() => tokens().at(-1) === false);
  const from = tokens().length;
  await b.until(() => tokens().length >= from + 5);
  expect(tokens().slice(from)).not.toContain(true);
  expect(b.texts(group)).toEqual([]);
  broken = false;
  await b.until(() => tokens().at(-1));
  expect(b.texts(group)).toEqual(['lost', 'announced']);
});

it('[BAD session.cursor,RES5] a cursor of another log, above the head, or with another event is refused openly', async () => {
  world = await startWorld();
  const { app, alice, bob, group } = await createPair(world);
  const a = await world.client(app, alice.token);
  await a.say(group, 'one');
  const seq = a.facts(group).at(-1)!.seq;
  const { epoch } = a.all('welcome')[0]!.welcome;
  const wrong: Cursor[] = [
    { stream: group, seq, check: 1, epoch },
    { stream: group, seq: seq + 100, check: 5, epoch },
    { stream: group, seq, check: 0, epoch: 'another' },
  ];
  for (const cursor of wrong) {
    const b = await world.client(app, bob.token, { follow_recent: 0 });
    b.up({ follow: { stream: group, cursor } });
    expect((await b.next('refusal')).refusal).toMatchObject({ code: 'resync_required', stream: group });
    const c = await world.client(app, bob.token, { cursors: [cursor] });
    expect((await c.next('refusal')).refusal).toMatchObject({ code: 'resync_required', stream: group });
    expect(c.texts(group)).toEqual([]);
  }
});

it('[RES5,ORD4] after a restore to a time when nothing had happened to a user, their own stream is followed from its beginning', async () => {
  world = await startWorld();
  const { app, alice } = await createPair(world);
  const eve = await world.user(app, 'eve');
  const client = await world.client(app, eve.token, { cursors: [{ stream: eve.id, seq: 2, check: 7, epoch: 'before' }] });
  expect((await client.next('refusal')).refusal).toMatchObject({ code: 'resync_required', stream: eve.id });
  const { epoch } = client.all('welcome')[0]!.welcome;
  client.up({ follow: { stream: eve.id, cursor: { stream: eve.id, seq: 0, check: 0, epoch } } });
  expect((await client.next('following')).following).toMatchObject({ stream: eve.id, seq: 0 });
  await world.op(alice.caller, 'conversations.create', { member_ids: [eve.id] });
  await client.until(() => client.facts(eve.id).length === 1);
  expect(client.facts(eve.id)[0]).toMatchObject({ seq: 1, type: 'conversation.added' });
});

it('[RES5] a sync token of a log that is gone is refused openly, and everything is told, whether its position is above the head or not', async () => {
  world = await startWorld();
  const { app, alice, bob, group } = await createPair(world);
  const a = await world.client(app, alice.token);
  for (const text of ['one', 'two']) await a.say(group, text);
  const { position, eventId } = await world.server.domain.storage.info();
  const { epoch } = a.all('welcome')[0]!.welcome;
  const resumed = async (place: SyncPlace): Promise<boolean> => {
    const client = await world.socket(app);
    const token = createSyncTokens(world.server.domain.keyring, epoch).make(app.id, bob.id, place);
    const { resumed: told } = await client.hello(bob.token, { sync_token: token });
    if (!told) expect((await client.next('refusal')).refusal).toMatchObject({ code: 'resync_required', stream: '' });
    expect((await client.next('heads')).heads.heads.map((head) => head.stream).includes(group)).toBe(!told);
    return told;
  };
  expect(await resumed({ position, check: eventCheck(eventId) })).toBe(true);
  expect(await resumed({ position, check: eventCheck(eventId) ^ 1 })).toBe(false);
  expect(await resumed({ position: position - 1, check: eventCheck(eventId) })).toBe(false);
  expect(await resumed({ position: position + 1, check: eventCheck(eventId) })).toBe(false);
});

it('[RES3] too far behind for a replay is truncated with the head; all of it can be had in order', async () => {
  world = await startWorld();
  const { app, alice, bob, group } = await createPair(world);
  const a = await world.client(app, alice.token);
  for (let index = 0; index < 60; index += 1) a.post(group, `m${index}`);
  await a.until(() => a.texts(group).length === 60);
  const head = a.facts(group).at(-1)!;
  const b = await world.client(app, bob.token, { follow_recent: 0, replay_max: 10 });
  const { epoch } = b.all('welcome')[0]!.welcome;
  const start = { stream: group, seq: 0, check: 0, epoch };
  b.up({ follow: { stream: group, cursor: start } });
  const { truncated } = await b.next('truncated');
  expect(truncated).toMatchObject({ stream: group, reason: 'too_far', head_seq: head.seq, head_check: eventCheck(head.event_id) });
  b.up({ follow: { stream: group, cursor: start, all: true } });
  await b.next('following');
  expect(b.texts(group)).toEqual(Array.from({ length: 60 }, (_, index) => `m${index}`));
  const jump = await world.client(app, bob.token, { follow_recent: 0, replay_max: 10 });
  jump.up({ follow: { stream: group, cursor: { stream: group, seq: truncated.head_seq, check: truncated.head_check, epoch } } });
  await jump.next('following');
  expect(jump.texts(group)).toEqual([]);
});

it('[VIS5,RES3] a cursor below the floor is truncated with the floor, and goes on from there', async () => {
  world = await startWorld();
  const { app, alice, group } = await createPair(world);
  const a = await world.client(app, alice.token);
  await a.say(group, 'old');
  await world.server.domain.storage.applyRetention(app.id, Number.MAX_SAFE_INTEGER, 100);
  world.server.domain.bus.publish({ kind: 'evict', app: app.id, stream: group, seq: 1 });
  await a.say(group, 'new');
  const late = await world.client(app, alice.token, { follow_recent: 0 });
  const { epoch } = late.all('welcome')[0]!.welcome;
  late.up({ follow: { stream: group, cursor: { stream: group, seq: 1, check: 1, epoch } } });
  const { truncated } = await late.next('truncated');
  expect(truncated.reason).toBe('retention');
  late.up({ follow: { stream: group, cursor: { stream: group, seq: truncated.floor_seq, check: 0, epoch } } });
  await late.next('following');
  expect(late.texts(group)).toEqual(['new']);
});

it('[RES4,ISO2] a replay is clipped to the membership, also from memory and after a removal', async () => {
  world = await startWorld();
  const { app, alice, bob, group } = await createPair(world);
  const [a, b] = [await world.client(app, alice.token), await world.client(app, bob.token)];
  const { epoch } = b.all('welcome')[0]!.welcome;
  await a.say(group, 'seen');
  await b.until(() => b.texts(group).length === 1);
  const cursor = cursorOf(b, group, epoch);
  b.destroy();
  await a.say(group, 'missed');
  const removed = await world.op(alice.caller, 'members.remove', { conversation_id: group, user_id: bob.id });
  await a.say(group, 'not for bob');
  const again = await world.client(app, bob.token, { cursors: [cursor] });
  await again.until(() => again.facts(group).some((fact) => fact.type === 'member.left'));
  await a.say(group, 'still not for bob');
  // A later answer on the same connection: whatever was to come before it has come.
  again.up({ call: { id: 2, op: 'users.get', json: '{"user_id":"me"}' } });
  await again.next('reply');
  expect(again.texts(group)).toEqual(['missed']);
  expect(again.facts(group).at(-1)?.seq).toBe(removed.seq);
});

it('[ISO2,ORD1] from the start, what lies outside the membership is declared as left out', async () => {
  world = await startWorld();
  const { app, alice, bob } = await createPair(world);
  const carol = await world.user(app, 'carol');
  const { conversation_id: group } = await world.op(alice.caller, 'conversations.create', { member_ids: [bob.id] });
  const a = await world.client(app, alice.token);
  await a.say(group, 'before carol');
  await world.op(alice.caller, 'members.add', { conversation_id: group, member_ids: [carol.id] });
  await a.say(group, 'with carol');
  const c = await world.client(app, carol.token, { follow_recent: 0 });
  const { epoch } = c.all('welcome')[0]!.welcome;
  c.up({ follow: { stream: group, cursor: { stream: group, seq: 0, check: 0, epoch } } });
  await c.next('following');
  expect(c.texts(group)).toEqual(['with carol']);
  const frames = c.all('facts').filter((frame) => frame.facts.stream === group).map((frame) => frame.facts);
  expect(frames[0]).toMatchObject({ from_seq: 1 });
  const covered = frames.flatMap((frame) => [...frame.omitted.flatMap((range) => Array.from({ length: range.to_seq - range.from_seq + 1 }, (_, at) => range.from_seq + at)), ...frame.facts.map((fact) => fact.seq)]);
  expect(covered.sort((x, y) => x - y)).toEqual(Array.from({ length: frames.at(-1)!.to_seq }, (_, at) => at + 1));
  expect(frames.flatMap((frame) => frame.omitted.map((range) => range.cause))).toEqual(['membership']);
});

it('[VIS4] deleted text is gone from memory too: who resumes later gets the tombstone', async () => {
  world = await startWorld();
  const { app, alice, bob, group } = await createPair(world);
  const [a, b] = [await world.client(app, alice.token), await world.client(app, bob.token)];
  const { epoch } = b.all('welcome')[0]!.welcome;
  await a.say(group, 'first');
  await b.until(() => b.texts(group).length === 1);
  const cursor = cursorOf(b, group, epoch);
  b.destroy();
  const ack = await a.say(group, 'regretted');
  const message = (await world.op(alice.caller, 'messages.list', { conversation_id: group, limit: 1 })).items[0]!;
  await world.op(alice.caller, 'messages.edit', { message_id: message.id, text: 'regretted twice' });
  await world.op(alice.caller, 'messages.delete', { message_id: message.id });
  for (const hello of [{ cursors: [cursor] }, { cursors: [{ stream: group, seq: 0, check: 0, epoch }] }]) {
    const again = await world.client(app, bob.token, hello);
    await again.until(() => again.facts(group).some((fact) => fact.type === 'message.deleted'));
    const about = again.facts(group).filter((fact) => fact.seq === ack.seq || fact.target_seq === ack.seq);
    expect(about.map((fact) => [fact.type, fact.redacted])).toEqual([['message.created', true], ['message.updated', true], ['message.deleted', false]]);
    expect(JSON.stringify(about)).not.toContain('regretted');
    expect(about[0]?.message?.ordinal).toBe(2);
  }
});

it('[VIS4,CLU3] who connects after a deletion is not sent the text, also when this node was not told of the deletion', async () => {
  let lose = false;
  world = await startWorld({ wrapBus: losingFacts(() => lose) });
  const { app, alice, bob, group } = await createPair(world);
  const [a, b] = [await world.client(app, alice.token), await world.client(app, bob.token)];
  await a.say(group, 'first');
  await b.until(() => b.texts(group).length === 1);
  const cursor = cursorOf(b, group, b.all('welcome')[0]!.welcome.epoch);
  const ack = await a.say(group, 'regretted');
  await b.until(() => b.texts(group).length === 2);
  lose = true;
  await world.op(alice.caller, 'messages.delete', { message_id: messageId(group, ack.seq) });
  const late = await world.client(app, bob.token, { cursors: [cursor] });
  await late.until(() => late.facts(group).length === 2);
  expect(late.facts(group).map((fact) => [fact.seq, fact.type, fact.redacted])).toEqual([[ack.seq, 'message.created', true], [ack.seq + 1, 'message.deleted', false]]);
});

it('[RES1] who is far behind gets pages large enough to overtake a busy conversation', async () => {
  const limits: number[] = [];
  world = await startWorld({
    wrapStorage: (storage) => ({
      ...storage,
      async facts(query) {
        if (query.viewer !== null && query.stream.startsWith('c_')) limits.push(query.limit);
        return storage.facts(query);
      },
    }),
    gatewayBounds: { catch_up_page: 20, catch_up_page_far: 100 }, feedBounds: { ring: { facts_max: 8, bytes_max: 262_144 } },
  });
  const { app, alice, bob, group } = await createPair(world);
  const { epoch } = (await world.client(app, bob.token, { follow_recent: 0 })).all('welcome')[0]!.welcome;
  const a = await world.client(app, alice.token);
  for (let index = 0; index < 230; index += 1) a.post(group, `${index}`);
  await a.until(() => a.all('ack').length === 230);
  const b = await world.client(app, bob.token, { follow_recent: 0 });
  limits.length = 0;
  b.up({ follow: { stream: group, all: true, cursor: { stream: group, seq: 0, check: 0, epoch } } });
  await b.until(() => b.texts(group).length === 230);
  expect(b.texts(group)).toEqual(Array.from({ length: 230 }, (_, index) => `${index}`));
  // 233 facts, and what is left after two pages is still more than a small one.
  expect(limits.slice(0, 3)).toEqual([100, 100, 100]);
});
