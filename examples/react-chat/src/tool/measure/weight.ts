import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** All files of a kind of the page that was built into a folder, each compressed. */
export function gzipBytes(folder: string, ending: string): number {
  const assets = join(folder, 'assets');
  return readdirSync(assets).filter((name) => name.endsWith(ending)).reduce((sum, name) => sum + gzipSync(readFileSync(join(assets, name)), { level: 9 }).length, 0);
}
