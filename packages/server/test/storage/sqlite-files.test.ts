/** The SQLite driver's file: it is kept over a restart, and what is no such file is refused with one sentence. */
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Storage } from '../../src/storage/port.js';
import { checkDatabase } from '../../src/main.js';
import { loadMigrations } from '../../src/storage/migrations.js';
import { openSqlite } from '../../src/storage/sqlite/driver.js';
import { migrateDown } from '../../src/storage/sqlite/migrate.js';
import { MIGRATIONS, openSqliteHarness, PRODUCT_WORKER, temporaryFolder } from './sqlite-harness.js';
import { newestOf } from './newest.js';
import { contentsOf, createScene } from './transfer-scene.js';
import { createWorld } from './world.js';

const NEWEST = newestOf(MIGRATIONS);

const folder = temporaryFolder();
const file = (name: string): string => join(folder.path, name);
const open = (path: string, options: { migrationsUrl?: URL; durability?: 'durable' | 'relaxed' } = {}): Promise<Storage> =>
  openSqlite({ path, durability: 'relaxed', workerUrl: PRODUCT_WORKER, migrationsUrl: MIGRATIONS, ...options });
afterAll(() => folder.remove());

describe('restart', () => {
  it('[RES5,SND1] finds everything again, with its epoch and its position, and goes on from there', async () => {
    const harness = await openSqliteHarness({ workerUrl: PRODUCT_WORKER });
    try {
      const world = createWorld(harness.storage, 41);
      const [ann, ben] = await world.users(2) as [string, string];
      const group = await world.group(ann, [ben], 'all');
      const seq = await world.say(group, ann, 'one');
      await world.edit(group, ann, seq, 'two');
      await world.remove(group, ann, await world.say(group, ann, 'gone'));
      await world.read(group, ben, seq);
      const command = world.message({ user: ann, conversation: group, text: 'three' });
      const sent = await world.done(command);
      const look = async (storage: Storage) => ({
        info: await storage.info(), facts: await storage.facts({ app: world.app, stream: group, viewer: ben, afterSeq: 0, limit: 100 }),
        inbox: await storage.inbox(world.app, ben, 10, null), messages: await storage.messages({ app: world.app, conversation: group, viewer: ben, anchor: { kind: 'newest' }, limit: 10 }),
        marks: await storage.marks(world.app, ben, group, 0, 10), users: await storage.users(world.app, 10, null), log: await storage.factsAfterPosition(0, 100),
      });
      const before = await look(harness.storage);
      expect(before.info).toMatchObject({ schemaVersion: NEWEST, position: sent.facts[0]!.position });
      expect(before.info.epoch).not.toBe('');
      await harness.storage.stop();
      expect(existsSync(`${harness.path}-wal`)).toBe(false);

      const again = createWorld(await harness.reopen(), 42);
      expect(await look(again.storage)).toEqual(before);
      expect(await again.done(command)).toEqual({ ...sent, duplicate: true, facts: [] });
      const next = await again.done({ ...command, clientId: again.ids.clientId() });
      expect(next).toMatchObject({ seq: sent.seq + 1, duplicate: false });
      expect(next.facts[0]?.position).toBe(before.info.position + 1);
    } finally {
      await harness.close();
    }
  });

  it('[RES5] shows the same from a file of the schema before streams of members had their numbers', async () => {
    const path = file('older.db');
    const storage = await open(path);
    const scene = await createScene(storage, 44);
    const before = await contentsOf(storage, scene);
    await storage.stop();
    const db = new Database(path);
    migrateDown(db, loadMigrations(fileURLToPath(MIGRATIONS)), 10);
    expect(db.pragma('table_info(members)')).not.toContainEqual(expect.objectContaining({ name: 'stream_no' }));
    db.close();
    const again = await open(path);
    try {
      // There were no operators yet.
      expect(await contentsOf(again, scene)).toEqual({ ...before as object, operators: { items: [], more: false } });
    } finally {
      await again.stop();
    }
  });

  it('[SND1] keeps what was acked when the process dies without a word', async () => {
    const path = file('killed.db');
    const storage = await open(path, { durability: 'durable' });
    const world = createWorld(storage, 43);
    const ann = await world.user();
    const group = await world.group(ann, []);
    await Promise.all(Array.from({ length: 50 }, (_, at) => world.say(group, ann, `m${at}`)));
    // What a dead process leaves behind: the file and its log, in the middle of their life.
    for (const suffix of ['', '-wal']) copyFileSync(`${path}${suffix}`, file(`copy.db${suffix}`));
    const { epoch } = await storage.info();
    await storage.stop();
    const copy = await open(file('copy.db'));
    try {
      expect((await copy.facts({ app: world.app, stream: group, viewer: ann, afterSeq: 0, limit: 100 }))?.facts).toHaveLength(51);
      expect((await copy.info()).epoch).toBe(epoch);
    } finally {
      await copy.stop();
    }
  });
});

