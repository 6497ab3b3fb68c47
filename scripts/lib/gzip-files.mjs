// What the server sends to whoever takes gzip: made once, when a site is built.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** Below this a file costs one packet either way. */
const BYTES_MIN = 1_024;
const TYPES = new Set(['.html', '.js', '.css', '.svg', '.txt', '.json', '.yaml', '.proto']);

/** Lays a packed file beside each of a folder for which that is worth it. */
export function gzipFiles(folder) {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !TYPES.has(extname(entry.name))) continue;
    const path = join(entry.parentPath, entry.name);
    const bytes = readFileSync(path);
    const packed = gzipSync(bytes, { level: 9 });
    if (bytes.length >= BYTES_MIN && packed.length < bytes.length) writeFileSync(`${path}.gz`, packed);
  }
}
