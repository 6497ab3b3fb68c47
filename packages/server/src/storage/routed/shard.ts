/** The database of one tenant: opened when it is first asked, watched while it is asked, and left alone while it is dead. */
import { ProtocolError } from '@talaria/protocol';
import type { Cancel, Clock } from '../../runtime/clock.js';
import type { Storage } from '../port.js';
import { refusalData } from '../refusal-data.js';
import { facadeOf, type Guarded, type Outcome, type Refused } from './facade.js';
import type { OpenedDatabase, TenantLog } from './tenant-log.js';

export interface ShardBounds {
  /** Calls that wait for the database to be opened (FLW3). */
  readonly waiting_max: number;
  /** How long they wait. */
  readonly wait_ms: number;
  /** Until a database that did not answer is asked again: at first, and at most. */
  readonly retry_ms: number;
  readonly retry_ms_max: number;
  /** How long nothing may be answered before the database is asked whether it is there. */
  readonly stall_ms: number;
  /** How long it may take to say so. */
  readonly probe_ms: number;
  /** How often it is looked whether the same log is still reached in the same way. */
  readonly look_ms: number;
}

export const defaultShardBounds: ShardBounds = { waiting_max: 4_096, wait_ms: 5_000, retry_ms: 1_000, retry_ms_max: 10_000, stall_ms: 2_000, probe_ms: 3_000, look_ms: 10_000 };

export interface ShardParts {
  readonly clock: Clock;
  readonly bounds: ShardBounds;
  /** @throws ProtocolError overloaded when there is no room for another pool; Error with one sentence when the database cannot be used */
  open(): Promise<OpenedDatabase>;
  /** Whether the tenant's URL is not the one any more by which it was opened. */
  moved(sealedUrl: string): Promise<boolean>;
  opened(log: TenantLog): void;
  /** Its connections are closed: whoever works with it ends. */
  closed(log: TenantLog): void;
  failed(error: unknown): void;
}

interface Open { readonly database: OpenedDatabase; readonly log: TenantLog }
type State =
  | { readonly kind: 'closed' }
  | { readonly kind: 'opening'; readonly sinceMs: number }
  | ({ readonly kind: 'open' } & Open)
  /** It was asked and did not answer. */
  | { readonly kind: 'down'; readonly open: Open | undefined; readonly untilMs: number };
interface Waiting { readonly go: (storage: Storage) => void; readonly fail: (error: ProtocolError) => void }

export class Shard {
  /** For calls of the tenant's apps. */
  readonly storage: Storage;
  private state: State = { kind: 'closed' };
  private waiting: Waiting[] = [];
  private cancelWait: Cancel = () => undefined;
  private holds = 0;
  private inFlight = 0;
  private answeredMs = 0;
  private lookedMs = 0;
  private usedMs: number;
  private failures = 0;
  private probing = false;
  private stopped = false;
  /** By what the directory said while the database was being opened. */
  private expected: string | undefined;

  constructor(readonly tenant: string, private readonly parts: ShardParts) {
    this.usedMs = parts.clock.monotonic();
    this.storage = facadeOf(this, () => {
      this.usedMs = parts.clock.monotonic();
    });
  }

  get log(): TenantLog | undefined {
    return this.held?.log;
  }

  get kind(): State['kind'] {
    return this.state.kind;
  }

  /** The database that takes calls now. */
  get current(): Storage | undefined {
    return this.state.kind === 'open' ? this.state.database.storage : undefined;
  }

  /** Whether nobody else may wait (FLW3). */
  get full(): boolean {
    return this.waiting.length >= this.parts.bounds.waiting_max;
  }

  /** Since when nobody needs its connections; undefined while somebody does, or there are none. */
  get idleSinceMs(): number | undefined {
    return this.held && this.holds + this.inFlight === 0 && !this.probing ? this.usedMs : undefined;
  }

  /** Now and then: asks a database that is silent, or was dead, whether it is there. */
  check(): void {
    const nowMs = this.parts.clock.monotonic();
    const { stall_ms, look_ms } = this.parts.bounds;
    const stalled = this.inFlight > 0 && nowMs - this.answeredMs > stall_ms;
    if (this.state.kind === 'open' && (stalled || nowMs - this.lookedMs >= look_ms)) this.probe();
    if (this.state.kind === 'down' && this.state.open && nowMs >= this.state.untilMs) this.probe();
  }

