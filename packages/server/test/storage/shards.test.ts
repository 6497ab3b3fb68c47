/** Databases of tenants on a clock that the test moves: who waits, who is refused, and what is closed when. */
import { expect, it } from 'vitest';
import { serveMemory } from '../../src/storage/memory/driver.js';
import type { MemoryStore } from '../../src/storage/memory/store.js';
import type { Command } from '../../src/storage/command.js';
import { Lane } from '../../src/storage/lane.js';
import type { Storage } from '../../src/storage/port.js';
import { defaultShardBounds } from '../../src/storage/routed/shard.js';
import { Shards, type ShardsBounds } from '../../src/storage/routed/shards.js';
import type { OpenedDatabase, TenantLog } from '../../src/storage/routed/tenant-log.js';
import { manualClock } from '../support/manual-clock.js';
import { stagedMemoryStore } from './memory-harness.js';
import { createWorld, refusedWith } from './world.js';

const TENANT = 't_00000000000000000000000001';
const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
};

/** A tenant's database that opens, fails and falls silent as it is told. */
function scene(bounds: Partial<ShardsBounds> = {}) {
  const clock = manualClock();
  let store: MemoryStore = stagedMemoryStore();
  let opens = 0;
  let closes = 0;
  let mode: 'answers' | 'fails' | 'silent' = 'answers';
  let waiting: (() => void)[] = [];
  let held = false;
  let place = 'sealed';
  const told: string[] = [];
  const logs: TenantLog[] = [];
  const shards = new Shards({
    clock, bounds: { ...defaultShardBounds, open_max: 1, idle_ms: 60_000, check_ms: 1_000, ...bounds },
    async open(): Promise<OpenedDatabase> {
      opens += 1;
      const url = place;
      if (held) await new Promise<void>((resolve) => waiting.push(resolve));
      if (mode === 'fails') throw new Error('nobody is there');
      const own = serveMemory(store);
      // As of a server whose database has been restored under it.
      const current = { info: () => serveMemory(store).info() };
      const guard = <T>(answer: () => Promise<T>): Promise<T> => (mode === 'silent' ? new Promise<T>(() => undefined) : answer());
      const storage: Storage = {
        ...own, info: () => guard(() => current.info()), user: (...args) => guard(() => own.user(...args)),
        async stop() {
          closes += 1;
          await own.stop();
        },
      };
      return { storage, info: await own.info(), sealedUrl: url };
    },
    moved: () => Promise.resolve(false),
    failed: (_, error) => void told.push(error instanceof Error ? error.message : String(error)),
  });
  shards.listen({
    opened: (log) => {
      logs.push(log);
      told.push('opened');
    },
    closed: () => void told.push('closed'),
  });
  const shard = shards.of(TENANT);
  return {
    clock, shards, shard, storage: shard.storage, told, logs, world: createWorld(shard.storage),
    counts: () => ({ opens, closes }),
    set: (next: typeof mode) => {
      mode = next;
    },
    hold: () => {
      held = true;
    },
    release: () => {
      held = false;
      for (const go of waiting.splice(0)) go();
    },
    move: (next: string) => {
      place = next;
    },
    restore: () => {
      store = store.copy('another epoch');
    },
  };
}

const unavailable = { code: 'unavailable' };

it('[SND4] commands that wait for a database to be opened keep their order, also before those that come behind', async () => {
  const at = scene();
  const [ann, ben] = await at.world.users(2) as [string, string];
  const group = await at.world.group(ann, [ben]);
  await at.shards.forget(TENANT);
  at.hold();
  const lane = new Lane();
  const send = (text: string): Command => at.world.message({ user: ann, conversation: group, text });
  const sends = ['one', 'two', 'three'].map(send);
  const answers = sends.slice(0, 2).map((command) => at.storage.append(command, lane));
  at.shards.listen({ opened: () => void answers.push(at.storage.append(sends[2]!, lane)), closed: () => undefined });
  at.release();
  await settle();
  const seqs = (await Promise.all(answers)).map((outcome) => (outcome.ok ? outcome.place.seq : outcome.refusal.code));
  const [first] = seqs as [number];
  expect(seqs).toEqual([first, first + 1, first + 2]);
});

it('[FLW2,SND4] nobody waits longer than is stated; what is behind a refused command waits for that one', async () => {
  const at = scene();
  const ann = await at.world.user();
  const group = await at.world.group(ann, []);
  await at.shards.forget(TENANT);
  at.hold();
  const lane = new Lane();
  const first = at.world.message({ user: ann, conversation: group, text: 'one' });
  const second = at.world.message({ user: ann, conversation: group, text: 'two' });
  const waits = at.storage.append(first, lane);
  const reads = at.storage.user(at.world.app, ann);
  at.clock.advance(defaultShardBounds.wait_ms);
  expect(refusedWith(await waits)).toBe('unavailable');
  await expect(reads).rejects.toMatchObject(unavailable);
  // It is still being opened, and nobody else waits for that.
  await expect(at.storage.user(at.world.app, ann)).rejects.toMatchObject({ ...unavailable, retryAfterMs: 1_000 });
  at.release();
  await settle();
  expect(refusedWith(await at.storage.append(second, lane))).toBe('predecessor_refused');
  expect(await at.storage.append(first, lane)).toMatchObject({ ok: true });
  expect(await at.storage.append(second, lane)).toMatchObject({ ok: true });
});

