import { errorInfo } from '@talaria/protocol';
import type { AppendOutcome, Command, MarkOutcome, MarkUpdate } from './command.js';
import type { Lane } from './lane.js';
import type { CommitCounts } from './port.js';

/** One entry of a batch. `lane` tells commands of one lane apart from others, in this batch and in those around it. */
export type BatchEntry =
  | { readonly kind: 'command'; readonly command: Command; readonly lane: number }
  | { readonly kind: 'mark'; readonly update: MarkUpdate };
export type BatchOutcome = AppendOutcome | MarkOutcome;

/** Whether it was refused so that it may be sent again: what stands behind it in its lane waits for that (SND4). */
export const isRetryable = (outcome: BatchOutcome): boolean => !outcome.ok && errorInfo(outcome.refusal.code).retryable;

export interface BatchBounds {
  /** About how many characters of text the commands of one transaction may have together. */
  readonly batch_chars_max: number;
  /** Entries that wait; above it a command is refused as `overloaded` at once (FLW2, FLW3). */
  readonly waiting_max: number;
  readonly overloaded_retry_ms: number;
}

export const defaultBatchBounds: BatchBounds = { batch_chars_max: 4_194_304, waiting_max: 16_384, overloaded_retry_ms: 250 };

/** What writes batches. */
export interface Committer {
  /** Begins a batch. @param ahead behind the one that was begun last, of which it is not yet known what becomes of it */
  begin(batch: readonly BatchEntry[], ahead: boolean): BegunBatch;
  /** When so many entries wait, and as many as the batch has that is being committed, a batch of them is begun behind it. */
  readonly ahead_min: number;
  /** How many may be begun behind the one that is being committed. */
  readonly ahead_max: number;
}

export interface BegunBatch {
  /** Its turn has come: the outcomes of all batches before it are known. */
  commit(): Committing;
  /** It will not be committed: one before it was not run. Its entries begin anew. */
  forget(): void;
}

export interface Committing {
  /** The next batch may be begun: this one asks the database for nothing more. */
  readonly asked: Promise<void>;
  /**
   * One for each entry, in order; it never rejects. Undefined when nothing of the batch was written, because it was begun behind
   * another one in which a command was refused retryably, or of which it was not known what became of it: commands of this
   * batch may stand behind that one in their lanes (SND4).
   */
  readonly outcomes: Promise<readonly BatchOutcome[] | undefined>;
}

/** Batches that are written one after the other. @param commit resolves with an outcome for each entry, in order; it never rejects */
export function oneAfterTheOther(commit: (batch: readonly BatchEntry[]) => Promise<readonly BatchOutcome[]>): Committer {
  return {
    ahead_min: 1, ahead_max: 0,
    begin: (batch) => ({
      commit() {
        const outcomes = commit(batch);
        return { asked: outcomes.then(() => undefined), outcomes };
      },
      forget: () => undefined,
    }),
  };
}

/** A batch takes some ms; a database that has not answered one for so long stands still, as its disk may. */
const STALLED_MS = 3_000;

type Waiting =
  | { readonly kind: 'command'; readonly command: Command; readonly lane: Lane; readonly turn: number; readonly settle: (outcome: AppendOutcome) => void }
  | { readonly kind: 'mark'; readonly update: MarkUpdate; readonly settle: (outcome: MarkOutcome) => void };

/** A batch on its way: what waits for each entry of it. */
interface Taken {
  readonly entries: readonly Waiting[];
  readonly begun: BegunBatch;
}

const refused = (code: 'predecessor_refused' | 'overloaded' | 'draining', retryAfterMs?: number): Extract<AppendOutcome, { ok: false }> => ({
  ok: false, refusal: { code, message: errorInfo(code).text, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) },
});

/**
 * Gathers appends of all connections while the previous commit runs and hands them on as one batch. There is no
 * timer: a lone append goes at the end of the current turn, and what arrives meanwhile goes together next.
 */
export class GroupCommit {
  private waiting: Waiting[] = [];
  /** The batch that is being committed, once others may be begun behind it. */
  private committing: Taken | undefined;
  /** Those that were. */
  private readonly ahead: Taken[] = [];
  private beginsSoon = false;
  private running: Promise<void> | undefined;
  private stopped = false;
  private readonly laneNumbers = new WeakMap<Lane, number>();
  private lanes = 0;
  /** When the running batch was handed to the database. */
  private handedMs: number | undefined;

  /** Of batches that were answered. */
  private count = 0;
  private ms = 0;

  /** @param monotonic in ms */
  constructor(private readonly committer: Committer, private readonly bounds: BatchBounds = defaultBatchBounds, private readonly monotonic: () => number = () => performance.now()) {}

  /** Whether the database has not answered a batch for 3 s. What is appended meanwhile waits. */
  get stalled(): boolean {
    return this.handedMs !== undefined && this.monotonic() - this.handedMs >= STALLED_MS;
  }

  get commits(): CommitCounts {
    return { count: this.count, ms: this.ms };
  }

  /** Whether the next append would be refused. */
  get full(): boolean {
    return this.ahead.reduce((count, { entries }) => count + entries.length, this.waiting.length) >= this.bounds.waiting_max;
  }

