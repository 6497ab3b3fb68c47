/** The user's conversations as a list shows them. */
import type { Core } from '../core.js';
import type { TalariaError } from '../errors.js';
import type { OperationInput } from '../operations.js';
import type { Fact } from '../streams/fact.js';
import { Cell, sameFields, sameList, type View } from './cell.js';
import type { Own } from './own.js';
import type { ConversationView } from './row.js';
import { Rows } from './rows.js';
import { ask, connected, Reader } from './source.js';

export interface InboxOptions {
  readonly kind?: ConversationView['kind'] | undefined;
  /** Only what is unread. */
  readonly unread?: boolean | undefined;
  readonly pinned?: boolean | undefined;
  /** Default `excluded`. */
  readonly archived?: 'excluded' | 'only' | 'included' | undefined;
  /** `pinned`: what the user has pinned stands first. Default `activity`, the latest first. */
  readonly sort?: 'activity' | 'pinned' | undefined;
  /** Conversations of a page: 1 to 200. Default 50. */
  readonly page?: number | undefined;
}

/** What an inbox shows at a moment. */
export interface InboxState {
  readonly conversations: readonly ConversationView[];
  readonly hasMore: boolean;
  /** `first` until there is a first page. */
  readonly loading: 'first' | 'more' | false;
  /** Why something could not be read. What may pass is tried again by itself. */
  readonly error: TalariaError | undefined;
}

export interface Inbox extends View<InboxState> {
  /** Resolves when there is more, or it could not be read: then `error` says why. */
  loadMore(): Promise<void>;
}

const PAGE_ITEMS = 50;
const PAGE_ITEMS_MAX = 200;
/** Conversations that are kept up; what is further back is read again page by page. */
const ROWS_MAX = 1_000;
const SINCE_MAX = 1_000;

/** Where a conversation stands: above all that have a lower one. Who has moved since the list was read has the time of that. */
interface Place {
  readonly rank: number;
  readonly timeMs: number;
  /** What happened up to here has been taken into account. */
  readonly seq: number;
}

export class InboxView implements Inbox {
  readonly get: () => InboxState;
  readonly subscribe: View<InboxState>['subscribe'];
  private readonly cell: Cell<InboxState>;
  private readonly rows: Rows;
  private readonly reader: Reader;
  private readonly page: number;
  private readonly places = new Map<string, Place>();
  private rank = 0;
  /** What was told while the first page was read: it may know it. */
  private readonly heads = new Map<string, number>();
  private next: string | undefined;
  private loading: InboxState['loading'] = 'first';
  private error: TalariaError | undefined;
  private more: Promise<void> | undefined;
  private round = 0;
  private again = false;
  private reading = 0;
  /** Facts since what is being read was asked for. */
  private since: Fact[] = [];
  private readonly stops: readonly (() => void)[];
  private closed = false;

  constructor(private readonly core: Core, own: Own, private readonly options: InboxOptions, private readonly ended: () => void) {
    this.page = Math.min(Math.max(options.page ?? PAGE_ITEMS, 1), PAGE_ITEMS_MAX);
    this.cell = new Cell((before) => this.read(before));
    this.get = this.cell.get;
    this.subscribe = this.cell.subscribe;
    this.reader = new Reader(core, (error) => this.fail(error));
    let first = true;
    this.stops = [
      core.events.on('fact', (fact) => {
        if (this.reading > 0) this.note(fact);
      }),
      own.events.on('fact', ({ body }) => this.doubt(body['conversation_id'] !== undefined)),
      core.events.on('mark', ({ userId }) => this.doubt(userId === core.info?.user_id)),
      core.events.on('status', ({ state }) => {
        // What moved meanwhile is told in any order.
        if (state === 'connected' && !first) this.reload();
        first = false;
      }),
    ];
    this.rows = new Rows(core, own, {
      changed: (id, row) => this.changed(id, row),
      moved: (id, seq, timeMs) => this.moved(id, seq, timeMs),
      met: (id, timeMs) => this.meet(id, timeMs),
      unknown: (id, seq) => this.unknown(id, seq),
      lost: () => this.reload(),
      // That the user may see one no more is no error of the list.
      failed: (error) => (error.code === 'not_found' ? undefined : this.fail(error)),
    });
    void this.reader.run((current) => this.load(current));
  }

