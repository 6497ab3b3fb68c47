import { ConnectionLostError, Line, type LineOptions } from './line.js';

export interface LinesOptions extends LineOptions {
  /** Most connections at once. */
  readonly connections_max: number;
  /** A transaction that takes longer is broken off: its outcome is then not known. */
  readonly transaction_timeout_ms: number;
  /** How long anybody waits for a connection that others use. */
  readonly wait_timeout_ms: number;
}

/** All connections were in use for too long. Nothing was asked. */
export class NoConnectionError extends Error {
  override readonly name = 'NoConnectionError';
}

type Waiting = { readonly give: (line: Line) => void; readonly fail: (error: Error) => void };

/** Connections that are used again. Each serves one transaction at a time. */
export class Lines {
  private readonly idle: Line[] = [];
  private readonly open = new Set<Line>();
  private readonly waiting: Waiting[] = [];
  private closed = false;

  constructor(private readonly options: LinesOptions) {}

  /**
   * Lends a connection. One whose work takes too long is broken off, and not used again.
   *
   * @param run leaves no transaction open, however it ends
   * @throws what `run` throws; NoConnectionError when none was free; ConnectionLostError when there is none, or it took too long
   */
  async lend<T>(run: (line: Line) => Promise<T>): Promise<T> {
    const line = await this.take();
    const timer = setTimeout(() => line.break(`a transaction took longer than ${this.options.transaction_timeout_ms} ms`), this.options.transaction_timeout_ms);
    try {
      return await run(line);
    } finally {
      clearTimeout(timer);
      this.give(line);
    }
  }

  /** Closes all when their work is done. */
  async close(): Promise<void> {
    this.closed = true;
    for (const { fail } of this.waiting.splice(0)) fail(new ConnectionLostError('the database is closed'));
    await Promise.all([...this.open].map((line) => line.close()));
    this.open.clear();
  }

  private take(): Promise<Line> {
    if (this.closed) return Promise.reject(new ConnectionLostError('the database is closed'));
    for (let line = this.idle.pop(); line; line = this.idle.pop()) {
      if (line.alive) return Promise.resolve(line);
      this.open.delete(line);
    }
    if (this.open.size < this.options.connections_max) return Promise.resolve(this.add());
    return new Promise((give, fail) => {
      const timer = setTimeout(() => {
        this.waiting.splice(this.waiting.indexOf(waiting), 1);
        fail(new NoConnectionError(`no connection to Postgres was free within ${this.options.wait_timeout_ms} ms`));
      }, this.options.wait_timeout_ms);
      const waiting: Waiting = {
        give(line) {
          clearTimeout(timer);
          give(line);
        },
        fail(error) {
          clearTimeout(timer);
          fail(error);
        },
      };
      this.waiting.push(waiting);
    });
  }

  private add(): Line {
    const line = new Line(this.options);
    this.open.add(line);
    return line;
  }

  private give(line: Line): void {
    if (!line.alive) this.open.delete(line);
    const next = this.waiting.shift();
    if (next) next.give(line.alive ? line : this.add());
    else if (line.alive && !this.closed) this.idle.push(line);
  }
}
