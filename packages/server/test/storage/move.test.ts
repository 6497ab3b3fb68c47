/** Moving a log from a file into a real Postgres, while commands go on. */
import Database from 'better-sqlite3';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import postgres from 'postgres';
import { describe, expect, it } from 'vitest';
import { forgetMoveOf, moveDatabase, verifyDatabase } from '../../src/databases.js';
import type { Storage } from '../../src/storage/port.js';
import { openMoveTarget } from '../../src/storage/postgres/move-target.js';
import { openPostgres } from '../../src/storage/postgres/driver.js';
import { openSqlite } from '../../src/storage/sqlite/driver.js';
import { createMoveSource } from '../../src/storage/sqlite/move-source.js';
import { openBeside } from '../../src/storage/sqlite/transfer.js';
import { move, type MoveSource, type MoveTarget, type Moved } from '../../src/storage/transfer/move.js';
import { Lane } from '../../src/storage/lane.js';
import { usePostgres } from '../support/postgres.js';
import { newestOf } from './newest.js';
import { MIGRATIONS as POSTGRES_MIGRATIONS, stagedOptions } from './postgres-harness.js';
import { MIGRATIONS as SQLITE_MIGRATIONS, STAGED_WORKER } from './sqlite-harness.js';
import { contentsOf, createScene, foldedTexts, repeats, useDatabases } from './transfer-scene.js';
import { isRetryable } from './world.js';

const server = usePostgres();
const { opened, fresh } = useDatabases();

const quiet = (): void => undefined;

async function stage(seed: number) {
  const data = fresh();
  mkdirSync(data);
  const path = join(data, 'talaria.db');
  const url = await server().createDatabase();
  const open = async (): Promise<Storage> => {
    const storage = await openSqlite({ path, durability: 'relaxed', workerUrl: STAGED_WORKER, migrationsUrl: SQLITE_MIGRATIONS });
    opened.push(storage);
    return storage;
  };
  const storage = await open();
  return {
    data, path, url, storage, open, scene: await createScene(storage, seed),
    async openTarget(): Promise<Storage> {
      const target = await openPostgres(stagedOptions(url));
      opened.push(target);
      return target;
    },
    /** Moves with something in the way of it. */
    async moveThrough(ports: (source: MoveSource, target: MoveTarget) => { source?: Partial<MoveSource>; target?: Partial<MoveTarget> }): Promise<Moved> {
      const db = openBeside({ path, migrationsUrl: SQLITE_MIGRATIONS }, false);
      const target = await openMoveTarget({ url, migrationsUrl: POSTGRES_MIGRATIONS }, 'the target');
      const source = createMoveSource(db, null);
      const other = ports(source, target);
      try {
        return await move({ source: { ...source, ...other.source }, target: { ...target, ...other.target }, monotonic: () => performance.now(), onProgress: quiet });
      } finally {
        await target.close();
        db.close();
      }
    },
  };
}