  async loadMore(): Promise<void> {
    if (this.next === undefined || this.loading === 'first' || this.closed) return;
    this.more ??= this.readMore().finally(() => {
      this.more = undefined;
    });
    await this.more;
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.round += 1;
    for (const stop of this.stops) stop();
    this.rows.close();
    this.reader.close();
    this.ended();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  private note(fact: Fact): void {
    this.since.push(fact);
    if (this.since.length <= SINCE_MAX) return;
    this.since.shift();
    this.again = true;
  }

  /** What is the user's own is no fact of a conversation: what is being read may be from before. */
  private doubt(own: boolean): void {
    if (own && this.reading > 0) this.again = true;
  }

  private changed(id: string, row: ConversationView | undefined): void {
    if (!row || row.membership?.left_seq !== null) this.drop(id);
    this.cell.changed();
  }

  private moved(id: string, seq: number, timeMs: number): void {
    const place = this.places.get(id);
    if (!place || seq <= place.seq) return;
    this.places.set(id, { rank: this.nextRank(), timeMs, seq });
    this.cell.changed();
  }

  private drop(id: string): void {
    this.rows.forget(id);
    this.places.delete(id);
  }

  /** One that is not in the list, or further back, and is the latest now. */
  private meet(id: string, timeMs: number): void {
    this.places.set(id, { rank: this.nextRank(), timeMs, seq: 0 });
    this.rows.read(id);
  }

  private unknown(id: string, seq: number): void {
    if (this.loading !== 'first') this.reload();
    else if (this.heads.size < ROWS_MAX) this.heads.set(id, seq);
  }

  /** The list is read again, as far as it is shown, once for all that happens meanwhile. */
  private reload(): void {
    if (this.closed) return;
    this.again = true;
    if (this.loading === 'first' || this.reading > 0) return;
    void this.reader.run((current) => this.load(current));
  }

  private async load(current: () => boolean): Promise<void> {
    do {
      this.again = false;
      this.round += 1;
      await this.reads(() => this.loadAll(current));
    } while (current() && this.again);
    if (!current()) return;
    this.loading = false;
    for (const [id, seq] of this.heads) if ((this.rows.get(id)?.head_seq ?? seq) < seq) this.rows.read(id);
    this.heads.clear();
    this.cell.changed();
  }

  private async loadAll(current: () => boolean): Promise<void> {
    const wanted = Math.max(this.places.size, this.page);
    const found: ConversationView[] = [];
    let next: string | undefined;
    do {
      const page = await this.list(Math.min(Math.max(wanted - found.length, this.page), PAGE_ITEMS_MAX), next);
      found.push(...page.items);
      next = page.next ?? undefined;
    } while (current() && next !== undefined && found.length < Math.min(wanted, ROWS_MAX));
    if (!current()) return;
    const ids = new Set(found.map(({ id }) => id));
    for (const id of [...this.places.keys()]) if (!ids.has(id)) this.drop(id);
    this.next = next;
    this.rank += found.length;
    this.placeAll(found, this.rank);
    // What came meanwhile to one that was not in the list.
    for (const { stream, timeMs } of this.since) if (!ids.has(stream) && stream !== this.core.info?.user_id) this.meet(stream, timeMs);
  }

  /** The latest first. What has moved since stands above. */
  private placeAll(found: readonly ConversationView[], top: number): void {
    const { since } = this;
    for (const [at, row] of found.entries()) {
      this.places.set(row.id, { rank: top - at, timeMs: 0, seq: row.head_seq });
      this.rows.put(row, since.filter((fact) => fact.stream === row.id));
    }
    for (const { stream, seq, timeMs } of since) this.moved(stream, seq, timeMs);
    this.cell.changed();
  }

  private async readMore(): Promise<void> {
    const { round } = this;
    this.loading = 'more';
    this.cell.changed();
    try {
      await connected(this.core);
      await this.reads(async () => {
        const page = await this.list(this.page, this.next);
        if (round !== this.round) return;
        this.next = page.next ?? undefined;
        const fresh = page.items.filter(({ id }) => !this.places.has(id));
        const lowest = Math.min(...[...this.places.values()].map(({ rank }) => rank), this.rank);
        this.placeAll(fresh, lowest - 1);
      });
      if (round === this.round) this.error = undefined;
    } catch (error) {
      if (round === this.round) this.error = error as TalariaError;
    }
    if (this.loading === 'more') this.loading = false;
    this.cell.changed();
    if (this.again) this.reload();
  }

  private list(limit: number, after: string | undefined) {
    const { kind, unread, pinned, archived, sort } = this.options;
    return ask(this.core, 'inbox.list', { user_id: 'me', kind, unread_only: unread, pinned, archived, sort, limit, after } satisfies OperationInput<'inbox.list'>);
  }

  private async reads(read: () => Promise<void>): Promise<void> {
    if (this.reading === 0) this.since = [];
    this.reading += 1;
    try {
      await read();
    } finally {
      this.reading -= 1;
    }
  }

  private nextRank(): number {
    this.rank += 1;
    return this.rank;
  }

  private fail(error: TalariaError | undefined): void {
    this.error = error;
    if (error && !error.retryable) this.loading = false;
    this.cell.changed();
  }

  private shows({ kind, membership }: ConversationView): boolean {
    const { options } = this;
    if (!membership || membership.hidden || (options.kind !== undefined && kind !== options.kind)) return false;
    if (options.unread === true && membership.unread === 0) return false;
    if (options.pinned !== undefined && (membership.pinned_ms !== null) !== options.pinned) return false;
    return options.archived === 'included' || (membership.archived_ms !== null) === (options.archived === 'only');
  }

  private read(before: InboxState | undefined): InboxState {
    const pins = ({ membership }: ConversationView): number => (this.options.sort === 'pinned' && membership?.pinned_ms != null ? 1 : 0);
    const shown = [...this.places].flatMap(([id, place]) => {
      const row = this.rows.get(id);
      return row && this.shows(row) ? [{ row, place }] : [];
    }).sort((left, right) => pins(right.row) - pins(left.row) || compare(left.place, right.place));
    return sameFields(before, { conversations: sameList(before?.conversations, shown.map(({ row }) => row)), hasMore: this.next !== undefined, loading: this.loading, error: this.error });
  }
}

/** What has moved since the list was read stands by its time: what is told of several streams may come in another order. */
function compare(left: Place, right: Place): number {
  if (left.timeMs > 0 && right.timeMs > 0) return right.timeMs - left.timeMs || right.rank - left.rank;
  return right.rank - left.rank;
}
