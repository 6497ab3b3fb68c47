import { execFileSync, spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fileStore } from '../../src/store/file.js';
import { temporaryDirectory } from './support/place.js';

const WRITER = fileURLToPath(new URL('support/writer.mjs', import.meta.url));

/** How many transactions the writer has on their way at once. */
const LANES = 8;

describe('file store and processes', () => {
  let directory: ReturnType<typeof temporaryDirectory>;
  let path: string;
  let children: ChildProcessByStdio<null, Readable, null>[];

  beforeEach(() => {
    directory = temporaryDirectory();
    path = join(directory.path, 'store');
    children = [];
  });
  afterEach(() => {
    for (const child of children) child.kill('SIGKILL');
    directory.remove();
  });

  /** Lets a process write, kills it some time after its first answers. @returns the transactions that were answered */
  async function writeAndKill(first: number, afterMs: number): Promise<number[]> {
    const child = spawn(process.execPath, [WRITER, path, String(first)], { stdio: ['ignore', 'pipe', 'inherit'] });
    children.push(child);
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    await once(child.stdout, 'data');
    await new Promise((resolve) => void setTimeout(resolve, afterMs));
    child.kill('SIGKILL');
    await once(child, 'close');
    return output.split('\n').slice(0, -1).map(Number);
  }

  it('[SND7] a process killed while it writes has lost nothing that was answered, and left nothing half done', async () => {
    let first = 0;
    for (const afterMs of [0, 3, 11, 29, 47, 83, 120, 160]) {
      const answered = await writeAndKill(first, afterMs);
      expect(answered.length).toBeGreaterThan(0);
      const store = fileStore(path, { slack_bytes: 20_000 });
      const outbox = await store.load('outbox');
      // Each transaction wrote both tables: both are always the same.
      expect(await store.load('cursors')).toEqual(outbox);
      const there = outbox.map(([key]) => Number(key)).sort((a, b) => a - b);
      for (let lane = 0; lane < LANES; lane += 1) {
        const ofLane = (number: number): boolean => number % LANES === (first + lane) % LANES;
        const lastAnswered = answered.findLast(ofLane) ?? first + lane - LANES;
        const found = there.filter(ofLane);
        const last = there.findLast(ofLane) ?? lastAnswered;
        // A lane writes one transaction after the other, and each takes away the one twenty before it.
        expect([lastAnswered, lastAnswered + LANES]).toContain(last);
        const count = Math.min(20, (last - first - lane) / LANES + 1);
        expect(found).toEqual(Array.from({ length: count }, (_, at) => last - (count - 1 - at) * LANES));
      }
      for (const [key, value] of outbox) expect(value.startsWith(`${key} `)).toBe(true);
      await store.write(outbox.flatMap(([key]) => [{ table: 'outbox' as const, key, value: null }, { table: 'cursors' as const, key, value: null }]));
      await store.close();
      first += 100_000;
    }
  });

  it('a lock of a process that died is taken over; one of a living process is not', async () => {
    await writeAndKill(0, 5);
    expect(existsSync(`${path}.lock`)).toBe(true);
    const store = fileStore(path);
    expect((await store.load('outbox')).length).toBeGreaterThan(0);
    const held = (): string => execFileSync(process.execPath, ['--input-type=module', '-e', `
      import { fileStore } from '@talaria/sdk';
      await fileStore(${JSON.stringify(path)}).load('outbox').then(() => console.log('opened'), (error) => console.log(error.message));
    `], { encoding: 'utf8', cwd: fileURLToPath(new URL('.', import.meta.url)) }).trim();
    expect(held()).toBe(`${path} is in use by process ${process.pid}.`);
    await store.close();
    expect(existsSync(`${path}.lock`)).toBe(false);
    expect(held()).toBe('opened');
  });

  it('a lock whose process id now belongs to another process is taken over', async () => {
    writeFileSync(`${path}.lock`, `${process.pid} 1\n`);
    const store = fileStore(path);
    await store.write([{ table: 'meta', key: 'a', value: '1' }]);
    expect(readFileSync(`${path}.lock`, 'utf8')).toMatch(new RegExp(`^${process.pid} (?!1\\n)`));
    await store.close();
  });
});