describe('a move', () => {
  it('[RES5] keeps epoch, positions, ids, seqs, keys and marks, and the log goes on behind them', async () => {
    const { data, url, storage, open, openTarget, scene } = await stage(50);
    const clientId = scene.world.ids.clientId();
    const first = await repeats(storage, scene, clientId);
    const was = await storage.info();
    const before = await contentsOf(storage, scene);
    const moved = await moveDatabase({ from: data, to: { url } }, quiet);
    expect(moved).toMatchObject({ from: join(data, 'talaria.db'), epoch: was.epoch, resumed: false });
    expect(moved.to).not.toContain(new URL(url).password);
    expect(moved.streams).toBeGreaterThan(3);

    const copy = await openTarget();
    expect(await copy.info()).toEqual({ ...was, schemaVersion: newestOf(POSTGRES_MIGRATIONS) });
    expect(await contentsOf(copy, scene)).toEqual(before);
    expect(await repeats(copy, scene, clientId)).toEqual({ duplicate: true, seq: first.seq });
    expect(await repeats(copy, scene, scene.world.ids.clientId())).toEqual({ duplicate: false, seq: first.seq + 1 });
    expect((await copy.moved(was.position, 10)).places.map(({ seq }) => seq)).toEqual([first.seq + 1]);
    expect((await verifyDatabase({ data: '', database: { url } }, quiet)).state.epoch).toBe(was.epoch);

    // The file takes nothing any more: neither from the server that is at work on it, nor from one that starts.
    const late = await storage.append(scene.world.message({ user: scene.users[0]!, conversation: scene.groups[0]!, text: 'late' }), new Lane());
    expect([isRetryable(late), late.ok || late.refusal.code]).toEqual([true, 'unavailable']);
    await expect(storage.createUser({ app: scene.world.app, id: scene.world.ids.id('user'), externalId: 'late', name: '', data: '{}', createdMs: 1, updatedMs: 1, tokensNotBeforeMs: 0, settings: '{}', deactivatedMs: null })).rejects.toThrow('The data have moved');
    expect(await contentsOf(storage, scene)).toEqual(before);
    await expect(open()).rejects.toThrow(/talaria\.db has moved to postgres:\/\/127\.0\.0\.1:\d+\/\w+; start the server with database_url$/);
    await expect(moveDatabase({ from: data, to: { url: await server().createDatabase() } }, quiet)).rejects.toThrow('has moved to');
  });

  it('[RES5,ORD5] brings along whatever changes while it copies', async () => {
    const { moveThrough, storage, scene, openTarget, url } = await stage(60);
    const { world, users, groups } = scene;
    const [ann, ben, carol] = users as [string, string, string];
    const doomed = world.ids.id('app');
    let step = 0;
    const sent: string[] = [];
    /** One change of each kind after the other, between what the move does. */
    const changes: (() => Promise<unknown>)[] = [
      () => world.edit(groups[0]!, ben, 7, 'edited while it moves').catch(quiet),
      () => world.remove(groups[1]!, ben, 5),
      () => world.join(groups[1]!, ben, users[3]!),
      () => world.leave(groups[1]!, carol),
      () => world.read(groups[0]!, ben, 30),
      () => world.done(world.command('conversation.mark_unread', { user: carol, conversation: groups[0]!, fromSeq: 12 })),
      () => storage.updateUser(world.app, ann, { name: 'Ann anew', updatedMs: 1 }),
      () => world.user('newcomer'),
      async () => {
        const tenant = world.ids.id('tenant');
        await storage.createTenant({ id: tenant, name: 'new', status: 'active', createdMs: 1 });
        await storage.createApp({ id: doomed, tenant, name: 'new', publicKey: 'new', sealedSecret: '', allowedOrigins: [], retentionDays: null, createUsers: true, linkPreviews: false, textMax: 10_000, issuers: [], identity: null, createdMs: 1 });
        await storage.createUser({ app: doomed, id: world.ids.id('user'), externalId: 'x', name: '', data: '{}', createdMs: 1, updatedMs: 1, tokensNotBeforeMs: 0, settings: '{}', deactivatedMs: null });
      },
      () => storage.deleteApp(doomed),
      () => storage.commitProgress({ name: 'usage', position: 9, fence: 1 }, 12, [{ app: world.app, hourMs: 3_600_000, messages: 5, facts: 5, bytes: 5 }]),
      async () => {
        const oldest = (await world.facts(groups[2]!, null)).at(-1)!;
        await storage.applyRetention(world.app, oldest.timeMs - 1, 3);
      },
      () => storage.pruneKeys(1, 1_000, null),
    ];
    const happen = async (): Promise<void> => {
      await changes[step]?.();
      step += 1;
      const clientId = world.ids.clientId();
      await repeats(storage, scene, clientId);
      sent.push(clientId);
    };
    let paused = false;
    const moved = await moveThrough((source, target) => ({
      source: {
        begin(mode) {
          paused ||= mode === 'write';
          source.begin(mode);
        },
      },
      target: {
        async apply(delta, progress) {
          // In the pause the file takes nothing: nobody could wait for it here.
          if (!paused) await happen();
          await target.apply(delta, progress);
        },
      },
    }));
    expect(moved.rows).toBeGreaterThan(0);
    expect(step).toBeGreaterThan(changes.length - 1);
    const copy = await openTarget();
    expect(await contentsOf(copy, scene)).toEqual(await contentsOf(storage, scene));
    expect((await copy.info()).epoch).toBe((await storage.info()).epoch);
    for (const clientId of sent) expect((await repeats(copy, scene, clientId)).duplicate).toBe(true);
    expect(await copy.app(doomed)).toBeNull();
    await verifyDatabase({ data: '', database: { url } }, quiet);
  });

  it('[RES5] goes on where it was killed, wherever that was', async () => {
    const { moveThrough, storage, scene, openTarget } = await stage(70);
    const died = new Error('killed');
    const deaths = new Set<string>();
    /** Kills once at each place. */
    const point = (place: string): void => {
      if (deaths.has(place)) return;
      deaths.add(place);
      throw died;
    };
    let begun = false;
    let moved: Moved | undefined;
    while (!moved) {
      moved = await moveThrough((source, target) => ({
        source: {
          track() {
            point('before track');
            const id = source.track();
            point('after track');
            return id;
          },
          end(how) {
            if (how === 'commit') point('before commit');
            source.end(how);
            if (how === 'commit') point('after commit');
          },
        },
        target: {
          async apply(delta, progress) {
            const place = `apply ${Object.keys(progress.walks).join()}`;
            point(`before ${place}`);
            await target.apply(delta, progress);
            begun = true;
            point(`after ${place}`);
          },
          async finish(state) {
            point('before finish');
            await target.finish(state);
            point('after finish');
          },
          async open() {
            point('before open');
            await target.open();
          },
        },
      })).catch((error: unknown) => {
        if (error !== died) throw error;
        return undefined;
      });
      // No server is let in before the end; the one at the file goes on until then.
      if (begun && !moved) await expect(openTarget()).rejects.toThrow('a move into it has not come to its end; run the same talaria move again');
      if (!deaths.has('after commit')) await scene.more();
    }
    expect(moved.resumed).toBe(true);
    expect([...deaths]).toEqual(expect.arrayContaining(['after track', 'after finish', 'after commit', 'before open']));
    expect(deaths.size).toBeGreaterThan(30);
    const copy = await openTarget();
    expect(await contentsOf(copy, scene)).toEqual(await contentsOf(storage, scene));
  });

  it('[SND5] refuses retryably while the pause lasts, and what is sent again is there once', async () => {
    const { moveThrough, storage, scene, openTarget } = await stage(80);
    const command = scene.world.message({ user: scene.users[0]!, conversation: scene.groups[0]!, text: 'in the pause' });
    let outcome: Awaited<ReturnType<Storage['append']>> | undefined;
    await moveThrough((_source, target) => ({
      target: {
        async finish(state) {
          outcome = await storage.append(command, new Lane());
          await target.finish(state);
        },
      },
    }));
    expect([isRetryable(outcome!), outcome!.ok || outcome!.refusal.code]).toEqual([true, 'unavailable']);
    const copy = await openTarget();
    const again = await copy.append(command, new Lane());
    expect([again.ok, again.ok && again.duplicate]).toEqual([true, false]);
    expect((await foldedTexts(copy, scene.world.app, scene.groups[0]!)).filter((text) => text === 'in the pause')).toHaveLength(1);
  });

  it('finds a target that is not the same, and the file serves on', async () => {
    const { moveThrough, storage, scene, url } = await stage(90);
    const sql = postgres(url, { max: 1, onnotice: quiet });
    const failed = moveThrough((_source, target) => ({
      target: {
        async compared(read) {
          await sql`UPDATE events SET payload = '{"text":"another"}' WHERE seq = 9 AND stream_id = (SELECT stream_id FROM events WHERE seq = 9 LIMIT 1)`;
          return target.compared(read);
        },
      },
    }));
    await expect(failed).rejects.toThrow(/^stream c_\w+ is not the same here and there$/);
    await sql.end();
    await scene.more();
    expect(storage.ready()).toBe(true);
  });

  it('is given up without a trace in the file', async () => {
    const { moveThrough, data, path, scene, url } = await stage(100);
    const schema = (): unknown => {
      const db = new Database(path, { readonly: true });
      const rows = db.prepare('SELECT name FROM sqlite_master ORDER BY name').all();
      db.close();
      return rows;
    };
    const before = schema();
    await expect(moveThrough(() => ({ target: { compared: () => Promise.reject(new Error('stop')) } }))).rejects.toThrow('stop');
    expect(schema()).not.toEqual(before);
    expect(await forgetMoveOf(data)).toBe(true);
    expect(schema()).toEqual(before);
    expect(await forgetMoveOf(data)).toBe(false);
    await scene.more();
    await expect(moveDatabase({ from: data, to: { url } }, quiet)).rejects.toThrow(/holds the beginning of another move; name an empty database$/);
  });

  it('refuses a Postgres that is not empty', async () => {
    const { data, url, openTarget } = await stage(110);
    await openTarget();
    await expect(moveDatabase({ from: data, to: { url } }, quiet)).rejects.toThrow(/is not empty: its table store has rows; name an empty database$/);
  });
});
