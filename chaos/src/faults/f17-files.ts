/** Files in the place of the database that a server must not take: it says so in one line, and does not start. */
import { talariaBinary, type Scene } from '@talaria/probe/harness';
import Database from 'better-sqlite3';
import { spawnSync } from 'node:child_process';
import { closeSync, copyFileSync, ftruncateSync, fstatSync, mkdirSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Told } from '../fault.js';

const START_MS = 60_000;

interface BadFile {
  readonly name: string;
  /** @param file where the database is to be @param good a database of Talaria's */
  readonly make: (file: string, good: string) => void;
}

const BAD_FILES: readonly BadFile[] = [
  { name: 'a text', make: (file) => writeFileSync(file, 'not a database\n'.repeat(1_000)) },
  { name: 'an empty file beside a log', make: (file) => { writeFileSync(file, ''); writeFileSync(`${file}-wal`, 'x'); } },
  { name: 'a database of something else', make: foreignDatabase },
  { name: 'half of a database', make: (file, good) => change(file, good, (fd, size) => ftruncateSync(fd, Math.floor(size / 2) + 100)) },
  { name: 'a database without its head', make: (file, good) => change(file, good, (fd) => void writeSync(fd, Buffer.alloc(100), 0, 100, 0)) },
  { name: 'a database with a broken first page', make: (file, good) => change(file, good, (fd) => void writeSync(fd, Buffer.alloc(3_000, 0xa5), 0, 3_000, 100)) },
  { name: 'a database of a newer version', make: newerDatabase },
];

/** @param good a database of Talaria's @returns each file that was taken, or refused in more than a line */
export async function badFiles(scene: Scene, good: string): Promise<Told> {
  const problems: string[] = [];
  for (const [at, { name, make }] of BAD_FILES.entries()) {
    const data = join(scene.directory, `bad-${at}`);
    mkdirSync(data);
    make(join(data, 'talaria.db'), good);
    const problem = refusalProblem(scene, data);
    if (problem !== undefined) problems.push(`${name}: ${problem}`);
    rmSync(data, { recursive: true });
    // Signals and timers have their turn between two servers.
    await new Promise((resolve) => void setImmediate(resolve));
  }
  return { problems, figures: { bad_files_refused: BAD_FILES.length - problems.length } };
}

/** What is wrong with how a server refuses a directory, or undefined. */
function refusalProblem(scene: Scene, data: string): string | undefined {
  const { status, stdout, stderr } = spawnSync(process.execPath, [talariaBinary(import.meta.url), 'start', '--data', data, '--port', '0', '--log-level', 'error'], {
    cwd: scene.directory, encoding: 'utf8', timeout: START_MS, env: Object.fromEntries(Object.entries(process.env).filter(([key]) => !key.startsWith('TALARIA_'))),
  });
  if (status === null) return 'the server has started on it';
  if (status === 0) return 'the server has ended as if nothing were wrong';
  const lines = `${stdout}${stderr}`.trim().split('\n');
  if (!/talaria\.db|database/.test(lines[0] ?? '')) return `the server does not say what is wrong: ${lines[0]}`;
  return lines.length <= 2 && !lines.some((line) => /^\s+at /.test(line)) ? undefined : `the server says it in ${lines.length} lines`;
}

function foreignDatabase(file: string): void {
  const db = new Database(file);
  db.exec('CREATE TABLE recipes (name TEXT); INSERT INTO recipes VALUES (\'soup\')');
  db.close();
}

function newerDatabase(file: string, good: string): void {
  copyFileSync(good, file);
  const db = new Database(file);
  db.exec('UPDATE migrations SET version = version + 1000');
  db.close();
}

function change(file: string, good: string, act: (fd: number, size: number) => void): void {
  copyFileSync(good, file);
  const fd = openSync(file, 'r+');
  try {
    act(fd, fstatSync(fd).size);
  } finally {
    closeSync(fd);
  }
}
