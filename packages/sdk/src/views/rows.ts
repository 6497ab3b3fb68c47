/** Rows of conversations that are kept up: by facts where these say all, and read again where they do not. */
import type { Core } from '../core.js';
import type { TalariaError } from '../errors.js';
import type { MarkEvent } from '../mark-registers.js';
import type { Fact } from '../streams/fact.js';
import type { Own } from './own.js';
import { advance, advanceOwn, readTo, type ConversationView } from './row.js';
import { ask, connected } from './source.js';

interface Kept {
  row: ConversationView | undefined;
  /** It must be read, again if it is being read. */
  stale: boolean;
  reading: boolean;
  /** Facts since it was asked for. */
  since: Fact[];
  mark: MarkEvent | undefined;
  cancel: () => void;
}

export interface RowsEvents {
  /** A row is another; undefined when the user may not see it any more. */
  changed(id: string, row: ConversationView | undefined): void;
  /** Something has happened in a conversation, at that seq and time. Its row may have known. */
  moved(id: string, seq: number, timeMs: number): void;
  /** Something happened in a conversation of which there is no row, or the user is in one that is new to them. */
  met(id: string, activityMs: number): void;
  /** A conversation of which there is no row has another place among those of the user, or is at that seq. */
  unknown(id: string, seq: number): void;
  /** Whatever was told may be no more so. */
  lost(): void;
  failed(error: TalariaError): void;
}

/** Rows that are read at once. */
const READS_MAX = 4;
const RETRY_MS = 2_000;
const SINCE_MAX = 200;

export class Rows {
  private readonly kept = new Map<string, Kept>();
  private readonly waiting = new Set<string>();
  private reading = 0;
  private closed = false;
  private readonly stops: readonly (() => void)[];

  constructor(private readonly core: Core, private readonly own: Own, private readonly events: RowsEvents) {
    own.want();
    this.stops = [
      core.events.on('fact', (fact) => (fact.stream === core.info?.user_id ? this.takeOwn(fact) : this.take(fact))),
      core.events.on('mark', (mark) => this.mark(mark)),
      core.events.on('head', ({ conversationId, seq }) => this.head(conversationId, seq)),
      core.events.on('skipped', ({ stream }) => {
        if (stream === core.info?.user_id) events.lost();
        else this.read(stream);
      }),
      core.events.on('resync', ({ stream }) => {
        if (stream === '' || stream === core.info?.user_id) events.lost();
        else this.read(stream);
      }),
      own.events.on('shows', () => events.lost()),
    ];
  }

  get(id: string): ConversationView | undefined {
    return this.kept.get(id)?.row;
  }

  /** A row that was read, and the facts since it was asked for. */
  put(row: ConversationView, since: readonly Fact[]): void {
    const kept = this.keep(row.id);
    // What was read with others may be older than what is known.
    if (!kept.row || row.head_seq >= kept.row.head_seq) this.place(kept, row, since);
  }

  private place(kept: Kept, row: ConversationView, since: readonly Fact[]): void {
    if (JSON.stringify(row) !== JSON.stringify(kept.row)) kept.row = row;
    for (const fact of since) this.fold(kept, fact);
    if (kept.mark) this.fit(kept, kept.row && readTo(kept.row, kept.mark.readSeq, kept.mark.deliveredSeq));
  }

  /** Asks for a row, whether there is one or not. */
  read(id: string): void {
    if (this.closed) return;
    const kept = this.keep(id);
    kept.stale = true;
    if (kept.reading) return;
    this.waiting.add(id);
    this.next();
  }

  /** Nothing of it is wanted any more. */
  forget(id: string): void {
    this.kept.get(id)?.cancel();
    this.kept.delete(id);
    this.waiting.delete(id);
  }

  close(): void {
    this.closed = true;
    for (const stop of this.stops) stop();
    for (const id of this.kept.keys()) this.forget(id);
  }

  private keep(id: string): Kept {
    const kept = this.kept.get(id) ?? { row: undefined, stale: false, reading: false, since: [], mark: undefined, cancel: () => undefined };
    this.kept.set(id, kept);
    return kept;
  }

