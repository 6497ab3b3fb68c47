/** What a run that was killed could not take away, the next one does. */
import type { Scene } from '@talaria/probe/harness';
import { readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAlive } from './family.js';
import { unfreeze } from './freeze.js';
import { removeOldNets } from './net.js';
import { isRoot, unmount } from './system.js';

/** Of every scene's directory. */
export const SCENE_PREFIX = 'talaria-chaos-';
const OWNER = 'owner';

/** Says whose scene it is, for the run after this one. */
export function own(scene: Scene): void {
  writeFileSync(join(scene.directory, OWNER), String(process.pid));
}

/** Of scenes whose run is no more, ends the processes, thaws and unmounts the disks, and removes them; and namespaces. */
export function removeLeftovers(): void {
  if (process.platform !== 'linux' || !isRoot()) return;
  for (const scene of readdirSync(tmpdir()).filter((name) => name.startsWith(SCENE_PREFIX)).map((name) => join(tmpdir(), name)).filter(isOrphan)) {
    killInside(scene);
    const mounts = readFileSync('/proc/mounts', 'utf8').split('\n').flatMap((line) => line.split(' ')[1] ?? []).filter((path) => path.startsWith(`${scene}/`));
    // The last mounted first.
    for (const path of mounts.reverse()) {
      unfreeze(path);
      unmount(path);
    }
    rmSync(scene, { recursive: true, force: true });
  }
  removeOldNets(isAlive);
}

/** Servers run in the directory of their scene. */
function killInside(scene: string): void {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number)) {
    try {
      if (readlinkSync(`/proc/${pid}/cwd`) === scene) process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended.
    }
  }
}

function isOrphan(scene: string): boolean {
  try {
    return !isAlive(Number(readFileSync(join(scene, OWNER), 'utf8')));
  } catch {
    // Somebody else's.
    return false;
  }
}
