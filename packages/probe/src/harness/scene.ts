/** What a run has started and must end: processes, mounts, and a directory. */
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Everything is taken away by `close`, and also when this process ends in a way that nobody planned. */
export class Scene {
  readonly directory: string;
  private readonly children = new Set<ChildProcess>();
  private readonly closers: (() => Promise<void>)[] = [];
  /** The last comes first: a mount lies in a directory that was made before. */
  private readonly undos: (() => void)[] = [];
  private closed = false;
  private readonly onExit = (): void => this.removeAll();

  /** @param prefix of the directory, which is made among the system's temporary ones */
  constructor(prefix: string) {
    this.directory = mkdtempSync(join(tmpdir(), prefix));
    process.once('exit', this.onExit);
  }

  readonly register = (child: ChildProcess): void => {
    this.children.add(child);
    child.once('exit', () => this.children.delete(child));
  };

  onClose(close: () => Promise<void>): void {
    this.closers.push(close);
  }

  /** What must be undone before the directory can be removed, at once and when no process is left. It must not throw. */
  onRemove(undo: () => void): void {
    this.undos.unshift(undo);
  }

  /** Ends everything and waits for it. */
  async close(): Promise<void> {
    const ended = [...this.children].map((child) => new Promise((resolve) => child.once('exit', resolve)));
    this.killAll();
    await Promise.all(ended);
    await Promise.all(this.closers.map((close) => close()));
    this.removeAll();
    process.off('exit', this.onExit);
  }

  private killAll(): void {
    for (const child of this.children) child.kill('SIGKILL');
  }

  private removeAll(): void {
    if (this.closed) return;
    this.closed = true;
    this.killAll();
    for (const undo of this.undos) undo();
    // A process that was told a moment ago may still be writing.
    rmSync(this.directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  }
}