  private take(fact: Fact): void {
    const kept = this.kept.get(fact.stream);
    if (!kept) {
      this.events.met(fact.stream, fact.timeMs);
      return;
    }
    this.note(kept, fact);
    const before = kept.row;
    this.events.moved(fact.stream, fact.seq, fact.timeMs);
    // It is being read for the first time; or is known already.
    if (!before || fact.seq <= before.head_seq) return;
    this.fold(kept, fact);
    this.events.changed(fact.stream, kept.row);
  }

  private note(kept: Kept, fact: Fact): void {
    if (!kept.reading) return;
    kept.since.push(fact);
    // So much that the row is read once more.
    if (kept.since.length > SINCE_MAX) {
      kept.since.shift();
      kept.stale = true;
    }
  }

  private fold(kept: Kept, fact: Fact): void {
    if (!kept.row) return;
    const hides = (userId: string): boolean => kept.row?.kind !== 'direct' && this.own.hidesUser(userId);
    this.fit(kept, advance(kept.row, fact, this.core.info?.user_id ?? '', hides));
  }

  private fit(kept: Kept, row: ConversationView | undefined): void {
    if (row) kept.row = row;
    else if (kept.row) this.read(kept.row.id);
  }

  private takeOwn(fact: Fact): void {
    const id = fact.body['conversation_id'];
    if (typeof id !== 'string' || !['conversation.added', 'conversation.removed', 'conversation.unread_set', 'conversation.preferences_set', 'message.hidden'].includes(fact.type)) return;
    const kept = this.kept.get(id);
    // What is being read may be from before.
    if (kept?.reading) kept.stale = true;
    if (fact.type === 'conversation.added') {
      this.events.met(id, fact.timeMs);
      return;
    }
    if (!kept?.row) {
      if (kept) this.read(id);
      else this.events.unknown(id, 0);
      return;
    }
    this.fit(kept, advanceOwn(kept.row, fact));
    this.events.changed(id, kept.row);
  }

  private mark(mark: MarkEvent): void {
    const kept = mark.userId === this.core.info?.user_id ? this.kept.get(mark.conversationId) : undefined;
    if (!kept) return;
    kept.mark = mark;
    if (kept.reading) kept.stale = true;
    if (!kept.row) return;
    const next = readTo(kept.row, mark.readSeq, mark.deliveredSeq);
    // One that moves nothing takes "marked unread" away (CNT3).
    this.fit(kept, next === kept.row ? undefined : next);
    this.events.changed(mark.conversationId, kept.row);
  }

  private head(id: string, seq: number): void {
    const row = this.kept.get(id)?.row;
    if (!row) this.events.unknown(id, seq);
    else if (seq > row.head_seq) {
      this.read(id);
      this.events.moved(id, seq, this.core.now());
    }
  }

  private next(): void {
    for (const id of this.waiting) {
      if (this.reading >= READS_MAX) return;
      this.waiting.delete(id);
      void this.ask(id);
    }
  }

  private async ask(id: string): Promise<void> {
    const kept = this.keep(id);
    const gone = (): boolean => this.closed || this.kept.get(id) !== kept;
    this.reading += 1;
    kept.reading = true;
    try {
      await connected(this.core);
      kept.stale = false;
      kept.since = [];
      const row = await ask(this.core, 'conversations.get', { conversation_id: id });
      if (gone()) return;
      this.place(kept, row, kept.since);
      // Who has left may be back by now.
      if (!kept.stale || row.membership?.left_seq === null) this.events.changed(id, kept.row);
    } catch (cause) {
      if (gone()) return;
      const error = cause as TalariaError;
      if (error.retryable) {
        kept.cancel = this.core.runtime.after(Math.max(error.retryAfterMs, RETRY_MS), () => this.read(id));
      } else if (!kept.stale) {
        kept.row = undefined;
        this.events.failed(error);
        this.events.changed(id, undefined);
      }
    } finally {
      this.reading -= 1;
      kept.reading = false;
      if (kept.stale && !gone()) this.waiting.add(id);
      this.next();
    }
  }
}
