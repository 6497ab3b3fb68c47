/** What a run that was killed could not take away, the next one does. */
import type { Scene } from '@talaria/probe/harness';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
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

/** Thaws and unmounts disks of scenes whose run is no more, and removes those scenes, and namespaces. */
export function removeLeftovers(): void {
  if (process.platform !== 'linux' || !isRoot()) return;
  removeOldNets(isAlive);
  const base = join(tmpdir(), SCENE_PREFIX);
  const mounts = readFileSync('/proc/mounts', 'utf8').split('\n').flatMap((line) => line.split(' ')[1] ?? []).filter((path) => path.startsWith(base));
  const scenes = new Set<string>();
  // The last mounted first.
  for (const path of mounts.reverse()) {
    const scene = base + path.slice(base.length).split('/')[0]!;
    if (!isOrphan(scene)) continue;
    unfreeze(path);
    unmount(path);
    scenes.add(scene);
  }
  for (const scene of scenes) rmSync(scene, { recursive: true, force: true });
}

function isOrphan(scene: string): boolean {
  try {
    return !isAlive(Number(readFileSync(join(scene, OWNER), 'utf8')));
  } catch {
    // Somebody else's.
    return false;
  }
}
