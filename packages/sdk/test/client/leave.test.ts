/** What a client has the right to see of a conversation that it is no longer in, and what follows when there are many. */
import { limits } from '@talaria/protocol';
import { afterEach, expect, it } from 'vitest';
import type { Fact } from '../../src/streams/fact.js';
import { setStage, until, type Stage } from './stage.js';

let stage: Stage;
afterEach(() => stage.stop());

const line = (fact: Fact): string => (fact.type === 'message.created' ? String(fact.body['text']) : fact.type);

it('[ISO2,ORD2] who was removed while away still sees what was said until then, and nothing after it', async () => {
  stage = await setStage({ heartbeatMs: 400 });
  const alice = stage.client('alice', { url: stage.direct });
  const bob = stage.client('bob');
  await Promise.all([alice.ready(), bob.ready()]);
  const group = await alice.conversations.create({ members: ['ext:bob'], name: 'trio' });
  const handled: string[] = [];
  await bob.consume('log', (fact) => {
    if (fact.stream === group.id) handled.push(line(fact));
  });
  await group.send('before').sent;
  await until(() => handled.includes('before'));
  // A heartbeat brings a sync token that covers all of it: the next hello does not name the conversation.
  const { pieces } = stage.proxy;
  await until(() => stage.proxy.pieces >= pieces + 3);
  stage.proxy.hold();
  await group.send('while away').sent;
  await group.removeMember('ext:bob');
  await group.send('not for bob').sent;
  stage.proxy.cut();
  stage.proxy.release();
  await until(() => handled.includes('member.left'));
  expect(handled.slice(handled.indexOf('before'))).toEqual(['before', 'while away', 'member.left']);
  const after = stage.client('bob', { url: stage.direct });
  await after.ready();
  expect((await after.conversations.open(group.id).history()).messages.map(({ text }) => text)).toEqual(['before', 'while away']);
}, 30_000);

it('[FLW2] a conversation that the app opens has room, also when as many are followed as may be', async () => {
  stage = await setStage();
  await stage.token('bob');
  const alice = stage.client('alice', { url: stage.direct });
  await alice.ready();
  const first = await alice.conversations.create({ members: ['ext:bob'], name: 'the oldest' });
  const others = await Promise.all(Array.from({ length: limits.follow_max }, (_, at) => alice.conversations.create({ members: ['ext:bob'], name: `group ${at}` })));
  for (const other of others) await other.send('newer').sent;
  const bob = stage.client('bob');
  await bob.ready();
  const texts: string[] = [];
  bob.conversations.open(first.id).on('message', (message) => void texts.push(message.text));
  // The follow has been answered when what is sent after it arrives.
  while (texts.length === 0) await first.send('hello from long ago').sent;
  expect(texts.every((text) => text === 'hello from long ago')).toBe(true);
}, 60_000);
