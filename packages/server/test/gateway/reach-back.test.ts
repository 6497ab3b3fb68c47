/** After a start: everybody comes back at once, and memory is empty. What one reads from the log serves all. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventCheck, messageId, type Cursor } from '@talaria/protocol';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Storage } from '../../src/storage/port.js';
import type { RawClient } from './raw-client.js';
import { createGate } from './gate.js';
import { createPair, type Pair } from './pair.js';
import { startWorld, type World } from './world.js';

let directory: string;
let world: World;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'talaria-reach-back-'));
});
afterEach(async () => {
  await world.stop();
  rmSync(directory, { recursive: true, force: true });
});

/** Two users, a group with messages `1` to `count`, and a server that has not read any of them. @param wrapStorage of that server */
async function restarted(count: number, wrapStorage: (storage: Storage) => Storage): Promise<Pair & { readonly cursorAt: (text: string) => Cursor }> {
  world = await startWorld({ directory });
  const pair = await createPair(world);
  const a = await world.client(pair.app, pair.alice.token);
  const { epoch } = a.all('welcome')[0]!.welcome;
  for (let number = 1; number <= count; number += 1) await a.say(pair.group, String(number));
  await a.until(() => a.texts(pair.group).length === count);
  const facts = a.facts(pair.group);
  await world.stop();
  world = await startWorld({ directory, wrapStorage });
  return {
    ...pair,
    cursorAt(text) {
      const fact = facts.find((one) => one.message?.text === text)!;
      return { stream: pair.group, seq: fact.seq, check: eventCheck(fact.event_id), epoch };
    },
  };
}

/** Calls `read` with each page of a stream before it is given out. */
const reading = (read: (viewer: string | null) => Promise<void>) => (storage: Storage): Storage => ({
  ...storage,
  async facts(query) {
    const page = await storage.facts(query);
    await read(query.viewer);
    return page;
  },
});

const numbers = (from: number, to: number): string[] => Array.from({ length: to - from + 1 }, (_, at) => String(from + at));

it('[RES1] 60 clients that come back to a server that was started again cost two reads of the log', async () => {
  let reads = 0;
  const { app, bob, group, cursorAt } = await restarted(40, reading(async () => {
    reads += 1;
  }));
  const clients = await Promise.all(Array.from({ length: 60 }, (_, at) => world.client(app, bob.token, { cursors: [cursorAt(String(1 + (at % 30)))] })));
  await Promise.all(clients.map((client) => client.next('following')));
  for (const [at, client] of clients.entries()) expect(client.texts(group)).toEqual(numbers(2 + (at % 30), 40));
  // One reads for itself, as long as it is alone; the next one for all.
  expect(reads).toBe(2);
});

it('[VIS4] a message that is deleted while the past is read is empty for those who wait for it', async () => {
  const began = createGate();
  const held = createGate();
  const { app, alice, bob, group, cursorAt } = await restarted(10, reading(async (viewer) => {
    if (viewer !== null) return;
    began.open();
    await held.opened;
  }));
  const first = await world.client(app, bob.token, { cursors: [cursorAt('9')] });
  await first.next('following');
  const waiting: RawClient = await world.client(app, bob.token, { cursors: [cursorAt('3')] });
  await began.opened;
  await world.op(alice.caller, 'messages.delete', { message_id: messageId(group, cursorAt('5').seq) });
  await first.until(() => first.facts(group).some((fact) => fact.type === 'message.deleted'));
  held.open();
  await waiting.next('following');
  await waiting.until(() => waiting.facts(group).some((fact) => fact.type === 'message.deleted'));
  const fifth = waiting.facts(group).find((fact) => fact.seq === cursorAt('5').seq)!;
  expect([fifth.redacted, fifth.message?.text ?? '']).toEqual([true, '']);
  expect(waiting.facts(group).map((fact) => fact.seq)).toEqual(Array.from({ length: 8 }, (_, at) => cursorAt('4').seq + at));
});

it('a log that cannot be read is said to each who waits', async () => {
  const { app, bob, group, cursorAt } = await restarted(10, reading(async (viewer) => {
    if (viewer === null) throw new Error('cannot be read');
  }));
  const clients = await Promise.all([1, 2, 3].map((number) => world.client(app, bob.token, { cursors: [cursorAt(String(number))] })));
  // Together it failed; alone each can.
  await Promise.all(clients.map((client) => client.next('following')));
  for (const [at, client] of clients.entries()) expect(client.texts(group)).toEqual(numbers(at + 2, 10));
});