it('[FLW3] no more calls wait for a database than may', async () => {
  const at = scene({ waiting_max: 2 });
  at.hold();
  const waits = [at.storage.user(at.world.app, at.world.ids.id('user')), at.storage.user(at.world.app, at.world.ids.id('user'))];
  expect(at.storage.full(at.world.app)).toBe(true);
  await expect(at.storage.users(at.world.app, 1, null)).rejects.toMatchObject({ code: 'overloaded' });
  at.release();
  expect(await Promise.all(waits)).toEqual([null, null]);
  expect(at.storage.full(at.world.app)).toBe(false);
});

it('[FLW2] a database that cannot be opened is tried seldom, and everybody is refused at once meanwhile', async () => {
  const at = scene();
  at.set('fails');
  const ask = (): Promise<unknown> => at.storage.users(at.world.app, 1, null);
  await expect(ask()).rejects.toMatchObject(unavailable);
  for (const [attempt, pause] of [1_000, 2_000, 4_000, 8_000, 10_000, 10_000].entries()) {
    expect(at.counts().opens).toBe(attempt + 1);
    at.clock.advance(pause - 1);
    await expect(ask()).rejects.toMatchObject(unavailable);
    await settle();
    expect(at.counts().opens).toBe(attempt + 1);
    at.clock.advance(1);
    await expect(ask()).rejects.toMatchObject(unavailable);
    await settle();
  }
  at.set('answers');
  at.clock.advance(10_000);
  await expect(ask()).rejects.toMatchObject(unavailable);
  await settle();
  expect(await ask()).toEqual({ items: [], more: false });
  expect(at.told.filter((one) => one === 'nobody is there')).toHaveLength(7);
});

it('[FLW2] a database that falls silent is asked whether it is there, and left alone until it is', async () => {
  const at = scene();
  const ann = await at.world.user();
  at.set('silent');
  const stuck = at.storage.user(at.world.app, ann);
  stuck.catch(() => undefined);
  for (let second = 0; second < 3; second += 1) {
    at.clock.advance(1_000);
    await settle();
  }
  expect(at.shard.kind).toBe('open');
  at.clock.advance(defaultShardBounds.probe_ms);
  await settle();
  expect(at.shard.kind).toBe('down');
  expect(at.shards.counts).toEqual({ open: 1, down: 1 });
  await expect(at.storage.user(at.world.app, ann)).rejects.toMatchObject(unavailable);
  expect(refusedWith(await at.storage.append(at.world.message({ user: ann, conversation: at.world.ids.id('conversation'), text: 'x' }), new Lane()))).toBe('unavailable');
  expect(at.told.at(-1)).toBe('it did not answer in 3000 ms');
  at.set('answers');
  // Nobody has to ask for it.
  at.clock.advance(1_000);
  await settle();
  expect(at.shard.kind).toBe('open');
  expect(await at.storage.user(at.world.app, ann)).toMatchObject({ id: ann });
  expect(at.counts()).toEqual({ opens: 1, closes: 0 });
});

it('[FLW3] what nobody needs is closed, and work on its log does not open it again', async () => {
  const at = scene({ idle_ms: 5_000 });
  await at.world.user();
  const [log] = at.logs as [TenantLog];
  const release = log.hold();
  for (let second = 0; second < 20; second += 1) {
    at.clock.advance(1_000);
    await settle();
  }
  expect(at.counts()).toEqual({ opens: 1, closes: 0 });
  release();
  for (let second = 0; second < 6; second += 1) {
    await log.storage.info();
    at.clock.advance(1_000);
    await settle();
    if (at.shard.kind === 'closed') break;
  }
  expect(at.told).toEqual(['opened', 'closed']);
  await expect(log.storage.info()).rejects.toMatchObject(unavailable);
  expect(at.counts()).toEqual({ opens: 1, closes: 1 });
  await at.world.user();
  expect(at.counts()).toEqual({ opens: 2, closes: 1 });
});

it('[RES5] who works with a log that has become another one is told, and the other is opened', async () => {
  const at = scene();
  await at.world.user();
  at.shards.recheck();
  await settle();
  expect(at.told).toEqual(['opened']);
  at.restore();
  at.clock.advance(defaultShardBounds.look_ms);
  await settle();
  expect(at.told).toEqual(['opened', 'closed']);
  await at.world.user();
  expect(at.told).toEqual(['opened', 'closed', 'opened']);
  expect(at.logs.map(({ info }) => info.epoch)).toEqual([expect.not.stringMatching('another epoch'), 'another epoch']);
});

it('[ISO1] what was opened before a tenant was placed elsewhere is not for apps that were made afterwards', async () => {
  const at = scene();
  await at.world.user();
  at.move('elsewhere');
  at.shard.expect('elsewhere');
  expect(at.told).toEqual(['opened', 'closed']);
  await at.world.user();
  expect(at.counts()).toEqual({ opens: 2, closes: 1 });
  at.shard.expect('elsewhere');
  expect(at.counts()).toEqual({ opens: 2, closes: 1 });

  await at.shards.forget(TENANT);
  at.hold();
  const waits = at.storage.users(at.world.app, 10, null);
  await settle();
  at.move('third');
  at.shard.expect('third');
  at.release();
  expect((await waits).items).toHaveLength(2);
  expect(at.counts()).toEqual({ opens: 4, closes: 3 });
});