  /**
   * The directory has just been read for an app: what was opened by another URL is of before the app was made, and is not for it.
   */
  expect(sealedUrl: string): void {
    const { held } = this;
    if (this.state.kind === 'opening') this.expected = sealedUrl;
    else if (held && held.database.sealedUrl !== sealedUrl) this.close().catch(this.parts.failed);
  }

  /** Asks at once whether the same log is still reached in the same way. */
  recheck(): void {
    if (this.state.kind === 'open') this.probe();
  }

  /** Closes its connections, when what was handed over has been answered. The next call opens it anew. */
  async close(): Promise<void> {
    const { held } = this;
    if (this.state.kind === 'opening') return;
    this.state = { kind: 'closed' };
    if (!held) return;
    this.parts.closed(held.log);
    await held.database.storage.stop();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.fail(new ProtocolError('draining'));
    await this.close();
  }

  private get held(): Open | undefined {
    return this.state.kind === 'open' ? this.state : this.state.kind === 'down' ? this.state.open : undefined;
  }

  ask<T>(run: (storage: Storage) => Promise<T>): Promise<T> {
    if (this.state.kind === 'open') return this.watched(run(this.state.database.storage));
    return new Promise<T>((resolve, reject) => this.wait({ go: (storage) => resolve(this.watched(run(storage))), fail: (error) => reject(error.code === 'draining' ? unavailable() : error) }));
  }

  outcome<T extends Outcome>(run: (storage: Storage) => Promise<T>, refused: () => void = () => undefined): Promise<T | Refused> {
    if (this.state.kind === 'open') return this.judged(run(this.state.database.storage));
    return new Promise<T | Refused>((resolve) => this.wait({
      go: (storage) => resolve(this.judged(run(storage))),
      fail(error) {
        refused();
        resolve({ ok: false, refusal: refusalData(error) });
      },
    }));
  }

  private wait(waiting: Waiting): void {
    const { bounds, clock } = this.parts;
    if (this.stopped) {
      waiting.fail(new ProtocolError('draining'));
      return;
    }
    if (this.state.kind === 'down') {
      // Nobody waits for a database that is known to be dead; whoever asks has it looked at again.
      const { untilMs } = this.state;
      if (clock.monotonic() >= untilMs) this.probe();
      waiting.fail(unavailable(Math.max(bounds.retry_ms / 2, untilMs - clock.monotonic())));
      return;
    }
    if (this.state.kind === 'opening' && clock.monotonic() - this.state.sinceMs >= bounds.wait_ms) {
      waiting.fail(unavailable(bounds.retry_ms));
    } else if (this.full) {
      waiting.fail(new ProtocolError('overloaded', undefined, { retryAfterMs: bounds.retry_ms }));
    } else {
      this.waiting.push(waiting);
      if (this.state.kind === 'closed') this.begin();
    }
  }

  private async openAnew(old?: Storage): Promise<void> {
    try {
      await old?.stop();
      this.take(await this.parts.open());
    } catch (error) {
      this.down(undefined, error);
    }
  }

  private begin(): void {
    const { clock, bounds } = this.parts;
    this.state = { kind: 'opening', sinceMs: clock.monotonic() };
    this.cancelWait = clock.after(bounds.wait_ms, () => this.fail(unavailable(bounds.retry_ms)));
    void this.openAnew();
  }

  /** In one turn: nobody who comes later is before those who wait, and no answer before whoever works with the log. */
  private take(database: OpenedDatabase): void {
    if (this.stopped) {
      database.storage.stop().catch(this.parts.failed);
      return;
    }
    if (this.expected !== undefined && this.expected !== database.sealedUrl) {
      this.expected = undefined;
      void this.openAnew(database.storage);
      return;
    }
    this.expected = undefined;
    const log = this.logOf(database);
    this.answeredMs = this.lookedMs = this.parts.clock.monotonic();
    this.failures = 0;
    this.state = { kind: 'open', database, log };
    this.cancelWait();
    for (const { go } of this.waiting.splice(0)) go(database.storage);
    this.parts.opened(log);
  }

