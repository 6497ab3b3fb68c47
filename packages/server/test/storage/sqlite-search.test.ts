/** The search index of a file: nothing of it has to be kept, and nothing fails with it. */
import Database from 'better-sqlite3';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import type { Storage } from '../../src/storage/port.js';
import { INDEX_VERSION } from '../../src/storage/search/state.js';
import { searchPath } from '../../src/storage/sqlite/search-file.js';
import { openSqliteHarness, type SqliteHarness } from './sqlite-harness.js';
import { createWorld } from './world.js';

const open: SqliteHarness[] = [];
afterEach(async () => {
  for (const harness of open.splice(0)) await harness.close();
});

async function harnessed(): Promise<SqliteHarness> {
  const harness = await openSqliteHarness();
  open.push(harness);
  return harness;
}

const catchUp = async (storage: Storage): Promise<void> => {
  while ((await storage.indexMessages({ nowMs: 0, limit: 100, sweep: 0 })).more);
};

async function told(storage: Storage) {
  const world = createWorld(storage, 5);
  const ann = await world.user();
  const group = await world.group(ann, []);
  await world.say(group, ann, 'kept');
  const found = async (of = storage) => (await of.searchPlaces({ app: world.app, viewer: null, phrases: [{ words: ['kept'], prefix: false }], marks: [], before: null, limit: 10 })).places.length;
  return { world, ann, group, found };
}

