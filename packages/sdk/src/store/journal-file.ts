/** A journal on disk: what is appended is on disk when `append` resolves; `replace` changes the whole file at once. */
import { mkdir, open, realpath, rename, unlink, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';

const PRIVATE = 0o600;

/**
 * Makes the file, and its directory, when there is none.
 *
 * @returns its real path: a link stays a link when the file is replaced
 */
export async function prepare(path: string): Promise<string> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await (await open(path, 'a', PRIVATE)).close();
  return realpath(path);
}

export class JournalFile {
  private constructor(private readonly path: string, private handle: FileHandle, private length: number) {}

  /** Opens a file that is there. */
  static async open(path: string): Promise<{ readonly file: JournalFile; readonly bytes: Buffer }> {
    const handle = await open(path, 'r+');
    await handle.chmod(PRIVATE);
    const bytes = await handle.readFile();
    return { file: new JournalFile(path, handle, bytes.length), bytes };
  }

  get size(): number {
    return this.length;
  }

  /** Cuts off what stands behind `bytes`. */
  async cut(bytes: number): Promise<void> {
    await this.handle.truncate(bytes);
    await this.handle.sync();
    this.length = bytes;
  }

  /** @throws when not all of it is on disk; then none of it counts, and `cut(size)` must come before the next append */
  async append(bytes: Buffer): Promise<void> {
    await writeAll(this.handle, bytes, this.length);
    await this.handle.datasync();
    this.length += bytes.length;
  }

  /** The parts become the file: either all of them, or none. */
  async replace(parts: Iterable<Buffer>): Promise<void> {
    const path = `${this.path}.new`;
    const next = await open(path, 'w+', PRIVATE);
    try {
      let length = 0;
      for (const part of parts) {
        await writeAll(next, part, length);
        length += part.length;
      }
      await next.sync();
      await rename(path, this.path);
      await syncDirectory(dirname(this.path));
      const before = this.handle;
      this.handle = next;
      this.length = length;
      await before.close();
    } catch (error) {
      if (this.handle !== next) {
        await next.close();
        await unlink(path).catch(() => undefined);
      }
      throw error;
    }
  }

  close(): Promise<void> {
    return this.handle.close();
  }
}

async function writeAll(handle: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    const { bytesWritten } = await handle.write(bytes, at, bytes.length - at, position + at);
    at += bytesWritten;
  }
}

/** A new name is on disk only when its directory is. Not every system lets a directory be opened. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r').catch(() => undefined);
  try {
    await directory?.sync();
  } catch {
    // The rename itself is done; how soon it is on disk is this system's own affair.
  } finally {
    await directory?.close();
  }
}