describe('a deleted app', () => {
  it('[ISO1] leaves no row in any table that has apps, and there was one in each', async () => {
    const path = file('deleted.db');
    const storage = await open(path);
    const rows = (): [table: string, count: number][] => {
      const db = new Database(path, { readonly: true });
      const tables = db.prepare<[], { name: string; owner: string }>(
        "SELECT m.name AS name, min(c.name) AS owner FROM sqlite_master m JOIN pragma_table_info(m.name) c ON c.name IN ('app_id', 'stream_no') WHERE m.type = 'table' GROUP BY m.name",
      ).all();
      const found = tables.map(({ name, owner }): [string, number] => [name, db.prepare<[], { count: number }>(`SELECT count(*) AS count FROM ${name} WHERE ${owner} IS NOT NULL`).get()!.count]);
      db.close();
      return found;
    };
    const world = createWorld(storage, 45);
    const tenant = await storage.createTenant({ id: world.ids.id('tenant'), name: 'T', status: 'active', createdMs: 1 });
    await storage.createApp({
      id: world.app, tenant: tenant.id, name: 'A', publicKey: 'pk', sealedSecret: '', allowedOrigins: [], retentionDays: null, createUsers: false, linkPreviews: false, textMax: 10_000, issuers: [], createdMs: 1,
      identity: { register: true, guests: false, tokenS: 900, sessionDays: 30 },
    });
    await storage.createKey({ id: world.ids.id('key'), app: world.app, name: 'K', prefix: '', hash: '', scopes: [], createdMs: 1, expiresMs: null, revokedMs: null, lastUsedMs: null });
    const [ann, ben] = await world.users(2) as [string, string];
    const { stream } = await world.done(world.command('conversation.create', { user: ann, conversationKind: 'direct', name: '', data: '{}', history: 'all', members: [ben] }));
    await world.say(stream, ann, 'x');
    await world.done(world.command('draft.set', { user: ann, conversation: stream, threadSeq: 0, text: 'x', data: '' }));
    await storage.commitProgress((await storage.lease('usage', 'me', 0, 1))!, 1, [{ app: world.app, hourMs: 0, messages: 1, facts: 1, bytes: 1 }]);
    await storage.addRevocations(world.app, [{ app: world.app, user: ann, name: 'token t', beforeMs: 1, revokedMs: 1, untilMs: 1 }]);
    await storage.setAccount({ app: world.app, user: ann, login: 'ann', passwordHash: 'x', createdMs: 1, changedMs: 1 });
    await storage.createSession({
      app: world.app, id: world.ids.id('session'), user: ann, device: 'd', deviceName: '', createdMs: 1, usedMs: 1, expiresMs: 2, endedMs: null, tokenHash: 'x', formerHash: null,
    });
    await storage.takeAttempt(world.app, [{ name: 'a', free: 1, delay_ms: 1, delay_ms_max: 1, keep_ms: 1 }], 1);
    await storage.addSeen([{ app: world.app, user: ann, seenMs: 1 }]);
    await storage.addDeadLetter({ name: 'n', position: 1, app: world.app, stream, seq: 1, error: 'e', timeMs: 1 });
    expect(rows().filter(([, count]) => count === 0)).toEqual([]);
    expect(rows().length).toBeGreaterThan(10);
    await storage.deleteApp(world.app);
    expect(rows().filter(([, count]) => count > 0)).toEqual([]);
    await storage.stop();
  });

  it('[ISO1] leaves nothing behind that a later stream could be taken for', async () => {
    const storage = await open(file('numbers.db'));
    const world = createWorld(storage, 46);
    const makeGroup = async (): Promise<string> => {
      const [ann] = await world.users(1) as [string];
      const { stream } = await world.done(world.command('conversation.create', { user: ann, conversationKind: 'group', name: '', data: '{}', history: 'all', members: [] }));
      return stream;
    };
    const facts = (stream: string) => storage.facts({ app: world.app, stream, viewer: null, afterSeq: 0, limit: 10 });
    const gone = await makeGroup();
    expect((await facts(gone))?.facts).not.toEqual([]);
    await storage.deleteApp(world.app);
    const next = await makeGroup();
    expect((await facts(next))?.facts).not.toEqual([]);
    expect((await facts(gone))?.facts ?? []).toEqual([]);
    await storage.stop();
  });
});

