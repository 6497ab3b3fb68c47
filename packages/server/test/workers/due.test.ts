/** What has a time, on a real server and database: the worker's clock is moved, not waited for. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Caller } from '../../src/domain/caller.js';
import { systemClock, type Clock } from '../../src/runtime/clock.js';
import { createDueWorker, type DueWorker } from '../../src/workers/due.js';
import { startWorld, type App, type World } from '../gateway/world.js';
import { recordingLog } from '../support/recording-log.js';

const HOUR_S = 3_600;

let world: World;
let app: App;
let alice: { id: string; caller: Caller };
let bob: { id: string; caller: Caller };
let group: string;
const log = recordingLog();

beforeEach(async () => {
  world = await startWorld();
  app = await world.app();
  [alice, bob] = [await world.user(app, 'alice'), await world.user(app, 'bob')];
  group = (await world.op(alice.caller, 'conversations.create', { member_ids: [bob.id] })).conversation_id;
});
afterEach(() => world.stop());

/** A worker whose clock is so far ahead. */
function workerAhead(seconds: number, owner = 'test'): DueWorker {
  const system = systemClock();
  const clock: Clock = { ...system, now: () => system.now() + seconds * 1_000 };
  return createDueWorker(world.server.domain, world.server.domain.storage, clock, log, owner, { poll_ms: 1_000, lease_ms: 5_000, batch_max: 2 });
}

const texts = async (caller = bob.caller): Promise<string[]> => (await world.op(caller, 'messages.list', { conversation_id: group })).items.map(({ text }) => text);
const inAnHour = (): number => Date.now() + HOUR_S * 1_000;
const schedule = (text: string, input: object = {}) => world.op(alice.caller, 'scheduled.create', { conversation_id: group, text, send_at_ms: inAnHour(), ...input });
const ownFacts = async (user: { id: string; caller: Caller }) =>
  (await world.server.domain.storage.facts({ app: app.id, stream: user.id, viewer: user.id, afterSeq: 0, limit: 100 }))!.facts.map((fact) => ({ type: fact.type, ...JSON.parse(fact.payload) as Record<string, unknown> }));

