/** A disk whose power can be cut: an ext4 file system on an image file. */
import { noMounts, hasProgram, install, mount, run, unmount } from './system.js';
import type { Scene } from '@talaria/probe/harness';
import { rmSync } from 'node:fs';
import { join } from 'node:path';

/** Nothing is written by the file system's own clock while a fault is played: only what was synced counts. */
const OPTIONS = 'loop,commit=300';
const IMAGE_SIZE = '512M';

export interface Disk {
  readonly image: string;
  /** Where it is mounted: the same place for all disks of a scene. */
  readonly directory: string;
}

/** @returns why there can be no such disk here, or undefined */
export function noDisks(): string | undefined {
  return noMounts() ?? (hasProgram('mkfs.ext4') ? undefined : install('e2fsprogs'));
}

/** The disks of a scene by number, each made of the one before it, and all mounted at the same place in turn. */
export const diskOf = (scene: Scene, at: number): Disk => ({ image: join(scene.directory, `disk-${at}.img`), directory: join(scene.directory, 'disk') });

/** Makes and mounts the first disk of a scene. @throws Error where the machine has no loop devices */
export function makeDisk(scene: Scene): Disk {
  const disk = diskOf(scene, 0);
  run('truncate', ['-s', IMAGE_SIZE, disk.image]);
  run('mkfs.ext4', ['-q', '-F', disk.image]);
  mount(scene, disk.directory, ['-o', OPTIONS, disk.image]);
  return disk;
}

/**
 * What a power cut at this moment would leave, as the image of the next disk. The image file holds what has reached the disk, and
 * nothing that waits in the memory of the mounted file system. Whoever writes must be stopped.
 */
export function cutPower(scene: Scene, at: number): void {
  run('cp', ['--sparse=always', diskOf(scene, at).image, diskOf(scene, at + 1).image]);
}

/** Takes a disk away, and mounts the one that was made of it in its place. Nobody may use the old one any more. */
export function nextDisk(scene: Scene, at: number): Disk {
  const disk = diskOf(scene, at + 1);
  unmount(disk.directory);
  run('mount', ['-o', OPTIONS, disk.image, disk.directory]);
  rmSync(diskOf(scene, at).image);
  return disk;
}
