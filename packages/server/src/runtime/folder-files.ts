/** The files of a folder that is served: known by name before anybody asks, so that no name leads out of it; kept in memory up to a bound. */
import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';

export interface FolderFiles {
  /** Names within the folder, with `/` between their parts. Links are not among them. */
  readonly names: ReadonlySet<string>;
  /** @param name one of `names` @throws Error when it is gone, or has grown beyond the bound */
  read(name: string): Promise<Uint8Array>;
}

/** What a folder of pages has at most; others are not known. */
const FILES_MAX = 10_000;
const FILE_BYTES_MAX = 8 * 1_048_576;

/**
 * @param folder its files are listed now; none where there is no such folder
 * @param keptBytesMax what is kept in memory; the one that was asked for longest ago makes room
 */
export function openFolder(folder: string, keptBytesMax: number): FolderFiles {
  const names = new Set(listed(folder).slice(0, FILES_MAX));
  const kept = new Map<string, Uint8Array>();
  let keptBytes = 0;

  function keep(name: string, bytes: Uint8Array): void {
    const before = kept.get(name);
    kept.delete(name);
    kept.set(name, bytes);
    keptBytes += bytes.length - (before?.length ?? 0);
    for (const [oldest, { length }] of kept) {
      if (keptBytes <= keptBytesMax) return;
      kept.delete(oldest);
      keptBytes -= length;
    }
  }

  return {
    names,
    async read(name) {
      if (!names.has(name)) throw new Error('There is no such file.');
      const bytes = kept.get(name) ?? await readFile(join(folder, name));
      if (bytes.length > FILE_BYTES_MAX) throw new Error(`${name} is too large to be served.`);
      keep(name, bytes);
      return bytes;
    },
  };
}

function listed(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
      .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'));
  } catch {
    return [];
  }
}
