/** Backups, against real files and a real Postgres. */
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { backupDatabase, restoreDatabase, verifyDatabase } from '../../src/databases.js';
import type { Storage } from '../../src/storage/port.js';
import { openPostgres } from '../../src/storage/postgres/driver.js';
import { snapshotOfPostgres } from '../../src/storage/postgres/transfer.js';
import { openSqlite } from '../../src/storage/sqlite/driver.js';
import { snapshotOfFile } from '../../src/storage/sqlite/transfer.js';
import type { Snapshot } from '../../src/storage/transfer/snapshot.js';
import { verifyFile } from '../../src/storage/transfer/verify.js';
import { writeBackup } from '../../src/storage/transfer/write-file.js';
import { usePostgres } from '../support/postgres.js';
import { MIGRATIONS as POSTGRES_MIGRATIONS, stagedOptions } from './postgres-harness.js';
import { MIGRATIONS as SQLITE_MIGRATIONS, STAGED_WORKER } from './sqlite-harness.js';
import Database from 'better-sqlite3';
import { tableOf, type Table, type TableName } from '../../src/storage/transfer/tables.js';
import { contentsOf, createScene, foldedTexts, repeats, useDatabases, type TransferScene } from './transfer-scene.js';

const server = usePostgres();
const { folder, opened, fresh } = useDatabases();

const quiet = (): void => undefined;

/** A database of one kind: how the server names it, how it is opened, and how it is read at one moment. */
interface Kind {
  readonly choice: { data: string; database?: { url: string; partitions: number } };
  open(): Promise<Storage>;
  snapshot(): Promise<Snapshot>;
}

function sqlite(): Kind {
  const data = fresh();
  const path = join(data, 'talaria.db');
  return {
    choice: { data },
    async open() {
      mkdirSync(data, { recursive: true });
      const storage = await openSqlite({ path, durability: 'relaxed', workerUrl: STAGED_WORKER, migrationsUrl: SQLITE_MIGRATIONS });
      opened.push(storage);
      return storage;
    },
    snapshot: () => Promise.resolve(snapshotOfFile({ path, migrationsUrl: SQLITE_MIGRATIONS }, null)),
  };
}

async function shared(partitions = 0): Promise<Kind> {
  const url = await server().createDatabase();
  return {
    choice: { data: fresh(), database: { url, partitions } },
    async open() {
      const storage = await openPostgres(stagedOptions(url, { partitions }));
      opened.push(storage);
      return storage;
    },
    snapshot: () => snapshotOfPostgres({ url, migrationsUrl: POSTGRES_MIGRATIONS }),
  };
}

const KINDS = { sqlite: () => Promise.resolve(sqlite()), postgres: () => shared(), 'partitioned Postgres': () => shared(4) };
type KindName = keyof typeof KINDS;
const PAIRS = [
  ...(['sqlite', 'postgres'] as const).flatMap((from) => (['sqlite', 'postgres'] as const).map((to) => [from, to] as const)),
  ['partitioned Postgres', 'sqlite'], ['postgres', 'partitioned Postgres'],
] as const;

/** Something happens before each page that is read. */
function between(snapshot: Snapshot, happens: () => Promise<void>): Snapshot {
  return {
    ...snapshot,
    async *rows(of) {
      await happens();
      for await (const rows of snapshot.rows(of)) {
        yield rows;
        await happens();
      }
    },
  };
}

