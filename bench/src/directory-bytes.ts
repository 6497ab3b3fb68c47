import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** What the files of a directory hold together. */
export function directoryBytes(directory: string): number {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile()).reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}
