import { appendFileSync, chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, statSync, symlinkSync, lstatSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fileStore } from '../../src/store/file.js';
import type { Store, StoreChange } from '../../src/store/port.js';
import { storeContract } from './contract.js';
import { temporaryDirectory } from './support/place.js';

const put = (key: string, value: string): StoreChange => ({ table: 'outbox', key, value });

storeContract({
  name: 'file',
  place() {
    const directory = temporaryDirectory();
    let store: Store | undefined;
    return Promise.resolve({
      async open() {
        await store?.close();
        store = fileStore(join(directory.path, 'store'));
        return store;
      },
      async remove() {
        await store?.close();
        directory.remove();
      },
    });
  },
});

describe('file store', () => {
  let directory: ReturnType<typeof temporaryDirectory>;
  let path: string;
  let stores: Store[];
  const open = (bounds?: Parameters<typeof fileStore>[1]): Store => {
    const store = fileStore(path, bounds);
    stores.push(store);
    return store;
  };
  /** Writes each row as a commit of its own, then closes. */
  const filled = async (...rows: [string, string][]): Promise<string[]> => {
    const store = open();
    for (const [key, value] of rows) await store.write([put(key, value)]);
    await store.close();
    return readFileSync(path, 'utf8').split('\n');
  };

  beforeEach(() => {
    directory = temporaryDirectory();
    path = join(directory.path, 'deep', 'er', 'store');
    stores = [];
  });
  afterEach(async () => {
    await Promise.all(stores.map((store) => store.close()));
    directory.remove();
  });

  it('is readable by its owner only, also when it was not before and after it was written anew', async () => {
    const modeOf = (file: string): number => statSync(file).mode & 0o777;
    mkdirSync(join(directory.path, 'deep', 'er'), { recursive: true });
    writeFileSync(path, '');
    chmodSync(path, 0o666);
    const store = open({ slack_bytes: 0 });
    await store.write([put('a', '1')]);
    expect(modeOf(path)).toBe(0o600);
    expect(modeOf(`${path}.lock`)).toBe(0o600);
    for (let at = 0; at < 50; at += 1) await store.write([put('a', String(at))]);
    expect(modeOf(path)).toBe(0o600);
  });

  it.each([1, 5, 9, 20])('[SND7] a last line that lost %i bytes is cut off, and the rest is there', async (lost) => {
    await filled(['a', '1'], ['b', '2'], ['c', '3']);
    truncateSync(path, statSync(path).size - lost);
    const store = open();
    expect(await store.load('outbox')).toEqual([['a', '1'], ['b', '2']]);
    await store.write([put('d', '4')]);
    await store.close();
    expect(await open().load('outbox')).toEqual([['a', '1'], ['b', '2'], ['d', '4']]);
  });

  it('[SND7] a last line with wrong bytes inside is cut off', async () => {
    const lines = await filled(['a', '1'], ['b', '2']);
    lines[2] = lines[2]!.replace('"2"', '\u0000\u0000\u0000');
    writeFileSync(path, lines.join('\n'));
    expect(await open().load('outbox')).toEqual([['a', '1']]);
  });

  it('a damaged line in the middle is an error that names the line, and nothing is changed', async () => {
    const lines = await filled(['a', '1'], ['b', '2'], ['c', '3']);
    lines[2] = lines[2]!.replace('"2"', '"9"');
    writeFileSync(path, lines.join('\n'));
    const store = open();
    await expect(store.load('outbox')).rejects.toMatchObject({ code: 'store_failed', message: `${path} is damaged at line 3.` });
    await expect(store.write([put('d', '4')])).rejects.toMatchObject({ code: 'store_failed' });
    await store.close();
    expect(readFileSync(path, 'utf8')).toBe(lines.join('\n'));
    expect(existsSync(`${path}.lock`)).toBe(false);
  });

  it.each([['somebody else’s file', 'my diary'], ['JSON', '{"a":1}\n'], ['a text without end', 'x'.repeat(5000)]])('%s is refused and left alone', async (_, text) => {
    mkdirSync(join(directory.path, 'deep', 'er'), { recursive: true });
    writeFileSync(path, text);
    await expect(open().load('outbox')).rejects.toMatchObject({ code: 'store_failed', message: `${path} is not a store of Talaria.` });
    expect(readFileSync(path, 'utf8')).toBe(text);
  });

  it('a path that cannot be a file is a clear error', async () => {
    path = directory.path;
    await expect(open().load('outbox')).rejects.toMatchObject({ code: 'store_failed', message: `${path} could not be opened.` });
  });

  it('a second store on the file is refused until the first is closed', async () => {
    const first = open();
    await first.write([put('a', '1')]);
    await expect(open().load('outbox')).rejects.toMatchObject({ code: 'store_failed', message: `${path} is in use by process ${process.pid}.` });
    await first.close();
    expect(await open().load('outbox')).toEqual([['a', '1']]);
  });

  it('two names of one file are one file', async () => {
    await open().write([put('a', '1')]);
    const link = join(directory.path, 'link');
    symlinkSync(path, link);
    await expect(fileStore(link).load('outbox')).rejects.toMatchObject({ code: 'store_failed' });
    await stores[0]!.close();
    const store = fileStore(link, { slack_bytes: 0 });
    for (let at = 0; at < 20; at += 1) await store.write([put('a', String(at))]);
    await store.close();
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(await open().load('outbox')).toEqual([['a', '19']]);
  });

  it('is written anew when most of it is outdated, and loses nothing by it', async () => {
    const store = open({ slack_bytes: 10_000 });
    await store.write([put('keep', 'k'.repeat(500))]);
    for (let at = 0; at < 300; at += 1) await store.write([put('a', `${at} ${'x'.repeat(200)}`)]);
    expect(statSync(path).size).toBeLessThan(12_500);
    await store.close();
    expect((await open().load('outbox')).map(([key, value]) => [key, value.slice(0, 3)])).toEqual([['a', '299'], ['keep', 'kkk']]);
    expect(readdirSync(join(path, '..')).sort()).toEqual(['store', 'store.lock']);
  });

  it('a left-over of a rewriting that was cut short does no harm', async () => {
    await filled(['a', '1']);
    writeFileSync(`${path}.new`, 'half');
    const store = open({ slack_bytes: 0 });
    for (let at = 0; at < 50; at += 1) await store.write([put('a', String(at))]);
    await store.close();
    expect(await open().load('outbox')).toEqual([['a', '49']]);
    expect(existsSync(`${path}.new`)).toBe(false);
  });

  it('shares one commit among the writes that wait', async () => {
    const store = open();
    await Promise.all(Array.from({ length: 500 }, (_, at) => store.write([put(`k${at}`, 'v')])));
    await store.close();
    expect(readFileSync(path, 'utf8').split('\n').length).toBeLessThan(10);
  });

  it('a write that comes the moment an earlier one is done is not forgotten', async () => {
    const store = open();
    for (let at = 0; at < 50; at += 1) await store.write([put('a', String(at))]).then(() => store.write([put('b', String(at))]));
    expect(await store.load('outbox')).toEqual([['a', '49'], ['b', '49']]);
  });

  it('[FLW3] has bounds, and says which', async () => {
    const store = open({ write_bytes_max: 100, waiting_bytes_max: 250, content_bytes_max: 400 });
    const text = 'x'.repeat(90);
    await expect(store.write([put('a', 'x'.repeat(100))])).rejects.toMatchObject({ code: 'store_failed', message: 'A write of 101 bytes is larger than 100.' });
    const waiting = [store.write([put('a', text)]), store.write([put('b', text)])];
    await expect(store.write([put('c', text)])).rejects.toMatchObject({ code: 'overloaded', retryable: true });
    await Promise.all(waiting);
    await store.write([put('c', text)]);
    await expect(store.write([put('d', text)])).rejects.toMatchObject({ code: 'store_failed', message: 'The store would hold more than 400 bytes.' });
    await store.write([{ table: 'outbox', key: 'a', value: null }]);
    await store.write([put('d', text)]);
    expect((await store.load('outbox')).map(([key]) => key)).toEqual(['b', 'c', 'd']);
  });

  it('a newer format is refused', async () => {
    const { headerLine } = await import('../../src/store/journal.js');
    const { crc32 } = await import('node:zlib');
    const json = headerLine().toString().slice(9, -1).replace('1}', '2}');
    mkdirSync(join(directory.path, 'deep', 'er'), { recursive: true });
    appendFileSync(path, `${crc32(json).toString(16).padStart(8, '0')} ${json}\n`);
    await expect(open().load('outbox')).rejects.toMatchObject({ message: `${path} has format 2, which this version does not know.` });
  });
});
