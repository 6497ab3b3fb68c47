/** The feed alone, over a store whose transactions overlap. */
import { expect, it } from 'vitest';
import { createLocalBus } from '../../src/bus/local/local-bus.js';
import { createCounts } from '../../src/domain/counts.js';
import { defaultFeedBounds, Feed, type FeedOutput } from '../../src/gateway/feed.js';
import { silentLog } from '../../src/runtime/log.js';
import { serveMemory } from '../../src/storage/memory/driver.js';
import type { Storage } from '../../src/storage/port.js';
import type { EventRow } from '../../src/storage/rows.js';
import { stagedMemoryStore } from '../storage/memory-harness.js';
import { createWorld } from '../storage/world.js';
import { manualClock } from '../support/manual-clock.js';

const nobody: FeedOutput = { codecs: [], counts: createCounts(), opened: () => undefined, publish: () => undefined, published: () => undefined, left: () => undefined, passed: () => undefined };

it('[CLU3] finds what was not announced while another transaction is open, and says for how long nothing is settled', async () => {
  const store = stagedMemoryStore();
  const storage = serveMemory(store);
  const world = createWorld(storage);
  const [ann, ben] = await world.users(2) as [string, string];
  const group = await world.group(ann, [ben]);
  const clock = manualClock();
  const feed = new Feed(storage, createLocalBus(), clock, silentLog(), nobody, defaultFeedBounds, await storage.info());
  const head = (await storage.head(world.app, group))!;
  const stream = feed.open(world.app, group, { seq: head.headSeq, eventId: head.headEventId, position: head.headPosition, marksVersion: 0 }, head.atPosition);
  const before = feed.position;

  const open = store.begin();
  const own = store.begin();
  const place = store.runBatch([{ kind: 'command', lane: 0, command: world.message({ user: ann, conversation: group, text: 'hello' }) }], own);
  expect(place).toMatchObject([{ ok: true }]);
  await feed.sweep();
  await stream.filling;
  expect(stream.headSeq).toBe(head.headSeq + 1);
  expect(feed.position).toBe(before);
  clock.advance(5_000);
  await feed.sweep();
  expect(feed.heldMs).toBe(5_000);

  store.end(open);
  await feed.sweep();
  expect(feed.position).toBe(stream.headPosition);
  expect(feed.heldMs).toBe(0);
  await storage.stop();
});

it('[CNT3] asks for the versions of marks when the bus may have lost some', async () => {
  const store = stagedMemoryStore(99);
  const storage = serveMemory(store);
  const world = createWorld(storage);
  const [ann, ben] = await world.users(2) as [string, string];
  const [group, other] = [await world.group(ann, [ben]), await world.group(ann, [ben])];
  const feed = new Feed(storage, createLocalBus(), manualClock(), silentLog(), nobody, defaultFeedBounds, await storage.info());
  const [followed, idle] = [group, other].map((stream) => feed.open(world.app, stream, { seq: 5, eventId: '', position: feed.position, marksVersion: 0 }, feed.position));
  followed!.follows = 1;
  for (const stream of [group, other]) {
    const seq = await world.say(stream, ann, 'read me');
    await world.read(stream, ben, seq);
  }
  await feed.doubt();
  expect([followed!.marksVersion, idle!.marksVersion]).toEqual([1, 0]);
  expect(followed!.movedTick).toBeGreaterThan(0);
  await storage.stop();
});

it('[CLU2] waits a moment for facts that others have overtaken on the bus, and reads the log for those that do not come', async () => {
  const storage = serveMemory(stagedMemoryStore(98));
  const world = createWorld(storage);
  const [ann, ben] = await world.users(2) as [string, string];
  const group = await world.group(ann, [ben]);
  const clock = manualClock();
  let reads = 0;
  const counted: Storage = { ...storage, facts: (query) => {
    reads += 1;
    return storage.facts(query);
  } };
  const feed = new Feed(counted, { ...createLocalBus(), lossless: false }, clock, silentLog(), nobody, defaultFeedBounds, await storage.info());
  const head = (await storage.head(world.app, group))!;
  const stream = feed.open(world.app, group, { seq: head.headSeq, eventId: head.headEventId, position: head.headPosition, marksVersion: 0 }, head.atPosition);
  for (let at = 0; at < 4; at += 1) await world.say(group, ann, `m${at}`);
  const [first, second, third, fourth] = (await world.facts(group, null)).slice(-4) as [EventRow, EventRow, EventRow, EventRow];
  const heard = async (...facts: EventRow[]): Promise<void> => {
    feed.announce(facts);
    await Promise.resolve();
  };

  await heard(second);
  expect([stream.headSeq, stream.gap, feed.gaps]).toEqual([head.headSeq, true, 1]);
  clock.advance(defaultFeedBounds.overtaken_ms - 1);
  await heard(first);
  expect([stream.headSeq, stream.gap, feed.gaps]).toEqual([second.seq, false, 0]);
  clock.advance(defaultFeedBounds.overtaken_ms);
  expect(reads).toBe(0);

  await heard(fourth);
  clock.advance(defaultFeedBounds.overtaken_ms);
  await stream.filling;
  expect([stream.headSeq, stream.gap, feed.gaps, reads]).toEqual([fourth.seq, false, 0, 1]);
  await heard(third);
  expect([stream.headSeq, stream.gap]).toEqual([fourth.seq, false]);
  await storage.stop();
});
