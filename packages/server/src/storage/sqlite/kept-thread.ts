import { ProtocolError } from '@talaria/protocol';
import { StartingThread, type DatabaseThread } from './thread.js';
import type { WorkerOptions } from './messages.js';

/**
 * A database thread that is started again when it ends by itself. There is never more than one at a time, however many
 * requests notice its end: they wait for the same new one.
 */
export class KeptThread {
  private starting: Promise<DatabaseThread> | undefined;
  private closing = false;

  private constructor(private thread: DatabaseThread, private readonly url: URL, private readonly options: WorkerOptions, private readonly changed: (alive: boolean) => void) {}

  /**
   * @param changed told when the thread has ended, and when another one has taken its place
   * @throws Error with the sentence that says why the database cannot be used
   */
  static async open(starting: StartingThread, changed: (alive: boolean) => void): Promise<KeptThread> {
    let kept: KeptThread | undefined;
    const thread = await starting.open(() => kept?.ended());
    kept = new KeptThread(thread, starting.url, starting.options, changed);
    return kept;
  }

  /** The last thread, which refuses everything when it has ended and the next one does not run yet. */
  get current(): DatabaseThread {
    return this.thread;
  }

  /** The running thread, or the next one. @throws ProtocolError unavailable */
  async live(): Promise<DatabaseThread> {
    if (this.thread.alive) return this.thread;
    if (this.closing) throw new ProtocolError('unavailable', 'The database is closed.');
    this.starting ??= this.restart().finally(() => {
      this.starting = undefined;
    });
    return this.starting;
  }

  async close(): Promise<void> {
    this.closing = true;
    await this.starting?.catch(() => undefined);
    await this.thread.close();
  }

  private async restart(): Promise<DatabaseThread> {
    try {
      this.thread = await new StartingThread(this.url, this.options).open(() => this.ended());
    } catch (cause) {
      throw new ProtocolError('unavailable', 'The database cannot be opened at the moment.', { cause });
    }
    this.changed(true);
    return this.thread;
  }

  private ended(): void {
    this.changed(false);
    // At once, because nobody may ask for it: a server that is not ready gets no requests. What fails here is tried again by the next one.
    if (!this.closing) void this.live().catch(() => undefined);
  }
}