describe('scheduled messages', () => {
  it('[VIS3] are not there before their time, and then are their owner\'s, by the id of the command that scheduled them', async () => {
    const { id } = await schedule('later');
    const early = workerAhead(HOUR_S - 60);
    await early.turn();
    expect(await texts()).toEqual([]);
    expect(early.nextMs).toBeGreaterThan(Date.now());
    await workerAhead(HOUR_S + 60).turn();
    const { items: [message] } = await world.op(bob.caller, 'messages.list', { conversation_id: group });
    expect(message).toMatchObject({ text: 'later', sender_id: alice.id, client_id: expect.any(String) as string });
    expect((await world.op(bob.caller, 'conversations.get', { conversation_id: group })).membership?.unread).toBe(1);
    expect((await world.op(alice.caller, 'scheduled.list', { user_id: 'me' })).items).toEqual([]);
    const facts = await ownFacts(alice);
    expect(facts.find(({ type }) => type === 'message.unscheduled')).toMatchObject({ cause: 'sent', seq: message!.seq });
    // What it said stands in the conversation now, and nowhere else.
    expect(facts.find(({ type }) => type === 'message.scheduled')).toEqual({ type: 'message.scheduled' });
    expect(id).toMatch(/^w_/);
  });

  it('[SND2,CLU2] are sent once, whichever nodes are at it and however often', async () => {
    for (let at = 0; at < 7; at += 1) await schedule(`m${at}`);
    const workers = ['one', 'two', 'three'].map((owner) => workerAhead(HOUR_S + 60, owner));
    await Promise.all(workers.map((worker) => worker.turn()));
    for (const worker of workers) await worker.turn();
    expect((await texts()).toSorted()).toEqual(['m0', 'm1', 'm2', 'm3', 'm4', 'm5', 'm6']);
  });

  it('[ISO4] are refused when their owner may not write any more, and the owner is told', async () => {
    await schedule('too late');
    await world.op(alice.caller, 'conversations.transfer', { conversation_id: group, user_id: bob.id });
    await world.op(bob.caller, 'members.update', { conversation_id: group, user_id: alice.id, role: 'reader' });
    await workerAhead(HOUR_S + 60).turn();
    expect(await texts()).toEqual([]);
    expect((await ownFacts(alice)).at(-1)).toMatchObject({ type: 'message.unscheduled', cause: 'refused', code: 'forbidden' });
  });

  it('[ISO4] go by the settings of the conversation, as every message does', async () => {
    const later = (input: object) => world.op(bob.caller, 'scheduled.create', { conversation_id: group, text: 'later', send_at_ms: inAnHour(), ...input });
    const set = (settings: object) => world.op(alice.caller, 'conversations.settings', { conversation_id: group, ...settings });
    const lastOfBob = async () => (await ownFacts(bob)).findLast(({ type }) => type === 'message.unscheduled');

    await later({});
    await set({ frozen: true });
    await workerAhead(HOUR_S + 60).turn();
    expect(await lastOfBob()).toMatchObject({ cause: 'refused', code: 'frozen' });

    await set({ frozen: false, slow_mode_s: 600 });
    await later({ text: 'one' });
    await later({ text: 'two' });
    await workerAhead(HOUR_S + 60).turn();
    expect(await texts()).toHaveLength(1);
    const codes = (await ownFacts(bob)).map((fact: Readonly<Record<string, unknown>>) => fact['code']);
    expect(codes.filter((code) => code === 'slow_mode')).toHaveLength(1);

    await set({ slow_mode_s: 0, approval: { timeout_s: 600 } });
    await later({ text: 'is this fine?' });
    await workerAhead(HOUR_S + 60).turn();
    expect(await texts()).toHaveLength(1);
    const { items: [waits] } = await world.op(alice.caller, 'held.list', { conversation_id: group });
    expect(waits).toMatchObject({ sender_id: bob.id, text: 'is this fine?' });
    const held = (await ownFacts(bob)).findLast(({ type }) => type === 'message.held');
    expect(held).toMatchObject({ conversation_id: group, text: 'is this fine?' });
    expect(await lastOfBob()).toMatchObject({ cause: 'held', held_seq: expect.any(Number) as number });
    await world.op(alice.caller, 'held.approve', { conversation_id: group, held_id: waits!.id });
    const { items: [, message] } = await world.op(alice.caller, 'messages.list', { conversation_id: group });
    expect(message).toMatchObject({ sender_id: bob.id, text: 'is this fine?' });
  });

  it('[ISO4] do not come from somebody who was blocked meanwhile', async () => {
    const direct = (await world.op(alice.caller, 'conversations.create', { kind: 'direct', member_ids: [bob.id] })).id;
    await world.op(bob.caller, 'scheduled.create', { conversation_id: direct, text: 'surprise', send_at_ms: inAnHour() });
    await world.op(alice.caller, 'blocks.add', { user_id: 'me', blocked_user_id: bob.id });
    await workerAhead(HOUR_S + 60).turn();
    expect((await world.op(alice.caller, 'messages.list', { conversation_id: direct })).items).toEqual([]);
    expect((await ownFacts(bob)).at(-1)).toMatchObject({ type: 'message.unscheduled', cause: 'refused', code: 'blocked' });
  });

  it('count their own times from when they are sent', async () => {
    await schedule('for ten minutes', { expires_in_s: 600 });
    await workerAhead(HOUR_S + 60).turn();
    const { items: [message] } = await world.op(bob.caller, 'messages.list', { conversation_id: group });
    expect(message!.expires_ms! - Date.now()).toBeGreaterThan(HOUR_S * 1_000);
    await workerAhead(HOUR_S + 900).turn();
    expect(await texts()).toEqual(['']);
  });
});

describe('messages that disappear', () => {
  const send = (input: object) => world.op(alice.caller, 'messages.send', { conversation_id: group, ...input });

  it('[VIS4] leave nothing but their place, by a fact of nobody', async () => {
    const sent = await send({ text: 'a secret', expires_in_s: 60 });
    await world.op(bob.caller, 'reactions.add', { message_id: sent.id, reaction: '👍' });
    await workerAhead(30).turn();
    expect(await texts()).toEqual(['a secret']);
    await workerAhead(90).turn();
    const { items } = await world.op(bob.caller, 'facts.list', { conversation_id: group, after_seq: sent.seq - 1 });
    expect(items.map(({ type, actor, redacted }) => ({ type, actor, redacted }))).toEqual([
      { type: 'message.created', actor: alice.id, redacted: true }, { type: 'reaction.added', actor: bob.id, redacted: true }, { type: 'message.expired', actor: null, redacted: false },
    ]);
    expect(JSON.stringify(items)).not.toContain('secret');
    expect((await world.op(bob.caller, 'conversations.get', { conversation_id: group })).membership?.unread).toBe(0);
  });

  it('[VIS4] do so some time after somebody else has read them, where the conversation wants it', async () => {
    await world.op(alice.caller, 'conversations.settings', { conversation_id: group, message_timer: { after: 'read', seconds: 60 } });
    const sent = await send({ text: 'read me' });
    await world.op(alice.caller, 'marks.set', { conversation_id: group, read_seq: sent.seq });
    await workerAhead(HOUR_S).turn();
    expect(await texts()).toEqual(['read me']);
    await world.op(bob.caller, 'marks.set', { conversation_id: group, read_seq: sent.seq });
    await workerAhead(30).turn();
    expect(await texts()).toEqual(['read me']);
    await workerAhead(90).turn();
    expect(await texts()).toEqual(['']);
  });

  it('that were deleted before need nothing more', async () => {
    const sent = await send({ text: 'gone', expires_in_s: 60 });
    await world.op(alice.caller, 'messages.delete', { message_id: sent.id });
    const { position } = await world.server.domain.storage.info();
    await workerAhead(90).turn();
    expect((await world.server.domain.storage.info()).position).toBe(position);
  });
});

