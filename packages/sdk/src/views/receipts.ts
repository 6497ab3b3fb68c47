/** How far the members of a conversation have seen and read. */
import type { Core } from '../core.js';
import type { TalariaError } from '../errors.js';
import type { MarkEvent } from '../mark-registers.js';
import { Cell, sameFields, type View } from './cell.js';
import { Reader } from './source.js';

export interface ReceiptsState {
  /** By user, as far as they share it. */
  readonly marks: ReadonlyMap<string, MarkEvent>;
  /** Whether it has all members: of a conversation with more than a thousand it has those who were the first. */
  readonly complete: boolean;
  readonly loading: boolean;
  readonly error: TalariaError | undefined;
}

export interface Receipts extends View<ReceiptsState> {
  /** Who of the others has read a message, as far as is known here. */
  readBy(message: { readonly seq: number; readonly sender_id: string | null }): readonly string[];
}

const PAGE_ITEMS = 200;
const PAGES_MAX = 5;

export class ReceiptsView implements Receipts {
  readonly get: () => ReceiptsState;
  readonly subscribe: View<ReceiptsState>['subscribe'];
  private readonly cell: Cell<ReceiptsState>;
  private readonly reader: Reader;
  private marks = new Map<string, MarkEvent>();
  private complete = false;
  private loading = true;
  private error: TalariaError | undefined;
  private readonly stops: readonly (() => void)[];
  private closed = false;

  constructor(private readonly core: Core, private readonly conversationId: string, private readonly ended: () => void) {
    this.cell = new Cell((before) => sameFields(before, { marks: this.marks, complete: this.complete, loading: this.loading, error: this.error }));
    this.get = this.cell.get;
    this.subscribe = this.cell.subscribe;
    this.reader = new Reader(core, (error) => {
      this.error = error;
      if (error && !error.retryable) this.loading = false;
      this.cell.changed();
    });
    const read = (): void => void this.reader.run((current) => this.load(current));
    this.stops = [
      core.events.on('mark', (mark) => {
        if (mark.conversationId === conversationId) this.put([mark]);
      }),
      core.events.on('resync', ({ stream }) => {
        if (stream !== '' && stream !== conversationId) return;
        this.marks = new Map();
        read();
      }),
    ];
    read();
  }

  readBy({ seq, sender_id: sender }: { readonly seq: number; readonly sender_id: string | null }): readonly string[] {
    return [...this.marks.values()].flatMap(({ userId, readSeq }) => (seq > 0 && readSeq >= seq && userId !== sender ? [userId] : []));
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.reader.close();
    for (const stop of this.stops) stop();
    this.ended();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  private async load(current: () => boolean): Promise<void> {
    let more = true;
    for (let pages = 0, after = 0; more && pages < PAGES_MAX; pages += 1) {
      const page = await this.core.listMarks(this.conversationId, after, PAGE_ITEMS);
      if (!current()) return;
      this.put(page.marks);
      ({ more } = page);
      after = page.marks.at(-1)?.version ?? after;
    }
    this.complete = !more;
    this.loading = false;
    this.cell.changed();
  }

  /** CNT3: the largest wins. */
  private put(marks: readonly MarkEvent[]): void {
    const next = new Map(this.marks);
    for (const { userId, deliveredSeq, readSeq } of marks) {
      const before = next.get(userId);
      next.set(userId, sameFields(before, {
        conversationId: this.conversationId, userId, deliveredSeq: Math.max(deliveredSeq, before?.deliveredSeq ?? 0), readSeq: Math.max(readSeq, before?.readSeq ?? 0),
      }));
    }
    if ([...next].every(([userId, mark]) => this.marks.get(userId) === mark)) return;
    this.marks = next;
    this.cell.changed();
  }
}
