/** A store in one file, for Node: an append-only journal that is written anew when most of it is outdated. */
import { TalariaError } from '../errors.js';
import { lockFile, type FileLock } from './file-lock.js';
import { applyChanges, commitLine, commitsOf, contentSize, headerLine, readJournal, type Tables } from './journal.js';
import { JournalFile, prepare } from './journal-file.js';
import type { Store, StoreChange, StoreTable } from './port.js';

/** How much a file store takes, in bytes. */
export interface FileStoreBounds {
  /** Of one `write`. A larger one is refused. */
  readonly write_bytes_max: number;
  /** Writes that wait for the disk. More are refused, and may be tried again. */
  readonly waiting_bytes_max: number;
  /** Everything in the store. A write that would make it more is refused; deletes never are. */
  readonly content_bytes_max: number;
  /** The file is written anew when it is larger than twice its content and this. */
  readonly slack_bytes: number;
}

export const defaultFileStoreBounds: FileStoreBounds = {
  write_bytes_max: 4 * 2 ** 20, waiting_bytes_max: 64 * 2 ** 20, content_bytes_max: 256 * 2 ** 20, slack_bytes: 2 ** 20,
};

/** One journal line may hold several writes up to this size. */
const COMMIT_BYTES = 2 ** 20;

interface Waiting {
  readonly changes: readonly StoreChange[];
  readonly bytes: number;
  readonly resolve: () => void;
  readonly reject: (error: TalariaError) => void;
}

interface Opened {
  readonly file: JournalFile;
  readonly lock: Extract<FileLock, { held: false }>;
  readonly tables: Tables;
}

/**
 * Keeps the outbox and the cursors in a file, so that they outlive the process (SND7). A write has reached the disk when its
 * promise resolves. One store at a time uses a file; `<path>.lock` sees to that.
 *
 * What cannot be opened is told by the first `load` or `write`.
 *
 * @param path the file; made, with its directory, when there is none, and readable by its owner only
 */
export function fileStore(path: string, bounds: Partial<FileStoreBounds> = {}): Store {
  return new FileStore(path, { ...defaultFileStoreBounds, ...bounds });
}

class FileStore implements Store {
  private readonly opened: Promise<Opened>;
  private waiting: Waiting[] = [];
  private waitingBytes = 0;
  private contentBytes = 0;
  /** Runs while writes wait. */
  private draining: Promise<void> | undefined;
  /** The disk failed in a way that leaves the file unknown: nothing more is written. */
  private failure: TalariaError | undefined;
  private closing: Promise<void> | undefined;
  /** A journal that could not be written anew is tried again when it is larger than this. */
  private compactAbove = 0;

  constructor(private readonly path: string, private readonly bounds: FileStoreBounds) {
    this.opened = this.open();
    // Whoever loads or writes is told.
    this.opened.catch(() => undefined);
  }

