/** The way of a message, as a trace tells it: to who is live, to who was behind, and what it costs nobody else. */
import { messageId } from '@talaria/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { manualClock } from '../support/manual-clock.js';
import { KEPT_MS, Traces, TRACES_OF_APP_MAX } from '../../src/domain/insight/traces.js';
import type { RawClient } from './raw-client.js';
import { startWorld, type World } from './world.js';

let world: World;
afterEach(() => world?.stop());

describe.each(['uws', 'ws'] as const)('over %s', (transport) => {
  async function scene() {
    world = await startWorld({ transport });
    const app = await world.app();
    const [alice, bob, carol] = [await world.user(app, 'alice'), await world.user(app, 'bob'), await world.user(app, 'carol')];
    const { conversation_id: group } = await world.op(alice.caller, 'conversations.create', { member_ids: [bob.id, carol.id] });
    const connect = async (token: string, hello = {}): Promise<RawClient> => {
      const client = await world.client(app, token, hello);
      await client.settle();
      return client;
    };
    const way = (seq: number) => world.op(app.backend, 'traces.get', { message_id: messageId(group, seq) });
    return { app, alice, bob, carol, group, connect, way };
  }

  it('[SND1,ORD1] tells each step, and to whom a message was written, live and to who was behind', async () => {
    const { app, alice, bob, carol, group, connect, way } = await scene();
    const [her, his] = [await connect(alice.token), await connect(bob.token)];
    await world.op(app.backend, 'traces.start', { conversation_id: group, for_s: 60 });
    const { seq } = await her.say(group, 'hello');
    await his.until(() => his.texts(group).length === 1);
    const [first] = (await world.op(app.backend, 'connections.list', { user_id: bob.id })).items;

    const told = await way(seq);
    expect(told).toMatchObject({ conversation_id: group, seq, sender_id: alice.id, recorded: true, writes_total: 2, members: 2, delivered: 0, read: 0 });
    expect(told.steps.map(({ step }) => step).toSorted()).toEqual(['acked', 'announced', 'committed', 'published', 'read', 'received']);
    const at = (step: string): number => told.steps.find((one) => one.step === step)!.at_ms;
    expect([at('read') <= at('committed'), at('committed') <= at('announced'), at('received') <= at('published')]).toEqual([true, true, true]);
    expect(told.steps.find(({ step }) => step === 'committed')!.took_ms).toBeGreaterThan(0);
    expect(told.writes.map(({ user_id, how }) => `${user_id} ${how}`).toSorted()).toEqual([alice, bob].map(({ id }) => `${id} live`).toSorted());
    expect(told.writes.find(({ user_id }) => user_id === bob.id)).toMatchObject({ connection_id: first!.id, node: first!.node });

    // Carol was away, and comes up from where she was.
    const hers = await connect(carol.token, { follow_recent: 0 });
    hers.up({ follow: { stream: group, cursor: { stream: group, epoch: (await world.server.domain.storage.info()).epoch, seq: 0, check: 0 } } });
    await hers.until(() => hers.texts(group).length === 1);
    expect((await way(seq)).writes.filter(({ user_id }) => user_id === carol.id)).toMatchObject([{ how: 'catch_up' }]);
    const later = await her.say(group, 'all of you');
    await hers.until(() => hers.texts(group).length === 2);
    expect((await way(later.seq)).writes.map(({ user_id, how }) => `${user_id} ${how}`).toSorted()).toEqual([alice, bob, carol].map(({ id }) => `${id} live`).toSorted());

    // Marks are told as they are now.
    await world.op(bob.caller, 'marks.set', { conversation_id: group, read_seq: seq });
    expect(await way(seq)).toMatchObject({ delivered: 1, read: 1, marks: expect.arrayContaining([{ user_id: bob.id, delivered: true, read: true }, { user_id: carol.id, delivered: false, read: false }]) as unknown });
  });

  it('tells without a trace what the log knows, and goes on with what was recorded when it has ended', async () => {
    const { app, alice, group, connect, way } = await scene();
    const her = await connect(alice.token);
    const before = await her.say(group, 'before');
    expect(await way(before.seq)).toMatchObject({ recorded: false, steps: [], writes: [], position: expect.any(Number) as number, committed_ms: before.time_ms });
    await world.op(app.backend, 'traces.start', { conversation_id: group, for_s: 60 });
    const during = await her.say(group, 'during');
    expect((await world.op(app.backend, 'traces.stop', { conversation_id: group })).stopped).toBe(true);
    const after = await her.say(group, 'after');
    expect(world.server.domain.traces.running).toBeUndefined();
    expect((await way(during.seq)).steps.map(({ step }) => step)).toContain('acked');
    expect(await way(after.seq)).toMatchObject({ recorded: true, steps: [], writes: [] });
    expect((await world.op(app.backend, 'traces.list', {})).items).toMatchObject([{ conversation_id: group, running: false, messages: 1 }]);
    expect((await world.op(app.backend, 'traces.stop', { conversation_id: group })).stopped).toBe(false);
  });

  it('records a follower no more who has gone, and who fell behind as caught up', async () => {
    const { app, alice, bob, group, connect, way } = await scene();
    const [her, his] = [await connect(alice.token), await connect(bob.token)];
    await world.op(app.backend, 'traces.start', { conversation_id: group, for_s: 60 });
    his.up({ unfollow: { stream: group } });
    await his.settle();
    const { seq } = await her.say(group, 'without him');
    expect((await way(seq)).writes.map(({ user_id }) => user_id)).toEqual([alice.id]);
  });
});

