/** Following a conversation across the end of a membership, and a new one. */
import { afterEach, expect, it } from 'vitest';
import type { Bus } from '../../src/bus/port.js';
import { createGate } from './gate.js';
import { createPair } from './pair.js';
import { startWorld, type World } from './world.js';

let world: World;
afterEach(() => world.stop());

async function scene(options: Parameters<typeof startWorld>[0] = {}) {
  world = await startWorld(options);
  const { app, alice, bob, group } = await createPair(world);
  const a = await world.client(app, alice.token);
  await a.say(group, 'one');
  const leave = () => world.op(alice.caller, 'members.remove', { conversation_id: group, user_id: bob.id });
  const comeBack = () => world.op(alice.caller, 'members.add', { conversation_id: group, member_ids: [bob.id] });
  return { app, alice, bob, group, a, leave, comeBack };
}

it('[ISO3] a former member who asks gets the rest of their time and is told where it ended, also when nothing is left', async () => {
  const { app, bob, group, a, leave } = await scene();
  const left = await leave();
  await a.say(group, 'not for bob');
  const b = await world.client(app, bob.token);
  const { epoch } = b.all('welcome')[0]!.welcome;
  b.up({ follow: { stream: group, cursor: { stream: group, seq: 0, check: 0, epoch } } });
  const { following } = await b.next('following');
  expect(following).toMatchObject({ stream: group, seq: left.seq, once: true });
  expect(b.facts(group).at(-1)).toMatchObject({ seq: left.seq, type: 'member.left' });
  expect(b.texts(group)).toEqual(['one']);
  b.up({ follow: { stream: group, cursor: { stream: group, seq: following.seq, check: following.check, epoch } } });
  expect((await b.next('following', 2)).following).toEqual(following);
  expect(b.texts(group)).toEqual(['one']);
});

it('[ISO2,ORD1] who comes back while the log is read for the time before is followed on', async () => {
  const read = createGate();
  const held = createGate();
  let holds = false;
  const { app, bob, group, a, leave, comeBack } = await scene({
    wrapStorage: (storage) => ({
      ...storage,
      async facts(query) {
        const page = await storage.facts(query);
        if (holds && query.viewer !== null && query.stream.startsWith('c_')) {
          holds = false;
          read.open();
          await held.opened;
        }
        return page;
      },
    }),
  });
  await leave();
  const b = await world.client(app, bob.token);
  const { epoch } = b.all('welcome')[0]!.welcome;
  holds = true;
  b.up({ follow: { stream: group, cursor: { stream: group, seq: 0, check: 0, epoch } } });
  await read.opened;
  await a.say(group, 'while bob is out');
  await comeBack();
  await b.until(() => b.facts(bob.id).some((fact) => fact.type === 'conversation.added' && fact.seq > 2));
  held.open();
  await a.say(group, 'welcome back');
  await b.until(() => b.texts(group).includes('welcome back'));
  expect(b.texts(group)).toEqual(['one', 'welcome back']);
  const seqs = b.facts(group).map((fact) => fact.seq);
  expect(seqs).toEqual([...seqs].sort((left, right) => left - right));
  expect(new Set(seqs).size).toBe(seqs.length);
});

it('[ISO2,ORD1] who is told of the new membership before the end of the old one has arrived is followed on', async () => {
  let holds = false;
  const { app, bob, group, a, leave, comeBack } = await scene({
    // As a bus may: what happened in the group is announced late, if at all.
    wrapBus: (bus): Bus => ({
      ...bus,
      publish(message) {
        if (message.kind === 'facts' && holds) bus.publish({ ...message, facts: message.facts.filter((fact) => fact.stream !== group) });
        else bus.publish(message);
      },
    }),
  });
  const b = await world.client(app, bob.token);
  await a.say(group, 'live');
  await b.until(() => b.texts(group).includes('live'));
  holds = true;
  const left = await leave();
  await comeBack();
  await b.until(() => b.facts(bob.id).some((fact) => fact.type === 'conversation.added' && fact.seq > 2));
  holds = false;
  await a.say(group, 'welcome back');
  await b.until(() => b.texts(group).includes('welcome back'));
  const seqs = b.facts(group).map((fact) => fact.seq);
  expect(seqs).toContain(left.seq);
  expect(b.texts(group)).toEqual(['live', 'welcome back']);
  expect(new Set(seqs).size).toBe(seqs.length);
  expect(seqs).toEqual([...seqs].sort((before, after) => before - after));
});

it('[ORD4] who asks again, and names no cursor, while what they missed is being read, misses nothing', async () => {
  const read = createGate();
  const held = createGate();
  let holds = false;
  const { app, bob, group, a } = await scene({
    wrapStorage: (storage) => ({
      ...storage,
      async facts(query) {
        const page = await storage.facts(query);
        if (holds && query.viewer === bob.id) {
          holds = false;
          read.open();
          await held.opened;
        }
        return page;
      },
    }),
  });
  const b = await world.client(app, bob.token, { follow_recent: 0 });
  const { epoch } = b.all('welcome')[0]!.welcome;
  holds = true;
  b.up({ follow: { stream: group, cursor: { stream: group, seq: 0, check: 0, epoch } } });
  await read.opened;
  await a.say(group, 'two');
  b.up({ follow: { stream: group } });
  // Frames are handled in their order: behind this one, the follow has begun.
  await b.say(group, 'from bob');
  held.open();
  await a.say(group, 'three');
  await b.until(() => b.texts(group).includes('three'));
  expect(b.texts(group)).toEqual(['one', 'two', 'from bob', 'three']);
});

it('[ORD1,VIS5] who is live is told what retention removed before it was announced', async () => {
  let silent = false;
  const { app, bob, group, a } = await scene({
    wrapBus: (bus) => ({
      ...bus,
      publish(message) {
        if (!silent || message.kind !== 'facts') bus.publish(message);
      },
    }),
    wrapStorage: (storage) => ({ ...storage, factsAfterPosition: (position, limit) => (silent ? Promise.resolve([]) : storage.factsAfterPosition(position, limit)) }),
  });
  const b = await world.client(app, bob.token);
  silent = true;
  const lost = await a.say(group, 'nobody hears of it');
  await world.server.domain.storage.applyRetention(app.id, Number.MAX_SAFE_INTEGER, 100);
  silent = false;
  await a.say(group, 'heard');
  await b.until(() => b.texts(group).includes('heard'));
  const frames = b.all('facts').map(({ facts }) => facts).filter(({ stream }) => stream === group);
  expect(frames.map(({ from_seq: from, to_seq: to, omitted }) => [from, to, omitted.map(({ cause }) => cause)])).toEqual([
    [lost.seq, lost.seq, ['retention']], [lost.seq + 1, lost.seq + 1, []],
  ]);
});