  async load(table: StoreTable): Promise<readonly (readonly [key: string, value: string])[]> {
    if (this.closing) throw closed();
    const { tables } = await this.opened;
    await this.draining;
    return [...tables.get(table) ?? []].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  write(changes: readonly StoreChange[]): Promise<void> {
    const bytes = changes.reduce((sum, { key, value }) => sum + key.length + (value?.length ?? 0), 0);
    const refusal = this.closing ? closed() : this.failure ?? this.refusal(changes, bytes);
    if (refusal) return Promise.reject(refusal);
    return new Promise<void>((resolve, reject) => {
      this.waiting.push({ changes, bytes, resolve, reject });
      this.waitingBytes += bytes;
      this.draining ??= this.drain();
    });
  }

  close(): Promise<void> {
    this.closing ??= this.end();
    return this.closing;
  }

  private refusal(changes: readonly StoreChange[], bytes: number): TalariaError | undefined {
    const { write_bytes_max: writeMax, waiting_bytes_max: waitingMax, content_bytes_max: contentMax } = this.bounds;
    if (bytes > writeMax) return failed(`A write of ${bytes} bytes is larger than ${writeMax}.`, 'Write less at once.');
    if (this.waitingBytes + bytes > waitingMax) {
      return new TalariaError('overloaded', `More than ${waitingMax} bytes wait for the disk.`, { retryable: true, remediation: 'Wait until earlier writes are done.' });
    }
    const grows = changes.some(({ value }) => value !== null);
    if (grows && this.contentBytes + this.waitingBytes + bytes > contentMax) return failed(`The store would hold more than ${contentMax} bytes.`, 'Wait until the outbox has been sent.');
    return undefined;
  }

  private async open(): Promise<Opened> {
    try {
      const target = await prepare(this.path);
      const lock = lockFile(`${target}.lock`);
      if (lock.held) throw failed(`${this.path} is in use by ${lock.pid === 0 ? 'another process' : `process ${lock.pid}`}.`, 'Give each client a store of its own, or end the other one.');
      return await this.openLocked(target, lock).catch((error: unknown) => {
        lock.release();
        throw error;
      });
    } catch (cause) {
      if (cause instanceof TalariaError) throw cause;
      throw failed(`${this.path} could not be opened.`, 'Check that the file and its directory can be read and written.', cause);
    }
  }

  private async openLocked(target: string, lock: Opened['lock']): Promise<Opened> {
    const { file, bytes } = await JournalFile.open(target);
    try {
      const tables = await this.takeUp(file, bytes);
      this.contentBytes = contentSize(tables);
      return { file, lock, tables };
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  private async takeUp(file: JournalFile, bytes: Buffer): Promise<Tables> {
    const found = readJournal(bytes);
    switch (found.kind) {
      case 'whole':
        if (found.bytes < bytes.length) await file.cut(found.bytes);
        if (found.bytes === 0) await file.replace([headerLine()]);
        return found.tables;
      case 'damaged':
        throw failed(`${this.path} is damaged at line ${found.line}.`, 'Restore the file from a copy, or move it away to begin anew; commands that were not sent yet are lost with it.');
      case 'foreign':
        throw failed(`${this.path} is not a store of Talaria.`, 'Choose another path.');
      case 'newer':
        throw failed(`${this.path} has format ${found.version}, which this version does not know.`, 'Update the SDK.');
    }
  }

  private async drain(): Promise<void> {
    try {
      const opened = await this.opened;
      while (this.waiting.length > 0) await this.commitGroup(opened);
    } catch (error) {
      for (const { reject } of this.waiting.splice(0)) reject(error as TalariaError);
      this.waitingBytes = 0;
    } finally {
      // In the same moment in which the loop ended: a write after this begins another one.
      this.draining = undefined;
    }
  }

  /** Group commit: all that waits when a commit begins goes to disk with it; what comes meanwhile shares the next. */
  private async commitGroup(opened: Opened): Promise<void> {
    const group = this.takeGroup();
    const error = this.failure ?? await this.commit(opened, group.flatMap(({ changes }) => changes));
    for (const { bytes, resolve, reject } of group) {
      this.waitingBytes -= bytes;
      if (error) reject(error);
      else resolve();
    }
    if (!error) await this.compact(opened);
  }

  private takeGroup(): Waiting[] {
    let bytes = 0;
    let count = 0;
    while (count < this.waiting.length && (count === 0 || bytes + this.waiting[count]!.bytes <= COMMIT_BYTES)) {
      bytes += this.waiting[count]!.bytes;
      count += 1;
    }
    return this.waiting.splice(0, count);
  }

  private async commit({ file, tables }: Opened, changes: readonly StoreChange[]): Promise<TalariaError | undefined> {
    const { size } = file;
    try {
      await file.append(commitLine(changes));
      this.contentBytes += applyChanges(tables, changes);
      return undefined;
    } catch (cause) {
      const error = failed(`${this.path} could not be written.`, 'Make room on the disk, or mend it.', cause);
      // Without this, a refused write could be there after all when the file is opened again.
      await file.cut(size).catch(() => {
        this.failure = error;
      });
      return error;
    }
  }

  private async compact({ file, tables }: Opened): Promise<void> {
    if (file.size <= Math.max(this.bounds.slack_bytes + 2 * this.contentBytes, this.compactAbove)) return;
    try {
      await file.replace(fileParts(tables));
      this.compactAbove = 0;
    } catch {
      // No room for a second file: the long one still serves.
      this.compactAbove = 2 * file.size;
    }
  }

  private async end(): Promise<void> {
    const opened = await this.opened.catch(() => undefined);
    while (this.draining) await this.draining;
    if (!opened) return;
    await opened.file.close();
    opened.lock.release();
  }
}

const closed = (): TalariaError => new TalariaError('closed', 'The store was closed.');

function* fileParts(tables: Tables): Generator<Buffer> {
  yield headerLine();
  yield* commitsOf(tables, COMMIT_BYTES);
}

function failed(message: string, remediation: string, cause?: unknown): TalariaError {
  return new TalariaError('store_failed', message, { remediation, cause });
}
