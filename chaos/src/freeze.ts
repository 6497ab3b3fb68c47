/** A disk that stands still: who writes to it waits, and nothing fails. */
import type { Scene } from '@talaria/probe/harness';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { run } from './system.js';

/** Ends by itself when its standard input closes, because the run has ended, or when the time is over. Then it thaws. */
const WATCHDOG = 'timeout "$1" cat >/dev/null; fsfreeze --unfreeze "$2"';
const THAW_MS = 10_000;

export interface FrozenDisk {
  /** @throws Error when the watchdog had to thaw it before */
  thaw(): Promise<void>;
}

/**
 * Freezes a mounted file system. It is thawed by a process of its own, also when this one is killed.
 *
 * @param most_ms after which it is thawed whatever happens
 */
export function freezeDisk(scene: Scene, directory: string, most_ms: number): FrozenDisk {
  // In a session of its own: Ctrl-C ends the run, and not the one that thaws.
  const watchdog = spawn('sh', ['-c', WATCHDOG, 'watchdog', String(Math.ceil(most_ms / 1_000)), directory], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  const ended = once(watchdog, 'exit');
  scene.onRemove(() => unfreeze(directory));
  run('fsfreeze', ['--freeze', directory]);
  return {
    async thaw() {
      const late = watchdog.exitCode !== null;
      watchdog.stdin.end();
      await ended;
      if (late) throw new Error(`the disk was to stand still no longer than ${most_ms} ms`);
    },
  };
}

/** Harmless where nothing is frozen, or nothing is mounted. */
export function unfreeze(directory: string): void {
  try {
    execFileSync('fsfreeze', ['--unfreeze', directory], { stdio: 'ignore', timeout: THAW_MS });
  } catch {
    // It was not frozen.
  }
}
