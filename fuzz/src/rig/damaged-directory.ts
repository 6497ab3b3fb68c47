/** Real data directories, and copies of them with damage. */
import Database from 'better-sqlite3';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FILES, offsetOf, type Damage, type DamageInput } from '../arbitraries/damage.js';
import { createScene, type Scene } from './scene.js';
import { startServer } from './server.js';

export interface Originals {
  readonly scene: Scene;
  /** Copies a directory and does the damage. @returns the copy's path */
  damaged(input: DamageInput): string;
  close(): void;
}

const DATABASE = 'talaria.db';
const PAGE_BYTES = 4_096;
const MESSAGES = 40;

function copy(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const name of FILES) if (existsSync(join(from, name))) copyFileSync(join(from, name), join(to, name));
}

/** Runs a server, says a few things, and keeps its files as they are in the middle of its life and at its end. */
export async function createOriginals(): Promise<Originals> {
  const root = mkdtempSync(join(tmpdir(), 'talaria-fuzz-database-'));
  const rig = await startServer();
  const scene = await createScene(rig);
  for (let at = 0; at < MESSAGES; at += 1) {
    await fetch(`${rig.server.url}/v1/messages`, {
      method: 'POST', headers: { 'authorization': `Bearer ${scene.credentials.alice}`, 'content-type': 'application/json' },
      body: JSON.stringify({ conversation_id: scene.names.get('$group'), text: `message ${at} `.repeat(at * 3 + 1), data: { at } }),
    });
  }
  copy(rig.directory, join(root, 'killed'));
  await rig.server.stop();
  copy(rig.directory, join(root, 'stopped'));
  await rig.stop().catch(() => undefined);
  let copies = 0;
  return {
    scene,
    damaged({ from, damages }) {
      copies += 1;
      const directory = join(root, `copy-${copies}`);
      copy(join(root, from), directory);
      for (const damage of damages) apply(directory, damage);
      return directory;
    },
    close: () => rmSync(root, { recursive: true, force: true }),
  };
}

function apply(directory: string, damage: Damage): void {
  if ('file' in damage) {
    const path = join(directory, damage.file);
    // Another damage may have put a directory there.
    if (existsSync(path) && !existsSync(join(path, 'inside'))) change(path, damage);
    return;
  }
  const path = join(directory, DATABASE);
  rmSync(path, { recursive: true, force: true });
  switch (damage.kind) {
    case 'directory':
      mkdirSync(path);
      writeFileSync(join(path, 'inside'), '');
      return;
    case 'foreign': case 'other_version': {
      for (const name of [`${path}-wal`, `${path}-shm`]) rmSync(name, { force: true });
      const db = new Database(path);
      db.exec(damage.kind === 'foreign' ? 'CREATE TABLE recipes (name TEXT)' : 'CREATE TABLE migrations (version INTEGER PRIMARY KEY, name TEXT, checksum TEXT, applied_ms INTEGER); INSERT INTO migrations VALUES (999, \'later\', \'x\', 1)');
      db.close();
    }
  }
}

function change(path: string, damage: Extract<Damage, { file: string }>): void {
  const bytes = readFileSync(path);
  const at = 'at' in damage ? offsetOf(damage.at, bytes.length) : 0;
  switch (damage.kind) {
    case 'flip': if (bytes.length > 0) bytes[at] = bytes[at]! ^ (1 << damage.bit); break;
    case 'fill': bytes.fill(damage.byte, at, Math.min(bytes.length, at + damage.length)); break;
    case 'swap_pages': swapPages(bytes, at, offsetOf(damage.other, bytes.length)); break;
    case 'cut': writeFileSync(path, bytes.subarray(0, at)); return;
    case 'append': writeFileSync(path, Buffer.concat([bytes, Buffer.alloc(damage.length, damage.byte)])); return;
    case 'remove': rmSync(path); return;
    case 'empty': writeFileSync(path, ''); return;
    case 'text': writeFileSync(path, 'this is a letter, not a database\n'); return;
  }
  writeFileSync(path, bytes);
}

function swapPages(bytes: Buffer, at: number, other: number): void {
  const [first, second] = [at - (at % PAGE_BYTES), other - (other % PAGE_BYTES)];
  const kept = Buffer.from(bytes.subarray(first, first + PAGE_BYTES));
  bytes.copy(bytes, first, second, second + PAGE_BYTES);
  kept.copy(bytes, second);
}
