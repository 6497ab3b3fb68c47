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

/** A batch takes some ms; a database that has not answered one for so long stands still, as its disk may. */
const STALLED_MS = 3_000;

type Waiting =
  | { readonly kind: 'command'; readonly command: Command; readonly lane: Lane; readonly turn: number; readonly settle: (outcome: AppendOutcome) => void }
  | { readonly kind: 'mark'; readonly update: MarkUpdate; readonly settle: (outcome: MarkOutcome) => void };

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

  /** @param commit writes one batch and resolves with an outcome for each entry, in order; it never rejects @param monotonic in ms */
  constructor(
    private readonly commit: (batch: readonly BatchEntry[]) => Promise<readonly BatchOutcome[]>, private readonly bounds: BatchBounds = defaultBatchBounds,
    private readonly monotonic: () => number = () => performance.now(),
  ) {}

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
    while (this.waiting.length > 0) {
      const entries = this.admit(this.waiting.splice(0, this.batchLength()));
      if (entries.length > 0) settleAll(entries, await this.handOver(entries));
    }
    this.running = undefined;
  }

  private async handOver(entries: readonly Waiting[]): Promise<readonly BatchOutcome[]> {
    this.handedMs = this.monotonic();
    const outcomes = await this.commit(entries.map(numbered()));
    this.handedMs = undefined;
    return outcomes;
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
  private admit(entries: readonly Waiting[]): Waiting[] {
    return entries.filter((entry) => {
      if (entry.kind === 'mark' || entry.lane.admit(entry.command.clientId, entry.turn)) return true;
      entry.settle(refused('predecessor_refused'));
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

function settleAll(entries: readonly Waiting[], outcomes: readonly BatchOutcome[]): void {
  entries.forEach((entry, at) => {
    const outcome = outcomes[at]!;
    if (entry.kind === 'mark') {
      entry.settle(outcome as MarkOutcome);
      return;
    }
    if (!outcome.ok && errorInfo(outcome.refusal.code).retryable) entry.lane.block(entry.command.clientId, entry.turn);
    entry.settle(outcome as AppendOutcome);
  });
}