describe('the search index of a file', () => {
  it('is a file of its own, which is made when it is first needed, and again when it is gone', async () => {
    const harness = await harnessed();
    const { found } = await told(harness.storage);
    expect(existsSync(searchPath(harness.path))).toBe(false);
    await catchUp(harness.storage);
    expect(await found()).toBe(1);
    expect(existsSync(searchPath(harness.path))).toBe(true);
    await harness.storage.stop();
    for (const end of ['', '-wal', '-shm']) rmSync(searchPath(harness.path) + end, { force: true });
    const again = await harness.reopen();
    expect(await found(again)).toBe(0);
    await catchUp(again);
    expect(await found(again)).toBe(1);
  });

  it('goes on where it was after a restart', async () => {
    const harness = await harnessed();
    const { found } = await told(harness.storage);
    await catchUp(harness.storage);
    const { position } = await harness.storage.searchState(0);
    await harness.storage.stop();
    const again = await harness.reopen();
    expect((await again.searchState(0)).position).toBe(position);
    expect(await again.indexMessages({ nowMs: 0, limit: 100, sweep: 0 })).toMatchObject({ indexed: 0, more: false });
    expect(await found(again)).toBe(1);
  });

  it.each([
    ['no database', (path: string) => writeFileSync(path, 'something else, and long enough to be looked at'.repeat(100))],
    ['a damaged one', (path: string) => {
      const size = 4_096 * 3;
      writeFileSync(path, Buffer.alloc(size, 0xff), { flag: 'r+' });
    }],
    ['of another log', (path: string) => {
      const db = new Database(path);
      db.prepare("UPDATE search_state SET epoch = 'another'").run();
      db.close();
    }],
    ['ahead of a log that was put back', (path: string) => {
      const db = new Database(path);
      db.prepare('UPDATE search_state SET position = 1000000').run();
      db.close();
    }],
    ['laid out otherwise', (path: string) => {
      const db = new Database(path);
      db.prepare('UPDATE search_state SET layout = 99').run();
      db.close();
    }],
  ])('is thrown away and made anew when it is %s', async (_, spoil) => {
    const harness = await harnessed();
    const { found } = await told(harness.storage);
    await catchUp(harness.storage);
    await harness.storage.stop();
    spoil(searchPath(harness.path));
    const again = await harness.reopen();
    await catchUp(again);
    expect(await found(again)).toBe(1);
  });

  it('is made anew beside the old one when a newer program has other words', async () => {
    const harness = await harnessed();
    const { found } = await told(harness.storage);
    await catchUp(harness.storage);
    await harness.storage.stop();
    const db = new Database(searchPath(harness.path));
    db.prepare('UPDATE search_state SET version = 0').run();
    db.close();
    const again = await harness.reopen();
    expect(await found(again)).toBe(1);
    expect(await again.indexMessages({ nowMs: 0, limit: 1, sweep: 0 })).toMatchObject({ more: true, building: { position: expect.any(Number) as number } });
    await catchUp(again);
    expect(await again.searchState(0)).toMatchObject({ generation: 2, building: null });
    expect(await found(again)).toBe(1);
  });

  it('is begun anew where an older program was in the middle of making one, and is the newer one from its beginning', async () => {
    const harness = await harnessed();
    const { world, group, ann, found } = await told(harness.storage);
    for (let at = 0; at < 20; at += 1) await world.say(group, ann, 'kept');
    await catchUp(harness.storage);
    await harness.storage.rebuildSearch(0);
    const former = (await harness.storage.indexMessages({ nowMs: 0, limit: 10, sweep: 0 })).building!;
    await harness.storage.stop();
    const db = new Database(searchPath(harness.path));
    db.prepare('UPDATE search_state SET version = 0').run();
    const again = await harness.reopen();
    const { building } = await again.indexMessages({ nowMs: 0, limit: 5, sweep: 0 });
    expect(building!.position).toBeLessThan(former.position);
    // An older program sees from now on that it is to leave it alone: its words are others.
    expect(db.prepare('SELECT version FROM search_state').pluck().get()).toBe(INDEX_VERSION);
    db.close();
    await catchUp(again);
    expect(await found(again)).toBe(10);
  });

  it('is left alone by an older program', async () => {
    const harness = await harnessed();
    const { world, group, ann, found } = await told(harness.storage);
    await catchUp(harness.storage);
    const db = new Database(searchPath(harness.path));
    db.prepare('UPDATE search_state SET version = 99').run();
    db.close();
    await world.say(group, ann, 'kept');
    expect(await harness.storage.indexMessages({ nowMs: 0, limit: 100, sweep: 0 })).toMatchObject({ indexed: 0, more: false });
    expect(await found()).toBe(1);
  });

  it('fails alone: where it cannot be made, messages are sent and read as ever', async () => {
    const harness = await harnessed();
    mkdirSync(searchPath(harness.path));
    const { world, group, ann, found } = await told(harness.storage);
    await expect(found()).rejects.toMatchObject({ code: 'unavailable' });
    await expect(harness.storage.indexMessages({ nowMs: 0, limit: 1, sweep: 0 })).rejects.toMatchObject({ code: 'unavailable' });
    const seq = await world.say(group, ann, 'kept');
    expect(await harness.storage.message(world.app, ann, group, seq)).toMatchObject({ seq });
    expect(harness.storage.ready()).toBe(true);
    rmSync(searchPath(harness.path), { recursive: true });
    await catchUp(harness.storage);
    expect(await found()).toBe(2);
  });

  it('holds nothing twice when its thread ends in the middle', async () => {
    const harness = await harnessed();
    const { world, group, ann, found } = await told(harness.storage);
    await catchUp(harness.storage);
    for (let at = 0; at < 20; at += 1) await world.say(group, ann, 'kept');
    await harness.storage.indexMessages({ nowMs: 0, limit: 5, sweep: 0 });
    harness.kill('before call');
    await expect(harness.storage.indexMessages({ nowMs: 0, limit: 5, sweep: 0 })).rejects.toMatchObject({ code: 'unavailable' });
    expect(harness.killed()).toBe(true);
    await catchUp(harness.storage);
    expect(await world.storage.searchPlaces({ app: world.app, viewer: ann, phrases: [], marks: [], before: null, limit: 100 })).toMatchObject({ next: null });
    expect(await found()).toBe(10);
  });
});
