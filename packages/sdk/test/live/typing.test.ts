/** Who is typing, and that it never sticks. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Conversation } from '../../src/conversation/conversation.js';
import type { Typing } from '../../src/live/index.js';
import { until } from '../client/stage.js';
import { setLiveStage, type LiveStage, type Person } from './stage.js';

let stage: LiveStage;
let alice: Person;
let bob: Person;
/** The conversation, as each of the two holds it. */
let hers: Conversation;
let his: Conversation;
/** What she does, and what he is shown. */
let typing: Typing;
let shown: Typing;
let seen: (readonly string[])[];
/** Signals as they came to him. */
let heard: string[];

beforeEach(async () => {
  stage = await setLiveStage();
  [alice, bob] = [await stage.person('alice'), await stage.person('bob')];
  hers = await alice.client.conversations.create({ kind: 'group', members: ['ext:bob'] });
  his = bob.client.conversations.open(hers.id);
  [seen, heard] = [[], []];
  his.on('signal', (signal) => void heard.push(String(signal.data['state'])));
  [typing, shown] = [alice.live.typing(hers), bob.live.typing(his)];
  shown.on((users) => void seen.push(users));
  await talk('hello');
});
afterEach(() => stage.stop());

/** She says something, and both have heard it, with all that came before it. */
async function talk(text: string): Promise<void> {
  const here = new Set<Conversation>();
  const stops = [hers, his].map((conversation) => conversation.on('message', (message) => {
    if (message.text === text) here.add(conversation);
  }));
  await hers.send(text).sent;
  await until(() => here.size === 2);
  for (const stop of stops) stop();
}

describe('typing', () => {
  it('[SIG3] is told at once, again while it goes on, and ends by itself', async () => {
    typing.start();
    typing.start();
    await until(() => heard.length === 1);
    expect([shown.users, seen]).toEqual([[alice.id], [[alice.id]]]);
    for (let round = 0; round < 4; round += 1) {
      // Key strokes; each frame says it anew.
      typing.start();
      alice.runtime.advance(1_500);
      typing.start();
      alice.runtime.advance(1_500);
      await until(() => heard.length === round + 2);
      bob.runtime.advance(3_000);
      expect(shown.users).toEqual([alice.id]);
    }
    alice.runtime.advance(3_000);
    await until(() => heard.length === 6);
    expect([heard.at(-1), shown.users]).toEqual(['stop', []]);
    expect(seen).toEqual([[alice.id], []]);
    alice.runtime.advance(60_000);
    await talk('and nothing more');
    expect(heard).toHaveLength(6);
  });

  it('[SIG3] ends at the receiver after its lifetime, when nothing more comes', async () => {
    typing.start();
    await until(() => shown.users.length === 1);
    bob.runtime.advance(5_999);
    expect(shown.users).toEqual([alice.id]);
    bob.runtime.advance(1);
    expect(shown.users).toEqual([]);
  });

  it('[SIG3] ends with stop, with a message, and with the leaving of who typed', async () => {
    typing.start();
    await until(() => shown.users.length === 1);
    typing.stop();
    await until(() => shown.users.length === 0);
    typing.stop();
    typing.start();
    await until(() => shown.users.length === 1);
    await talk('done');
    expect(shown.users).toEqual([]);
    // Her own side knows: the next key stroke is told at once.
    const before = heard.length;
    typing.start();
    await until(() => shown.users.length === 1);
    expect(heard.length - before).toBe(1);
    await hers.leave();
    await until(() => shown.users.length === 0);
  });

  it('[SIG3] ends when the connection is lost, and begins anew on the next one', async () => {
    typing.start();
    await until(() => shown.users.length === 1);
    stage.proxy.cut();
    await until(() => bob.client.status.state !== 'connected' && alice.client.status.state !== 'connected');
    expect(shown.users).toEqual([]);
    typing.start();
    const again = [alice, bob].map(async ({ client, runtime }) => {
      while (client.status.state !== 'connected') {
        runtime.advance(500);
        await new Promise<void>((resolve) => void setTimeout(resolve, 2));
      }
    });
    await Promise.all(again);
    await talk('back');
    typing.start();
    await until(() => shown.users.length === 1);
  });

  it('of others is given in the order in which they began, and one\'s own is not', async () => {
    const carol = await stage.person('carol');
    await hers.addMembers(['ext:carol']);
    const theirs = carol.client.conversations.open(hers.id);
    const texts: string[] = [];
    theirs.on('message', ({ text }) => void texts.push(text));
    while (texts.length === 0) await talk('are you there?');
    const third = carol.live.typing(theirs);
    third.start();
    await until(() => shown.users.length === 1);
    typing.start();
    shown.start();
    await until(() => shown.users.length === 2 && typing.users.length === 2);
    expect(shown.users).toEqual([carol.id, alice.id]);
    expect(typing.users).toEqual([carol.id, bob.id]);
  });

  it('is over when it is closed, by its signal or with the whole: others are told, and nothing is sent or shown any more', async () => {
    for (const end of ['close', 'signal', 'live', 'dispose'] as const) {
      const controller = new AbortController();
      const one = end === 'close' ? typing : alice.live.typing(hers, { signal: controller.signal });
      one.start();
      await until(() => shown.users.length === 1);
      if (end === 'close') one.close();
      else if (end === 'dispose') one[Symbol.dispose]();
      else if (end === 'signal') controller.abort();
      else alice.live.close();
      await until(() => shown.users.length === 0);
      const count = heard.length;
      one.start();
      alice.runtime.advance(60_000);
      await talk(`after ${end}`);
      expect(heard).toHaveLength(count);
    }
    expect(alice.live.typing(hers, { signal: AbortSignal.abort() }).users).toEqual([]);
  });
});