describe('a file that cannot be used', () => {
  const good = file('good.db');
  beforeAll(async () => {
    const storage = await open(good);
    const world = createWorld(storage, 44);
    for (let at = 0; at < 40; at += 1) await world.user(`${'x'.repeat(400)}${at}`);
    await storage.stop();
  });
  /** A copy of a good file, changed. */
  const spoiled = (name: string, change: (path: string) => void): string => {
    const path = file(name);
    copyFileSync(good, path);
    change(path);
    return path;
  };
  const sql = (path: string, text: string): void => {
    const db = new Database(path);
    db.exec(text);
    db.close();
  };
  const sentenceOf = async (opening: Promise<Storage>): Promise<string> => {
    const storage = await opening.catch((error: unknown) => error);
    if (storage instanceof Error) return storage.message;
    await (storage as Storage).stop();
    return 'opened';
  };

  it('[RES5] a text is refused, and left as it is', async () => {
    const path = file('text.db');
    writeFileSync(path, 'Dear diary,\ntoday I was mistaken for a database.\n');
    expect(await sentenceOf(open(path))).toBe(`${path} is not a SQLite database`);
    expect(readFileSync(path, 'utf8')).toMatch(/^Dear diary/);
  });

  it('[RES5] a file that is cut off anywhere is refused', async () => {
    const size = statSync(good).size;
    expect(size).toBeGreaterThan(100_000);
    for (const cut of [18, 50, 100, 512, 4_096, 8_192, size - 4_096, size - 100]) {
      const path = spoiled(`cut-${cut}.db`, (copy) => truncateSync(copy, cut));
      expect(await sentenceOf(open(path)), `cut to ${cut}`).toBe(`${path} is damaged or incomplete; restore it from a backup`);
      expect(statSync(path).size).toBe(cut);
    }
  });

  it('[RES5] an empty file with a log beside it is refused, without the log an empty file is a new database', async () => {
    const path = file('empty.db');
    writeFileSync(path, '');
    writeFileSync(`${path}-wal`, 'something');
    expect(await sentenceOf(open(path))).toBe(`${path} is empty, but there is a write-ahead log beside it; restore it from a backup`);
    rmSync(`${path}-wal`);
    expect(await sentenceOf(open(path))).toBe('opened');
  });

  it('[RES5] a schema that is newer than the program is refused', async () => {
    const path = spoiled('newer.db', (copy) => sql(copy, "INSERT INTO migrations VALUES (999, 'later', 'x', 1)"));
    expect(await sentenceOf(open(path))).toBe(`the database has schema version 999, newer than this program's ${NEWEST}; use a newer Talaria`);
  });

  it('[RES5] a migration that was changed after it had been applied is refused', async () => {
    const path = spoiled('changed.db', (copy) => sql(copy, "UPDATE migrations SET checksum = 'x'"));
    expect(await sentenceOf(open(path))).toBe('migration 1 (initial) was changed after it had been applied');
  });

  it('[RES5] the database of another program is refused, and left as it is', async () => {
    const path = file('foreign.db');
    sql(path, 'CREATE TABLE recipes (name TEXT)');
    const before = readFileSync(path);
    expect(await sentenceOf(open(path))).toBe('the database belongs to another program: it has a table recipes');
    const db = new Database(path, { readonly: true });
    expect(db.prepare('SELECT name FROM sqlite_master').all()).toEqual([{ name: 'recipes' }]);
    db.close();
    expect(before.length).toBeGreaterThan(0);
  });

  it('[RES5] damage in the middle is refused', async () => {
    const path = spoiled('damaged.db', (copy) => writeFileSync(copy, readFileSync(copy).fill(0xff, 4_096, 8_192)));
    expect(await sentenceOf(open(path))).toBe(`${path} is damaged or incomplete; restore it from a backup`);
  });

  it('[RES5] what a damaged schema quotes of itself is shown on one clean line', () => {
    const directory = file('schema');
    mkdirSync(directory);
    const bytes = readFileSync(good);
    bytes.write('\u001b\n', bytes.lastIndexOf('CREATE TABLE streams') + 'CREATE TABLE'.length);
    writeFileSync(join(directory, 'talaria.db'), bytes);
    expect(() => checkDatabase(directory)).toThrow(/^[\u0020-\u007e]+\\u001b[\u0020-\u007e]*$/);
  });

  it('[RES5] a schema in which a broken disk has changed a letter is refused, and what an operator has added is not', async () => {
    const changed = (name: string): string => spoiled(name, (copy) => {
      const bytes = readFileSync(copy);
      const column = bytes.indexOf('conversation_id', bytes.lastIndexOf('CREATE TABLE members'));
      bytes[column]! ^= 0x20;
      writeFileSync(copy, bytes);
    });
    const refusal = 'the database is damaged: its table members is not as this program makes it; restore it from a backup';
    expect(await sentenceOf(open(changed('letter.db')))).toBe(refusal);
    const directory = file('letter');
    mkdirSync(directory);
    renameSync(changed('letter-too.db'), join(directory, 'talaria.db'));
    expect(() => checkDatabase(directory)).toThrow(refusal);
    const added = spoiled('added.db', (copy) => sql(copy, 'CREATE INDEX our_own ON users (name)'));
    expect(await sentenceOf(open(added))).toBe('opened');
  });

  it('[RES5] a folder is refused, and a folder that is not there', async () => {
    const path = file('folder.db');
    mkdirSync(path);
    expect(await sentenceOf(open(path))).toBe(`${path} is a directory`);
    expect(await sentenceOf(open(file('no/such/folder.db')))).toBe('Cannot open database because the directory does not exist');
  });

  it('[RES5] migrations with a hole in their numbers are refused', async () => {
    const migrations = file('migrations');
    mkdirSync(migrations);
    writeFileSync(join(migrations, '0002-second.sql'), 'CREATE TABLE x (y)');
    expect(await sentenceOf(open(file('hole.db'), { migrationsUrl: new URL(`file://${migrations}/`) }))).toBe('migration 0002-second.sql should have number 1');
  });
});
