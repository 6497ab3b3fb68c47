// Walks folders. Paths are returned relative to the root, with forward slashes.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const SKIPPED = new Set(['node_modules', 'dist', '.git', 'coverage']);

/** All files below `root/folder` whose name ends as wanted; none when the folder is missing. */
export function listFiles(root, folder, wanted = /./) {
  const found = [];
  const pending = [folder];
  while (pending.length > 0) {
    const current = pending.pop();
    for (const entry of entriesOf(join(root, current))) {
      const path = current === '' ? entry.name : `${current}/${entry.name}`;
      if (entry.isDirectory() && !SKIPPED.has(entry.name)) pending.push(path);
      else if (entry.isFile() && wanted.test(entry.name)) found.push(path);
    }
  }
  return found.sort();
}

/** The names of the folders directly below `root/folder`. */
export function listFolders(root, folder) {
  return entriesOf(join(root, folder))
    .filter((entry) => entry.isDirectory() && !SKIPPED.has(entry.name))
    .map((entry) => entry.name)
    .sort();
}

function entriesOf(path) {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch (error) {
    if (error.code === 'ENOENT') return [];
    throw error;
  }
}
