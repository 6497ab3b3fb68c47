/** A disk without room. */
import { closeSync, openSync, writeSync } from 'node:fs';

const CHUNK = Buffer.alloc(65_536, 'x');

/** Writes a file until there is no room for a single byte more. */
export function fill(file: string): void {
  const fd = openSync(file, 'w');
  try {
    for (let bytes = CHUNK.length; bytes > 0;) {
      try {
        writeSync(fd, CHUNK, 0, bytes);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
        bytes = Math.floor(bytes / 2);
      }
    }
  } finally {
    closeSync(fd);
  }
}
