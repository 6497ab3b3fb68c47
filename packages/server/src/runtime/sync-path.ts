import { closeSync, fsyncSync, openSync } from 'node:fs';

/** A file's bytes, or a folder's names, reach the disk. @throws as `fsync` */
export function syncPath(path: string): void {
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
