/** What the demo has started and must end: processes, the proxy, and a directory. */
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export class Scene {
  readonly directory = mkdtempSync(join(tmpdir(), 'talaria-demo-'));
  private readonly children = new Set<ChildProcess>();
  private readonly closers: (() => Promise<void>)[] = [];
  private closed = false;

  constructor() {
    // Also when this process ends in a way that nobody planned.
    process.once('exit', () => this.removeAll());
  }

  readonly register = (child: ChildProcess): void => {
    this.children.add(child);
    child.once('exit', () => this.children.delete(child));
  };

  onClose(close: () => Promise<void>): void {
    this.closers.push(close);
  }

  /** Ends everything and waits for it. */
  async close(): Promise<void> {
    const ended = [...this.children].map((child) => new Promise((resolve) => child.once('exit', resolve)));
    this.killAll();
    await Promise.all(ended);
    await Promise.all(this.closers.map((close) => close()));
    this.removeAll();
  }

  private killAll(): void {
    for (const child of this.children) child.kill('SIGKILL');
  }

  private removeAll(): void {
    if (this.closed) return;
    this.closed = true;
    this.killAll();
    // A process that was told a moment ago may still be writing.
    rmSync(this.directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  }
}
