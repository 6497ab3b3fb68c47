import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Storage } from '../../src/storage/port.js';
import { openSqlite, type SqliteOptions } from '../../src/storage/sqlite/driver.js';
import type { Harness, HarnessOptions } from './harness.js';

/** The product's own database threads, as they are built. */
export const PRODUCT_WORKER = new URL('../../dist/sqlite-worker.js', import.meta.url);
/** The same, with a clock that steps and commands that go wrong on demand. */
export const STAGED_WORKER = new URL('./staged-worker.mjs', import.meta.url);
export const MIGRATIONS = new URL('../../sql/sqlite/', import.meta.url);

export interface SqliteHarness extends Harness {
  readonly path: string;
  /** A database thread ends itself: while it holds a transaction open, behind the commit before it answers, or at its next call. */
  kill(when: 'before commit' | 'after commit' | 'before call'): void;
  /** Whether the order has been carried out. */
  killed(): boolean;
  /** Opens the same file again, as after a restart. */
  reopen(): Promise<Storage>;
}

export function temporaryFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'talaria-storage-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

export async function openSqliteHarness(options: HarnessOptions & { readonly workerUrl?: URL } = {}): Promise<SqliteHarness> {
  const folder = temporaryFolder();
  const path = join(folder.path, 'talaria.db');
  const given: SqliteOptions = { path, durability: 'relaxed', workerUrl: STAGED_WORKER, migrationsUrl: MIGRATIONS, ...options };
  const opened = [await openSqlite(given)];
  const counter = createCommitCounter(`${path}-wal`);
  return {
    storage: opened[0]!, path, commits: counter,
    kill: (when) => writeFileSync(`${path}.die`, when),
    killed: () => !existsSync(`${path}.die`),
    async reopen() {
      const storage = await openSqlite(given);
      opened.push(storage);
      return storage;
    },
    async close() {
      for (const storage of opened) await storage.stop();
      folder.remove();
    },
  };
}

const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;

/** Counts the transactions in a write-ahead log: the last frame of each says so. */
function createCommitCounter(path: string): () => Promise<number> {
  let generation: string | undefined;
  return () => {
    const log = readFileSync(path);
    const pageBytes = log.readUInt32BE(8);
    const salts = log.toString('hex', 16, 24);
    generation ??= salts;
    // SQLite writes the file from its start again when all of it has been moved to the database.
    if (generation !== salts) throw new Error('the log was started anew, so its commits cannot be counted');
    let commits = 0;
    for (let at = HEADER_BYTES; at + FRAME_HEADER_BYTES <= log.length; at += FRAME_HEADER_BYTES + pageBytes) {
      if (log.toString('hex', at + 8, at + 16) === salts && log.readUInt32BE(at + 4) !== 0) commits += 1;
    }
    return Promise.resolve(commits);
  };
}