describe.each(PAIRS)('a backup of %s restored into %s', (from: KindName, to: KindName) => {
  it('[RES5,ORD5] holds everything, in an epoch of its own, and the log goes on behind it', async () => {
    const source = await KINDS[from]();
    const storage = await source.open();
    const scene = await createScene(storage, 10);
    const clientId = scene.world.ids.clientId();
    const before = await repeats(storage, scene, clientId);
    const file = fresh();
    const written = await backupDatabase(source.choice, file, quiet);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder.path).filter((name) => name.includes('partial'))).toEqual([]);
    expect((await verifyFile(file, quiet)).counts).toEqual(written.counts);

    const target = await KINDS[to]();
    const restored = await restoreDatabase(target.choice, file, undefined, quiet);
    const [was, epoch] = [await storage.info(), (await verifyDatabase(target.choice, quiet)).state.epoch];
    expect([epoch === restored.epoch, epoch === was.epoch]).toEqual([true, false]);
    const copy = await target.open();
    const info = await copy.info();
    expect([info.position, info.eventId]).toEqual([was.position, was.eventId]);
    expect(await contentsOf(copy, scene)).toEqual(await contentsOf(storage, scene));
    for (const group of scene.groups) await foldedTexts(copy, scene.world.app, group);

    expect(before.duplicate).toBe(false);
    expect(await repeats(copy, scene, clientId)).toEqual({ duplicate: true, seq: before.seq });
    const next = await repeats(copy, scene, scene.world.ids.clientId());
    expect(next).toEqual({ duplicate: false, seq: before.seq + 1 });
    const { places } = await copy.moved(was.position, 10);
    expect(places.map(({ seq }) => seq)).toEqual([next.seq]);
    expect(await verifyDatabase(target.choice, quiet)).toMatchObject({ counts: { events: written.counts['events']! + 1 } });
  });

  it('[RES5,ORD5] is of one moment, while appends go on', async () => {
    const source = await KINDS[from]();
    const storage = await source.open();
    const scene = await createScene(storage, 20);
    const { app } = scene.world;
    const file = fresh();
    const snapshot = await source.snapshot();
    const atFirst = await foldedTexts(storage, app, scene.groups[0]!);
    await writeBackup(between(snapshot, scene.more), file, 1, quiet);
    await snapshot.close();
    const atLast = await foldedTexts(storage, app, scene.groups[0]!);
    expect(atLast.length).toBeGreaterThan(atFirst.length + 14);

    const target = await KINDS[to]();
    await restoreDatabase(target.choice, file, undefined, quiet);
    const copy = await target.open();
    expect(await foldedTexts(copy, app, scene.groups[0]!)).toEqual(atFirst);
    expect((await verifyDatabase(source.choice, quiet)).counts['events']).toBeGreaterThan((await verifyDatabase(target.choice, quiet)).counts['events']!);
  });
});

