/** Debian packages without installing them: fetched once, unpacked where they are found again. */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const CACHE = fileURLToPath(new URL('../../node_modules/.cache/talaria/', import.meta.url));
const FETCH_MS = 180_000;
const LISTS_TRIES_MAX = 5;
const LISTS_WAIT_MS = 3_000;

/**
 * The folder in which packages are unpacked together. Nothing is installed.
 *
 * @param name of the folder, and of the first package @param more packages that it needs, such as libraries
 * @throws Error where there is no apt-get, or no package of this name
 */
export function unpackedPackage(name: string, more: readonly string[] = []): string {
  const place = join(CACHE, name);
  if (!existsSync(place)) unpack(place, [name, ...more]);
  return place;
}

/**
 * A package with all that it needs and this machine has not installed, in one folder. Nothing is installed.
 *
 * @throws Error where there is no apt-get, or no package of this name
 */
export function unpackedProgram(name: string): string {
  const place = join(CACHE, name);
  if (existsSync(place)) return place;
  const missing = (): string[] => {
    const planned = execFileSync('apt-get', ['install', '--simulate', '--no-install-recommends', name], { stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8', timeout: FETCH_MS });
    return [...planned.matchAll(/^Inst (\S+)/gm)].map((match) => match[1]!);
  };
  unpack(place, withLists(missing));
  return place;
}

/** Runs what needs the lists of packages, which may be old, or not there yet; another process may be fetching them just now. */
function withLists<T>(run: () => T): T {
  for (let tries = 1; ; tries += 1) {
    try {
      return run();
    } catch (error) {
      if (tries === LISTS_TRIES_MAX) throw error;
      try {
        execFileSync('apt-get', ['update'], { stdio: 'pipe', timeout: FETCH_MS });
      } catch {
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LISTS_WAIT_MS);
      }
    }
  }
}

function unpack(place: string, packages: readonly string[]): void {
  const folder = mkdtempSync(join(tmpdir(), 'talaria-debian-'));
  // Made aside and moved, so that another process finds all of it or nothing.
  const aside = `${place}-${randomBytes(4).toString('hex')}`;
  const fetch = (): void => void execFileSync('apt-get', ['download', ...packages], { cwd: folder, stdio: 'pipe', timeout: FETCH_MS });
  try {
    withLists(fetch);
    mkdirSync(aside, { recursive: true });
    for (const file of readdirSync(folder).filter((one) => one.endsWith('.deb'))) execFileSync('dpkg-deb', ['-x', join(folder, file), aside], { stdio: 'pipe' });
    try {
      renameSync(aside, place);
    } catch (error) {
      // Another process was first.
      if (!existsSync(place)) throw error;
    }
  } finally {
    rmSync(aside, { recursive: true, force: true });
    rmSync(folder, { recursive: true, force: true });
  }
}