  append(command: Command, lane: Lane): Promise<AppendOutcome> {
    if (this.stopped) return Promise.resolve(this.refuse(lane, command, 'draining'));
    if (this.full) return Promise.resolve(this.refuse(lane, command, 'overloaded', this.bounds.overloaded_retry_ms));
    return new Promise((settle) => this.enqueue({ kind: 'command', command, lane, turn: lane.take(command.clientId), settle }));
  }

  mark(update: MarkUpdate): Promise<MarkOutcome> {
    if (this.stopped) return Promise.resolve(refused('draining'));
    if (this.full) return Promise.resolve(refused('overloaded', this.bounds.overloaded_retry_ms));
    return new Promise((settle) => this.enqueue({ kind: 'mark', update, settle }));
  }

  /** Refuses everything from now on, and commits what waits. */
  async stop(): Promise<void> {
    this.stopped = true;
    await this.running;
  }

  private refuse(lane: Lane, command: Command, code: 'overloaded' | 'draining', retryAfterMs?: number): AppendOutcome {
    lane.block(command.clientId);
    return refused(code, retryAfterMs);
  }

  private enqueue(entry: Waiting): void {
    this.waiting.push(entry);
    if (!this.running) this.running = this.drain();
    else if (this.beginsMore && !this.beginsSoon) {
      this.beginsSoon = true;
      // At the end of the turn, as below.
      queueMicrotask(() => {
        this.beginsSoon = false;
        this.beginAhead();
      });
    }
  }

  private async drain(): Promise<void> {
    // The end of the turn: what one socket read brought goes together.
    await Promise.resolve();
    for (let next = this.take(false); next; next = this.ahead.shift() ?? this.take(false)) {
      const handedMs = this.monotonic();
      this.handedMs = handedMs;
      const { asked, outcomes } = next.begun.commit();
      await asked;
      this.committing = next;
      this.beginAhead();
      const settled = await outcomes;
      this.committing = undefined;
      this.handedMs = undefined;
      this.count += 1;
      this.ms += this.monotonic() - handedMs;
      if (settled) settleAll(next.entries, settled);
      else this.takeBack(next);
    }
    this.running = undefined;
  }

  private get beginsMore(): boolean {
    const { ahead_min, ahead_max } = this.committer;
    return this.committing !== undefined && this.ahead.length < ahead_max && this.waiting.length >= Math.max(ahead_min, this.committing.entries.length);
  }

  private beginAhead(): void {
    if (!this.beginsMore) return;
    const begun = this.take(true);
    if (begun) this.ahead.push(begun);
  }

  /** It and what was begun behind it wait again, in their order. */
  private takeBack(first: Taken): void {
    const behind = this.ahead.splice(0);
    for (const { begun } of behind) begun.forget();
    this.waiting = [first, ...behind].flatMap<Waiting>(({ entries }) => entries).concat(this.waiting);
  }

  /** Begins a batch of what waits and may go on. @returns undefined when there is nothing */
  private take(ahead: boolean): Taken | undefined {
    while (this.waiting.length > 0) {
      const entries = this.admit(this.waiting.splice(0, this.batchLength()));
      if (entries.length > 0) return { entries, begun: this.committer.begin(entries.map((one) => this.entryOf(one)), ahead) };
    }
    return undefined;
  }

  /**
   * Everything that waits goes together, as long as it is not too much text: under overload the event loop comes round seldom,
   * and a batch that is bounded by its number would leave the writer idle until then.
   */
  private batchLength(): number {
    let chars = 0;
    const end = this.waiting.findIndex((entry) => (chars += charsOf(entry)) > this.bounds.batch_chars_max);
    return end < 0 ? this.waiting.length : Math.max(1, end);
  }

  /** SND4: what stands behind a command that was refused retryably does not go. */
  private admit(entries: readonly Waiting[]): readonly Waiting[] {
    return entries.filter((waiting) => {
      if (waiting.kind === 'mark' || waiting.lane.admit(waiting.command.clientId, waiting.turn)) return true;
      waiting.settle(refused('predecessor_refused'));
      return false;
    });
  }

  private entryOf(waiting: Waiting): BatchEntry {
    if (waiting.kind === 'mark') return { kind: 'mark', update: waiting.update };
    return { kind: 'command', command: waiting.command, lane: this.numberOf(waiting.lane) };
  }

  private numberOf(lane: Lane): number {
    let number = this.laneNumbers.get(lane);
    if (number === undefined) {
      number = this.lanes;
      this.lanes += 1;
      this.laneNumbers.set(lane, number);
    }
    return number;
  }
}

/** A text, or the app's own data, is what can be long in a command. */
function charsOf(entry: Waiting): number {
  if (entry.kind === 'mark') return 0;
  const { command } = entry;
  if (command.kind === 'message.send') return command.payload.length;
  return ('text' in command ? command.text?.length ?? 0 : 0) + ('data' in command ? command.data?.length ?? 0 : 0);
}

function settleAll(entries: Taken['entries'], outcomes: readonly BatchOutcome[]): void {
  entries.forEach((waiting, at) => {
    const outcome = outcomes[at]!;
    if (waiting.kind === 'mark') {
      waiting.settle(outcome as MarkOutcome);
      return;
    }
    if (isRetryable(outcome)) waiting.lane.block(waiting.command.clientId, waiting.turn);
    waiting.settle(outcome as AppendOutcome);
  });
}