  private logOf(database: OpenedDatabase): TenantLog {
    const current = (): Storage | undefined => (this.held?.log === log ? this.current : undefined);
    // Nobody opens the database again by work on a log that has been closed.
    const guarded: Guarded = {
      get current() {
        return current();
      },
      full: false, close: () => Promise.resolve(),
      ask: (run) => (this.held?.log === log ? this.ask(run) : Promise.reject(unavailable(this.parts.bounds.retry_ms))),
      outcome: () => Promise.resolve({ ok: false, refusal: refusalData(unavailable(this.parts.bounds.retry_ms)) }),
    };
    const log: TenantLog = {
      tenant: this.tenant, info: database.info, storage: facadeOf(guarded, () => undefined),
      hold: () => {
        this.holds += 1;
        return () => {
          this.holds -= 1;
          this.usedMs = this.parts.clock.monotonic();
        };
      },
    };
    return log;
  }

  private down(open: Open | undefined, error: unknown): void {
    const { clock, bounds } = this.parts;
    const untilMs = clock.monotonic() + Math.min(bounds.retry_ms * 2 ** this.failures, bounds.retry_ms_max);
    this.failures += 1;
    this.state = { kind: 'down', open, untilMs };
    this.cancelWait();
    this.parts.failed(error);
    this.fail(error instanceof ProtocolError ? error : unavailable(untilMs - clock.monotonic()));
  }

  private fail(error: ProtocolError): void {
    for (const waiting of this.waiting.splice(0)) waiting.fail(error);
  }

  /** Whoever does not answer may be dead. */
  private watched<T>(answer: Promise<T>): Promise<T> {
    this.began();
    answer.then(() => this.answered(false), (error: unknown) => this.answered(error instanceof ProtocolError && error.code === 'unavailable'));
    return answer;
  }

  private judged<T extends Outcome>(answer: Promise<T>): Promise<T> {
    this.began();
    answer.then((outcome) => this.answered(isUnavailable(outcome)), () => this.answered(true));
    return answer;
  }

  private began(): void {
    if (this.inFlight === 0) this.answeredMs = this.parts.clock.monotonic();
    this.inFlight += 1;
  }

  private answered(suspect: boolean): void {
    this.inFlight -= 1;
    if (!suspect) this.answeredMs = this.parts.clock.monotonic();
    else if (this.state.kind === 'open') this.probe();
  }

  private probe(): void {
    if (this.probing || this.stopped) return;
    const { held } = this;
    if (!held) {
      if (this.state.kind === 'down') this.reopen();
      return;
    }
    this.probing = true;
    this.lookedMs = this.parts.clock.monotonic();
    this.look(held).then(
      (same) => this.seen(held, same),
      (error: unknown) => {
        if (this.held === held) this.down(held, error);
      },
    ).finally(() => {
      this.probing = false;
    });
  }

  /** Nobody waits for it: they have been refused, and come again. */
  private reopen(): void {
    this.state = { kind: 'opening', sinceMs: this.parts.clock.monotonic() - this.parts.bounds.wait_ms };
    void this.openAnew();
  }

  /** @returns whether the same log is still reached in the same way */
  private async look({ database }: Open): Promise<boolean> {
    if (await this.parts.moved(database.sealedUrl)) return false;
    const { clock, bounds } = this.parts;
    let cancel: Cancel = () => undefined;
    const late = new Promise<never>((_, reject) => {
      cancel = clock.after(bounds.probe_ms, () => reject(new Error(`it did not answer in ${bounds.probe_ms} ms`)));
    });
    const { epoch } = await Promise.race([database.storage.info(), late]).finally(() => cancel());
    return epoch === database.info.epoch;
  }

  private seen(held: Open, same: boolean): void {
    if (this.held !== held) return;
    if (!same) {
      // Restored, or reached by another URL: whoever works with it begins anew, and opens it again.
      this.close().catch(this.parts.failed);
      return;
    }
    this.failures = 0;
    this.answeredMs = this.parts.clock.monotonic();
    this.state = { kind: 'open', ...held };
  }
}

const isUnavailable = (outcome: Outcome): boolean => !outcome.ok && outcome.refusal.code === 'unavailable';

function unavailable(retryAfterMs?: number): ProtocolError {
  return new ProtocolError('unavailable', 'The database of the tenant does not answer at the moment.', retryAfterMs === undefined ? {} : { retryAfterMs: Math.ceil(retryAfterMs) });
}