describe('what is recorded', () => {
  const start = (traces: Traces, conversation: string, ms = 60_000, app = 'a') => traces.start(app, conversation, Date.now() + ms, () => undefined);

  it('costs one look while nothing is recorded, and ends by the clock', () => {
    const clock = manualClock();
    const traces = new Traces(clock, 'n');
    expect(traces.running).toBeUndefined();
    let ended = 0;
    traces.start('a', 'c', clock.now() + 5_000, () => void (ended += 1));
    expect(traces.of('a', 'c')).toBeDefined();
    expect(traces.of('b', 'c')).toBeUndefined();
    clock.advance(5_000);
    expect([traces.running, ended]).toEqual([undefined, 1]);
    expect(traces.message('a', 'c', 1)).not.toBeNull();
    clock.advance(KEPT_MS);
    expect(traces.message('a', 'c', 1)).toBeNull();
  });

  it('[FLW3] forgets the oldest messages when it is too much, and counts what it leaves out', () => {
    const traces = new Traces(manualClock(), 'n');
    const trace = start(traces, 'c')!;
    for (let seq = 1; seq <= 30; seq += 1) for (let at = 0; at < 1_500; at += 1) trace.wrote(seq, { id: `n${at}`, userId: 'u' }, 'live');
    expect(traces.message('a', 'c', 30)).toMatchObject({ writes_total: 1_500 });
    expect(traces.message('a', 'c', 30)!.writes).toHaveLength(1_000);
    expect(traces.message('a', 'c', 1)!.writes).toEqual([]);
    expect([...trace.messages.values()].reduce((sum, { writes }) => sum + writes.length, 0)).toBeLessThanOrEqual(20_000);
  });

  it('[FLW3] runs so many traces of an app, and those of others beside them', () => {
    const traces = new Traces(manualClock(), 'n');
    for (let at = 0; at < TRACES_OF_APP_MAX; at += 1) expect(start(traces, `c${at}`)).toBeDefined();
    expect(start(traces, 'one more')).toBeUndefined();
    expect(start(traces, 'c0')).toBeDefined();
    expect(start(traces, 'c', 60_000, 'b')).toBeDefined();
    expect(traces.list('b')).toHaveLength(1);
    traces.stop('a', 'c0');
    expect(start(traces, 'one more')).toBeDefined();
    traces.end();
  });
});