it('polls close at their time, and nobody votes between that and the fact', async () => {
  const asked = await world.op(alice.caller, 'messages.send', { conversation_id: group, poll: { question: 'When?', options: ['now', 'then'], closes_in_s: 60 } });
  await workerAhead(90).turn();
  expect((await world.op(bob.caller, 'messages.get', { message_id: asked.id })).poll?.closed_ms).toEqual(expect.any(Number));
  await expect(world.op(bob.caller, 'polls.vote', { message_id: asked.id, options: ['1'] })).rejects.toMatchObject({ code: 'conflict' });
});

it('[VIS3,SND2] messages of two senders are two, also where each is the same one of its sender', async () => {
  const carol = await world.user(app, 'carol');
  await world.op(alice.caller, 'members.add', { conversation_id: group, member_ids: [carol.id] });
  await world.op(alice.caller, 'conversations.settings', { conversation_id: group, approval: { timeout_s: 60 } });
  const headOf = async (who: typeof bob): Promise<number> => (await world.server.domain.storage.head(app.id, who.id))?.headSeq ?? 0;
  const behind = (await headOf(bob)) < (await headOf(carol)) ? bob : carol;
  while (await headOf(bob) !== await headOf(carol)) await world.op(behind.caller, 'privacy.set', { user_id: 'me', typing: false });
  for (const who of [bob, carol]) await world.op(who.caller, 'messages.send', { conversation_id: group, text: 'may I?' });
  await workerAhead(90).turn();
  for (const who of [bob, carol]) expect((await ownFacts(who)).at(-1)).toMatchObject({ type: 'message.rejected', reason: 'not_approved_in_time' });
  expect((await world.op(alice.caller, 'held.list', { conversation_id: group })).items).toEqual([]);
});

it('[VIS3] messages that nobody approves in time are turned away', async () => {
  await world.op(alice.caller, 'conversations.settings', { conversation_id: group, approval: { timeout_s: 60 } });
  const waiting = await world.op(bob.caller, 'messages.send', { conversation_id: group, text: 'may I?' });
  expect([waiting.held?.reason, await texts()]).toEqual(['approval', []]);
  await workerAhead(90).turn();
  expect((await ownFacts(bob)).at(-1)).toMatchObject({ type: 'message.rejected', reason: 'not_approved_in_time' });
  await expect(world.op(app.backend, 'held.approve', { conversation_id: group, held_id: waiting.id })).rejects.toMatchObject({ code: 'not_found' });
  expect(await texts()).toEqual([]);
});

describe('calls', () => {
  const start = (input: object = {}) => world.op(alice.caller, 'calls.start', { conversation_id: group, kind: 'audio', device_id: 'desk', ring_ms: 30_000, ...input });
  const callOf = (id: string) => world.op(alice.caller, 'calls.get', { call_id: id });

  it('that nobody answers are missed when they have rung out, by a fact of nobody', async () => {
    const { id } = await start();
    await workerAhead(20).turn();
    expect((await callOf(id)).state).toBe('ringing');
    await workerAhead(40).turn();
    expect(await callOf(id)).toMatchObject({ state: 'ended', reason: 'missed', ended_by: null, duration_ms: null });
    await expect(world.op(bob.caller, 'calls.answer', { call_id: id, device_id: 'phone' })).rejects.toMatchObject({ code: 'call_ended' });
  });

  it('[SND2,CLU2] end once, whichever nodes are at it and however often', async () => {
    const { id, seq } = await start();
    const workers = ['one', 'two', 'three'].map((owner) => workerAhead(40, owner));
    await Promise.all(workers.map((worker) => worker.turn()));
    for (const worker of workers) await worker.turn();
    const { items } = await world.op(alice.caller, 'facts.list', { conversation_id: group, after_seq: seq });
    expect(items.map(({ type }) => type)).toEqual(['call.ended']);
    expect((await callOf(id)).reason).toBe('missed');
  });

  it('ring out also when the server was down meanwhile', async () => {
    const { id } = await start();
    const { directory } = world;
    await world.server.stop();
    world = await startWorld({ directory });
    expect((await callOf(id)).state).toBe('ringing');
    await workerAhead(40).turn();
    expect((await callOf(id)).reason).toBe('missed');
  });

  it('that were answered do not ring out, and are over after 12 hours when nobody has ended them', async () => {
    const { id } = await start();
    await world.op(bob.caller, 'calls.answer', { call_id: id, device_id: 'phone' });
    await workerAhead(40).turn();
    await workerAhead(12 * HOUR_S - 60).turn();
    expect((await callOf(id)).state).toBe('ongoing');
    await workerAhead(12 * HOUR_S + 60).turn();
    expect(await callOf(id)).toMatchObject({ state: 'ended', reason: 'expired' });
  });
});
