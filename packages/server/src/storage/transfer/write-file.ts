/** Writes a snapshot into one file: there as a whole or not at all, also after a power cut. */
import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream, existsSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { syncPath } from '../../runtime/sync-path.js';
import { createStreamSums } from './checksums.js';
import { TransferRefusedError } from './errors.js';
import { endLine, headerLine, sumLine, tableLine, type Counts } from './format.js';
import type { OnProgress, Snapshot } from './snapshot.js';
import { lineOf, TABLES } from './tables.js';

/** Text that is gathered before it is packed. */
const CHUNK_CHARS = 262_144;
/** Packs nearly as small as the default, in half the time. */
const LEVEL = 4;

export interface WrittenBackup {
  readonly path: string;
  readonly bytes: number;
  readonly counts: Counts;
  readonly epoch: string;
  readonly position: number;
}

/** @throws TransferRefusedError when there is such a file already; what reading and writing throw, and then there is no file */
export async function writeBackup(snapshot: Snapshot, path: string, nowMs: number, onProgress: OnProgress): Promise<WrittenBackup> {
  if (existsSync(path)) throw new TransferRefusedError(`${path} exists; name a file that does not`);
  const draft = `${path}.${randomUUID().slice(0, 8)}.partial`;
  try {
    const counts = await writeLines(snapshot, draft, nowMs, onProgress);
    syncPath(draft);
    renameSync(draft, path);
    syncPath(dirname(path));
    return { path, counts, bytes: statSync(path).size, epoch: snapshot.state.epoch, position: snapshot.state.position };
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

async function writeLines(snapshot: Snapshot, draft: string, nowMs: number, onProgress: OnProgress): Promise<Counts> {
  const gzip = createGzip({ level: LEVEL });
  const broken = new AbortController();
  const written = pipeline(gzip, createWriteStream(draft, { mode: 0o600, flags: 'wx' }), { signal: broken.signal });
  // Whoever waits for it is told; until then it must not end the process.
  written.catch(() => undefined);
  const hash = createHash('sha256');
  let text = '';
  const flush = async (): Promise<void> => {
    const bytes = Buffer.from(text);
    text = '';
    hash.update(bytes);
    // A disk that is full drains nothing any more.
    if (!gzip.write(bytes)) await Promise.race([once(gzip, 'drain'), written]);
  };
  const put = (line: string): void => void (text += `${line}\n`);

  const counts: Record<string, number> = {};
  try {
    put(headerLine(snapshot.state, nowMs));
    for (const table of TABLES) {
      put(tableLine(table));
      counts[table.name] = 0;
      const sums = table.name === 'events' ? createStreamSums() : undefined;
      for await (const rows of snapshot.rows(table)) {
        for (const row of rows) {
          const line = lineOf(row);
          const sum = sums?.add(row, line);
          if (sum) put(sumLine(sum));
          put(line);
          if (text.length >= CHUNK_CHARS) await flush();
        }
        counts[table.name]! += rows.length;
        onProgress({ doing: `copying ${table.name}`, rows: counts[table.name]! });
      }
      const last = sums?.end();
      if (last) put(sumLine(last));
    }
    await flush();
    gzip.end(`${endLine({ counts, sha256: hash.digest('hex') })}\n`);
    await written;
  } catch (error) {
    broken.abort();
    await written.catch(() => undefined);
    throw error;
  }
  return counts;
}