describe('a backup file that is not as it was written', () => {
  let file: string;
  let scene: TransferScene;
  beforeAll(async () => {
    const source = sqlite();
    scene = await createScene(await source.open(), 30);
    await scene.world.storage.applyRetention(scene.world.app, 1, 10);
    file = fresh();
    await backupDatabase(source.choice, file, quiet);
  });

  /** What verify says; and that restore says the same, and leaves nothing behind. */
  async function refused(bytes: Uint8Array): Promise<string> {
    const path = fresh();
    writeFileSync(path, bytes);
    const saying = (error: unknown): string => (error instanceof Error ? error.message.replace(path, 'FILE') : String(error));
    const found = await verifyFile(path, quiet).then(() => 'sound', saying);
    const target = sqlite();
    const restored = await restoreDatabase(target.choice, path, undefined, quiet).then(() => 'sound', saying);
    // The database may notice by its own rules what the checks would find at the end.
    expect(restored.replace(/together: UNIQUE.*/, 'together')).toBe(restored.includes('UNIQUE') ? found.replace(/together: .*/, 'together') : found);
    if (found !== 'sound') expect(existsSync(target.choice.data)).toBe(false);
    return found;
  }

  /** The file with its lines changed, and its checksums too, when asked for: then only what it says is wrong. */
  function changed(change: (lines: string[]) => string[], sums: 'kept' | 'made anew' = 'kept'): Buffer {
    let lines = change(gunzipSync(readFileSync(file)).toString().trimEnd().split('\n'));
    if (sums === 'made anew') lines = summed(lines);
    return gzipSync(lines.map((line) => `${line}\n`).join(''));
  }

  function summed(lines: readonly string[]): string[] {
    let stream = createHash('sha256');
    let table = '';
    const counts: Record<string, number> = {};
    const made = lines.slice(0, -1).map((line) => {
      const value = JSON.parse(line) as { table?: string; sha256?: string };
      if (Array.isArray(value)) {
        counts[table]! += 1;
        if (table === 'events') stream.update(`${line}\n`);
        return line;
      }
      if (value.table !== undefined) counts[table = value.table] = 0;
      if (value.sha256 === undefined) return line;
      const sum = JSON.stringify({ ...value, sha256: stream.digest('hex') });
      stream = createHash('sha256');
      return sum;
    });
    return [...made, JSON.stringify({ end: true, counts, sha256: createHash('sha256').update(made.map((line) => `${line}\n`).join('')).digest('hex') })];
  }

  const edit = (pattern: RegExp, to: string) => (lines: string[]): string[] => {
    const at = lines.findIndex((line) => pattern.test(line));
    expect(at).toBeGreaterThan(-1);
    return lines.with(at, lines[at]!.replace(pattern, to));
  };

  it('is sound when nothing has been changed', async () => {
    expect(await refused(changed((lines) => lines))).toBe('sound');
    expect(await refused(changed((lines) => lines, 'made anew'))).toBe('sound');
  });

  /** As an older program wrote it: without what came later. */
  const olderThan = (format: 2 | 3) => (lines: string[]): string[] => {
    const without = new Set([...(format === 3 ? [] : ['tenant_databases']), 'entries', 'app_auth', 'revocations', 'accounts', 'sessions', 'operators']);
    let table: Table | undefined;
    let skipped = false;
    return lines.flatMap((line) => {
      const value = JSON.parse(line) as unknown;
      if (Array.isArray(value)) {
        if (skipped) return [];
        return table ? [JSON.stringify(value.filter((_, at) => !Object.hasOwn(table!.laterColumns, table!.columns[at]!.name)))] : [line];
      }
      const fields = value as Record<string, unknown>;
      if (typeof fields['talaria_backup'] === 'number') return [JSON.stringify({ ...fields, talaria_backup: format - 1 })];
      if (typeof fields['table'] !== 'string') return [line];
      table = tableOf(fields['table'] as TableName);
      skipped = without.has(table.name);
      return skipped ? [] : [JSON.stringify({ ...fields, columns: (fields['columns'] as string[]).filter((name) => !Object.hasOwn(table!.laterColumns, name)) })];
    });
  };

  it.each([2, 3] as const)('is sound when it was made by a program before format %i', async (format) => {
    expect(await refused(changed(olderThan(format), 'made anew'))).toBe('sound');
    expect(await refused(changed((lines) => olderThan(format)(lines).map((line) => line.replace('"marks_version"]', '"marks_versions"]')), 'made anew'))).toMatch(/line \d+ should begin members$|line \d+ should begin streams$/);
  });

  it('[CNT3] is restored from before marks had a public value: what was read was shown', async () => {
    const older = join(folder.path, 'older.gz');
    writeFileSync(older, changed(olderThan(3), 'made anew'));
    const target = sqlite();
    await restoreDatabase(target.choice, older, undefined, quiet);
    const db = new Database(join(target.choice.data, 'talaria.db'), { readonly: true });
    const marks = db.prepare<[], { read_seq: number; public_read_seq: number }>('SELECT read_seq, public_read_seq FROM members').all();
    db.close();
    expect(marks.some((row) => row.read_seq > 0)).toBe(true);
    expect(marks.filter((row) => row.read_seq !== row.public_read_seq)).toEqual([]);
  });

  it('is refused wherever a byte has been flipped', async () => {
    const bytes = readFileSync(file);
    // The ten bytes at the front tell how and when it was packed, and nothing of what it holds.
    for (let at = 10; at < bytes.length; at += Math.ceil(bytes.length / 60)) {
      const other = Buffer.from(bytes);
      other[at]! ^= 0x10;
      expect(await refused(other)).toMatch(/^FILE (?:is damaged|is cut off|does not hold together)/);
    }
  });

  it('is refused wherever it has been cut off', async () => {
    const bytes = readFileSync(file);
    for (let length = 11; length < bytes.length; length += Math.ceil(bytes.length / 30)) expect(await refused(bytes.subarray(0, length))).toBe('FILE is cut off');
    expect(await refused(bytes.subarray(0, bytes.length - 1))).toBe('FILE is cut off');
    expect(await refused(changed((lines) => lines.slice(0, -1)))).toBe('FILE is cut off');
  });

  it('is refused when it is something else', async () => {
    for (const other of ['', 'hello', '\u001F\u008B nearly', '{"talaria_backup":1}']) expect(await refused(Buffer.from(other, 'latin1'))).toMatch(/^FILE is (?:not a backup of Talaria|cut off)/);
    expect(await refused(gzipSync('hello\n'))).toBe('FILE is not a backup of Talaria');
    expect(await refused(gzipSync(''))).toBe('FILE is not a backup of Talaria: it is empty');
    expect(await refused(changed(edit(/"talaria_backup":3/, '"talaria_backup":4'), 'made anew'))).toContain('FILE is of format 4, which this program does not know');
  });

  it.each([
    ['a text of a fact', edit(/"m3 /, '"n3 '), /the checksum of stream c_\w+ is wrong$/],
    ['a name', edit(/Ben \{/, 'Bob {'), /its checksum is wrong$/],
    ['a row that is missing', (lines: string[]) => lines.filter((line) => !line.includes('"pk-30"')), /it has 0 rows of apps and should have 1$/],
    ['a table that is missing', (lines: string[]) => lines.filter((line) => !line.includes('"table":"users"')), /should begin users$|is no row of/],
    ['a column more', edit(/"Ben \{/, '1,"Ben {'), /line \d+ is no row of users$/],
    ['something behind the end', (lines: string[]) => [...lines, '[]'], /something stands behind its end/],
  ])('is refused for %s', async (_what, change, reason) => {
    expect(await refused(changed(change))).toMatch(reason);
  });

  it.each([
    ['[ORD1] a hole in a stream', (lines: string[]) => lines.filter((line) => !line.includes('"m5 ')).map((line) => line.replace(/"facts":(\d{2})/, (_all, count: string) => `"facts":${Number(count) - 1}`)), /stream c_\w+ has seq \d+ where \d+ should stand$/],
    ['[CLU3] a position that stands there twice', (lines: string[]) => {
      const positions = lines.filter((line) => line.includes('"message.created"')).map((line) => JSON.parse(line) as unknown[]);
      return edit(new RegExp(`,${String(positions[1]![3])},"${String(positions[1]![4])}"`), `,${String(positions[0]![3])},"${String(positions[1]![4])}"`)(lines);
    }, /two facts stand at position \d+$/],
    ['[ORD1] a head that is another fact', (lines: string[]) => {
      const at = lines.findIndex((line) => line.includes('"table":"streams"')) + 1;
      const row = JSON.parse(lines[at]!) as unknown[];
      return lines.with(at, JSON.stringify(row.with(4, 'e_00000000000000000000000000')));
    }, /the head of stream [cu]_\w+ is another fact than its last$/],
    ['[SND2] a command key of no stream', (lines: string[]) => {
      const at = lines.findIndex((line) => line.includes('"table":"command_keys"')) + 1;
      const row = JSON.parse(lines[at]!) as unknown[];
      return lines.with(at, JSON.stringify(row.with(3, 'c_00000000000000000000000000')));
    }, /the command key \S+ is of stream c_0+, which is not there$/],
  ])('%s is found, also when all checksums are right', async (_what, change, reason) => {
    const found = await refused(changed(change, 'made anew'));
    expect(found).toContain('FILE does not hold together: ');
    expect(found).toMatch(reason);
  });

  it('refuses to write over a file', async () => {
    const source = sqlite();
    await createScene(await source.open(), 31);
    await expect(backupDatabase(source.choice, file, quiet)).rejects.toThrow('exists; name a file that does not');
  });

  it('is not restored over anything', async () => {
    const [used, taken] = [sqlite(), await shared()];
    await used.open();
    await createScene(await taken.open(), 32);
    const before = readFileSync(join(used.choice.data, 'talaria.db'));
    await expect(restoreDatabase(used.choice, file, undefined, quiet)).rejects.toThrow(/has a database; name a directory that has none$/);
    expect(readFileSync(join(used.choice.data, 'talaria.db'))).toEqual(before);
    const error = await restoreDatabase(taken.choice, file, undefined, quiet).then(() => '', String);
    expect(error).toMatch(/is not empty: its table store has rows; name an empty database$/);
    expect(error).not.toContain(new URL(taken.choice.database!.url).password);
  });
});
