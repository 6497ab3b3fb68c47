import { linkSync, readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ATTEMPTS = 3;

/**
 * Holds the data directory for this process, by a file `lock` with the process id and, where the system tells it, the moment
 * the process began: ids are used again, above all in containers.
 *
 * @returns how to let it go; doing so twice is harmless
 * @throws DirectoryHeldError when a living process holds it
 */
export function lockDirectory(directory: string): () => void {
  const path = join(directory, 'lock');
  const mine = `${process.pid} ${startOf(process.pid)}\n`;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    if (place(path, mine)) return () => release(path, mine);
    const found = textOf(path);
    if (found !== undefined && isHeld(found)) throw new DirectoryHeldError(directory, Number.parseInt(found, 10) || 0);
    // Its owner died without letting go.
    if (found !== undefined) removeStale(path, found);
  }
  throw new DirectoryHeldError(directory, 0);
}

/** @returns the process that holds the directory, or undefined when none does */
export function directoryHolder(directory: string): number | undefined {
  const path = join(directory, 'lock');
  const found = textOf(path);
  return found !== undefined && isHeld(found) ? Number.parseInt(found, 10) || 0 : undefined;
}

/** Another process works on the directory. */
export class DirectoryHeldError extends Error {
  override readonly name = 'DirectoryHeldError';

  constructor(directory: string, readonly pid: number) {
    super(
      `${directory} is in use by ${
        pid === 0 ? 'another process' : `process ${pid}`
      }; stop it first, or choose another directory with --data`,
    );
  }
}

/**
 * Makes the lock with its text, so that nobody finds it half written: without a text it is what a power cut left.
 *
 * @returns whether it was made; false when there is one
 */
function place(path: string, text: string): boolean {
  const aside = `${path}.${process.pid}.new`;
  writeFileSync(aside, text, { mode: 0o600 });
  try {
    linkSync(aside, path);
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    return placeWithoutLink(path, text);
  } finally {
    unlinkSync(aside);
  }
}

/** Where the file system has no hard links. Whoever found it half written has taken it over by the time it is read again. */
function placeWithoutLink(path: string, text: string): boolean {
  try {
    writeFileSync(path, text, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
  return textOf(path) === text;
}

function isHeld(text: string): boolean {
  const [pidText = '', start = ''] = text.trim().split(' ');
  const pid = Number(pidText);
  if (!Number.isInteger(pid) || pid <= 0) return false;
  const startNow = startOf(pid);
  if (start !== '' && startNow !== '') return start === startNow;
  return pid !== process.pid && isAlive(pid);
}

/** When the process began, in the kernel's ticks since boot; empty where the system does not say. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name, in parentheses, may hold blanks; the start is the twentieth field after it.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return hasCode(error, 'EPERM');
  }
}

/** Moves the lock away before removing it, so that of two processes that found it stale only one takes it. */
function removeStale(path: string, stale: string): void {
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return;
    throw error;
  }
  // The other one was quicker, and this is its lock.
  if (textOf(aside) !== stale) renameSync(aside, path);
  else unlinkSync(aside);
}

function release(path: string, mine: string): void {
  if (textOf(path) === mine) unlinkSync(path);
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
