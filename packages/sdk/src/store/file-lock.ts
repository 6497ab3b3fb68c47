/** Keeps a file for one process, by a lock file beside it that names the process. */
import { readFileSync, renameSync, statSync, unlinkSync, writeFileSync } from 'node:fs';

const ATTEMPTS = 3;
/** A lock without its text is one that is being written just now, if it is this young. */
const WRITING_MS = 2_000;

export type FileLock =
  | { readonly held: false; release(): void }
  /** `pid` is 0 when the lock does not tell. */
  | { readonly held: true; readonly pid: number };

/**
 * Takes the lock, also from a process that died with it. Beside the process id stands, where the system tells it, the moment
 * the process began: ids are used again, above all in containers.
 */
export function lockFile(path: string): FileLock {
  const mine = `${process.pid} ${startOf(process.pid)}\n`;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    if (create(path, mine)) return { held: false, release: () => release(path, mine) };
    const found = textOf(path);
    if (found !== undefined && isHeld(path, found)) return { held: true, pid: Number.parseInt(found, 10) || 0 };
    if (found !== undefined) removeStale(path, found);
  }
  return { held: true, pid: 0 };
}

function create(path: string, text: string): boolean {
  try {
    writeFileSync(path, text, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
}

function isHeld(path: string, text: string): boolean {
  if (text === '') return ageOf(path) < WRITING_MS;
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

function ageOf(path: string): number {
  try {
    return Date.now() - statSync(path).mtimeMs;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
