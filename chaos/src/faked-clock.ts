/** Wall clocks of single processes, which may jump: libfaketime. What counts time without a date (the monotonic clock) is left alone. */
import type { Scene } from '@talaria/probe/harness';
import { unpackedPackage } from '@talaria/services';
import { chmodSync, copyFileSync, existsSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** For programs with threads. */
const LIBRARY = 'libfaketimeMT.so.1';

export interface FakedClock {
  /** Makes a process that is started with it tell this time. */
  readonly env: NodeJS.ProcessEnv;
  /** From now on it is so many seconds ahead, or behind. */
  set(ahead_s: number): void;
}

/** Gets the library. @returns why it cannot be had, or undefined */
export function noFakedClocks(): string | undefined {
  if (process.platform !== 'linux') return 'needs Linux';
  try {
    return existsSync(library()) ? undefined : `the Debian package libfaketime has no ${LIBRARY}`;
  } catch {
    return 'needs the Debian package libfaketime, and apt-get could not fetch it';
  }
}

/** The clock of this name, which is right at first. @param name tells the clocks of a scene apart */
export function fakedClock(scene: Scene, name: string): FakedClock {
  // Whoever runs as another user cannot look into a folder of root's.
  const copy = join(scene.directory, LIBRARY);
  if (!existsSync(copy)) copyFileSync(library(), copy);
  const file = join(scene.directory, `clock-${name}`);
  const set = (ahead_s: number): void => {
    const whole = `${file}.new`;
    writeFileSync(whole, `${ahead_s < 0 ? '-' : '+'}${Math.abs(ahead_s)}\n`);
    chmodSync(whole, 0o644);
    renameSync(whole, file);
  };
  if (!existsSync(file)) set(0);
  return { env: { LD_PRELOAD: copy, FAKETIME_TIMESTAMP_FILE: file, FAKETIME_NO_CACHE: '1', FAKETIME_DONT_FAKE_MONOTONIC: '1' }, set };
}

/** Each architecture has a folder of its own. */
function library(): string {
  const folder = join(unpackedPackage('libfaketime'), 'usr/lib');
  const inside = readdirSync(folder).map((name) => join(folder, name, 'faketime', LIBRARY)).find((path) => existsSync(path));
  return inside ?? join(folder, 'faketime', LIBRARY);
}
