import { errorInfo } from '@talaria/protocol';
import type { AppendOutcome, Command, MarkOutcome, MarkUpdate } from './command.js';
import type { Lane } from './lane.js';

/** One entry of a batch. `lane` tells commands of one lane apart from others inside the batch. */
export type BatchEntry =
  | { readonly kind: 'command'; readonly command: Command; readonly lane: number }
  | { readonly kind: 'mark'; readonly update: MarkUpdate };
export type BatchOutcome = AppendOutcome | MarkOutcome;

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
  /** Begins a batch. Of its entries some may still drop out before it is committed. */
  begin(batch: readonly BatchEntry[]): BegunBatch;
  /** When so many entries wait, a batch of them is begun while the one before is still being committed. */
  readonly ahead_min: number;
}

export interface BegunBatch {
  /** Commits those of its entries that are left, once it is known what became of the batch before. */
  commit(batch: readonly BatchEntry[]): Committing;
}

export interface Committing {
  /** The next batch may be begun: this one asks the database for nothing more. */
  readonly asked: Promise<void>;
  /** One for each entry, in order; it never rejects. */
  readonly outcomes: Promise<readonly BatchOutcome[]>;
}

/** Batches that are written one after the other. @param commit resolves with an outcome for each entry, in order; it never rejects */
export function oneAfterTheOther(commit: (batch: readonly BatchEntry[]) => Promise<readonly BatchOutcome[]>): Committer {
  return {
    ahead_min: Number.POSITIVE_INFINITY,
    begin: () => ({
      commit(batch) {
        const outcomes = batch.length === 0 ? Promise.resolve([]) : commit(batch);
        return { asked: outcomes.then(() => undefined), outcomes };
      },
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
  readonly entries: readonly { readonly waiting: Waiting; readonly entry: BatchEntry }[];
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
  private running: Promise<void> | undefined;
  private stopped = false;
  /** When the running batch was handed to the database. */
  private handedMs: number | undefined;

  /** @param monotonic in ms */
  constructor(private readonly committer: Committer, private readonly bounds: BatchBounds = defaultBatchBounds, private readonly monotonic: () => number = () => performance.now()) {}

  /** Whether the database has not answered a batch for 3 s. What is appended meanwhile waits. */
  get stalled(): boolean {
    return this.handedMs !== undefined && this.monotonic() - this.handedMs >= STALLED_MS;
  }

  /** Whether the next append would be refused. */
  get full(): boolean {
    return this.waiting.length >= this.bounds.waiting_max;
  }

  append(command: Command, lane: Lane): Promise<AppendOutcome> {
    if (this.stopped) return Promise.resolve(this.refuse(lane, command, 'draining'));
    if (this.full) return Promise.resolve(this.refuse(lane, command, 'overloaded', this.bounds.overloaded_retry_ms));
    return new Promise((settle) => this.enqueue({ kind: 'command', command, lane, turn: lane.take(), settle }));
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
    this.running ??= this.drain();
  }

  private async drain(): Promise<void> {
    // The end of the turn: what one socket read brought goes together.
    await Promise.resolve();
    for (let next = this.take(1); next; ) {
      const admitted = this.admit(next);
      this.handedMs = this.monotonic();
      const { asked, outcomes } = next.begun.commit(admitted.map(({ entry }) => entry));
      await asked;
      const ahead = this.take(this.committer.ahead_min);
      const settled = await outcomes;
      this.handedMs = undefined;
      settleAll(admitted, settled);
      next = ahead ?? this.take(1);
    }
    this.running = undefined;
  }

  /** Begins a batch of what waits. @returns undefined when that is less than `least` */
  private take(least: number): Taken | undefined {
    if (this.waiting.length < least) return undefined;
    const toEntry = numbered();
    const entries = this.waiting.splice(0, this.batchLength()).map((waiting) => ({ waiting, entry: toEntry(waiting) }));
    return { entries, begun: this.committer.begin(entries.map(({ entry }) => entry)) };
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

  /** SND4: what stands behind a command that was refused retryably meanwhile does not go. */
  private admit({ entries }: Taken): Taken['entries'] {
    return entries.filter(({ waiting }) => {
      if (waiting.kind === 'mark' || waiting.lane.admit(waiting.command.clientId, waiting.turn)) return true;
      waiting.settle(refused('predecessor_refused'));
      return false;
    });
  }
}

/** A text, or the app's own data, is what can be long in a command. */
function charsOf(entry: Waiting): number {
  if (entry.kind === 'mark') return 0;
  const { command } = entry;
  if (command.kind === 'message.send') return command.payload.length;
  return ('text' in command ? command.text?.length ?? 0 : 0) + ('data' in command ? command.data?.length ?? 0 : 0);
}

function numbered(): (entry: Waiting) => BatchEntry {
  const lanes = new Map<Lane, number>();
  return (entry) => {
    if (entry.kind === 'mark') return { kind: 'mark', update: entry.update };
    let lane = lanes.get(entry.lane);
    if (lane === undefined) {
      lane = lanes.size;
      lanes.set(entry.lane, lane);
    }
    return { kind: 'command', command: entry.command, lane };
  };
}

function settleAll(entries: Taken['entries'], outcomes: readonly BatchOutcome[]): void {
  entries.forEach(({ waiting }, at) => {
    const outcome = outcomes[at]!;
    if (waiting.kind === 'mark') {
      waiting.settle(outcome as MarkOutcome);
      return;
    }
    if (!outcome.ok && errorInfo(outcome.refusal.code).retryable) waiting.lane.block(waiting.command.clientId, waiting.turn);
    waiting.settle(outcome as AppendOutcome);
  });
}
