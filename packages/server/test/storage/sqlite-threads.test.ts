/** What the SQLite driver does when a database thread, or the disk below it, goes away in the middle of things. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AppendOutcome } from '../../src/storage/command.js';
import { Lane } from '../../src/storage/lane.js';
import { openSqliteHarness, type SqliteHarness } from './sqlite-harness.js';
import { STAGED } from './staged-rules.mjs';
import { createWorld, isRetryable, refusedWith } from './world.js';

let harness: SqliteHarness;
beforeEach(async () => {
  harness = await openSqliteHarness();
});
afterEach(() => harness.close());

async function scene() {
  const world = createWorld(harness.storage, 31);
  const [ann, ben] = await world.users(2) as [string, string];
  const group = await world.group(ann, [ben]);
  const send = (text: string) => world.message({ user: ann, conversation: group, text });
  const sent = async () => (await world.facts(group, null)).filter((fact) => fact.type === 'message.created').map((fact) => fact.clientId);
  return { world, ann, ben, group, send, sent };
}

/** Each thread of ours holds one port open. */
const ports = (): number => process.getActiveResourcesInfo().filter((name) => name === 'MessagePort').length;

describe('unknown outcome', () => {
  it.each([
    ['[ISO4,SND2] a writer that dies before the commit: every command is answered once and stands in the log once', 'before commit', false],
    ['[ISO4,SND2] a writer that dies behind the commit: every command is answered once and stands in the log once', 'after commit', true],
  ] as const)('%s', async (_, when, duplicate) => {
    const { world, ben, group, send, sent } = await scene();
    const first = await world.done(send('first'));
    harness.kill(when);
    const commands = Array.from({ length: 20 }, (_unused, at) => send(`m${at}`));
    const answers = new Map<string, number>();
    const outcomes = await Promise.all([...commands.map(async (command) => {
      const outcome = await world.append(command);
      answers.set(command.clientId, (answers.get(command.clientId) ?? 0) + 1);
      return outcome;
    })]);
    const mark = await world.read(group, ben, first.seq);
    expect(harness.killed()).toBe(true);
    // What the first attempt has committed is found by its key.
    expect(outcomes.map((outcome) => outcome.ok && outcome.duplicate)).toEqual(commands.map(() => duplicate));
    expect([...answers.values()]).toEqual(commands.map(() => 1));
    expect((await sent()).slice(1)).toEqual(commands.map((command) => command.clientId));
    const facts = await world.facts(group, null);
    for (const [at, outcome] of outcomes.entries()) {
      if (!outcome.ok) throw new Error('refused');
      expect(facts[outcome.place.seq - 1]).toMatchObject({ clientId: commands[at]!.clientId, timeMs: outcome.place.timeMs });
    }
    expect(mark).toMatchObject({ ok: true, moved: { readSeq: first.seq } });
    expect(await world.unread(group, ben)).toBe(20);
  });

  it('[ISO4,SND3] commands that were refused are refused again, and a mark that was set has been set', async () => {
    const { world, ann, ben, group, send, sent } = await scene();
    const first = send('first');
    const { seq } = await world.done(first);
    harness.kill('after commit');
    const [ok, mismatch, stranger, mark] = await Promise.all([
      world.append(send('x')), world.append({ ...first, requestHash: 'other' }),
      world.append(world.command('message.edit', { user: ben, conversation: group, seq, text: 'x', data: null })), world.read(group, ben, seq),
    ]);
    expect(harness.killed()).toBe(true);
    expect([ok.ok, refusedWith(mismatch), refusedWith(stranger), mark.ok]).toEqual([true, 'idempotency_mismatch', 'forbidden', true]);
    expect(await sent()).toHaveLength(2);
    expect((await world.storage.conversation(world.app, ben, group))?.member?.readSeq).toBe(seq);
    expect((await world.storage.conversation(world.app, ann, group))?.stream.ordinal).toBe(2);
  });

  it('[SND4] the order of a lane outlives the thread', async () => {
    const { world, send, sent } = await scene();
    const lane = new Lane();
    const commands = Array.from({ length: 30 }, (_, at) => send(`m${at}`));
    harness.kill('before commit');
    await Promise.all(commands.slice(0, 15).map((command) => world.done(command, lane)));
    harness.kill('after commit');
    await Promise.all(commands.slice(15).map((command) => world.done(command, lane)));
    expect(harness.killed()).toBe(true);
    expect(await sent()).toEqual(commands.map((command) => command.clientId));
  });

  it.each(['before commit', 'after commit'] as const)('[SND4,ISO4] so does that of lanes whose commands lie at the thread already (%s)', async (when) => {
    const { world, send, sent } = await scene();
    const lanes = Array.from({ length: 50 }, () => ({ lane: new Lane(), commands: Array.from({ length: 20 }, (_, at) => send(`m${at}`)) }));
    const outcomes: Promise<AppendOutcome>[] = [];
    for (let at = 0; at < 20; at += 1) {
      for (const { lane, commands } of lanes) outcomes.push(world.append(commands[at]!, lane));
      if (at === 8) harness.kill(when);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect((await Promise.all(outcomes)).map(refusedWith).filter(Boolean)).toEqual([]);
    expect(harness.killed()).toBe(true);
    const stands = await sent();
    expect(stands).toHaveLength(1_000);
    for (const { commands } of lanes) {
      const ids = new Set<string | null>(commands.map(({ clientId }) => clientId));
      expect(stands.filter((id) => ids.has(id))).toEqual(commands.map(({ clientId }) => clientId));
    }
  });

  it('[ISO4] a disk error in a transaction: the batch runs again on a fresh connection, and is done once', async () => {
    const { world, send, sent } = await scene();
    const commands = [send('a'), send(STAGED.diskOnce), send('b')];
    const outcomes = await Promise.all(commands.map((command) => world.append(command)));
    expect(outcomes.map(refusedWith)).toEqual([undefined, undefined, undefined]);
    expect(await sent()).toEqual(commands.map((command) => command.clientId));
    expect(harness.storage.ready()).toBe(true);
  });

  it('[ISO4,SND5] a database that cannot write: the batch is refused as a whole, retryably, and the repeats are done once', async () => {
    const { world, group, ann, send, sent } = await scene();
    const commands = [send('a'), send(STAGED.busyOnce), send('b')];
    const [mark, ...outcomes] = await Promise.all([world.read(group, ann, 1), ...commands.map((command) => world.append(command))]);
    expect([mark, ...outcomes].map(refusedWith)).toEqual(['unavailable', 'unavailable', 'unavailable', 'unavailable']);
    expect(outcomes.every(isRetryable)).toBe(true);
    expect(harness.storage.ready()).toBe(false);
    expect(await sent()).toEqual([]);
    await Promise.all(commands.map((command) => world.done(command)));
    expect(harness.storage.ready()).toBe(true);
    expect(await sent()).toEqual(commands.map((command) => command.clientId));
  });
});

describe('a thread that ends by itself', () => {
  it('[CLU4] takes the call with it that it was to answer, and nothing else', async () => {
    const { world, send } = await scene();
    harness.kill('before call');
    await expect(world.user('lost')).rejects.toMatchObject({ code: 'unavailable' });
    expect(harness.killed()).toBe(true);
    expect(await world.user('found')).toMatch(/^u_/);
    expect(await world.storage.userByExternalId(world.app, 'lost')).toBeNull();
    expect((await world.done(send('x'))).duplicate).toBe(false);
    expect(harness.storage.ready()).toBe(true);
  });

  it('[FLW3] is started again once, however many reads notice, and each read is answered', async () => {
    const { world, group, send } = await scene();
    await world.done(send('x'));
    const before = ports();
    harness.kill('before call');
    const pages = await Promise.all(Array.from({ length: 25 }, () => world.facts(group, null)));
    expect(harness.killed()).toBe(true);
    for (const page of pages) expect(page).toEqual(pages[0]);
    expect(pages[0]).toHaveLength(4);
    expect(ports()).toBe(before);
    expect(harness.storage.ready()).toBe(true);
  });

  it('[FLW3] leaves no thread behind when the storage is stopped', async () => {
    // Two threads, each with a port for requests and one for answers.
    const before = ports() - 2;
    const { world, send } = await scene();
    harness.kill('after commit');
    await world.done(send('x'));
    harness.kill('before call');
    await world.storage.info();
    expect(harness.killed()).toBe(true);
    await harness.storage.stop();
    expect(ports()).toBe(before);
  });
});
