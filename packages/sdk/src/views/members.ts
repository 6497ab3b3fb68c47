/** The members of a conversation, page by page. */
import type { Member } from '@talaria/protocol/types';
import type { Core } from '../core.js';
import type { TalariaError } from '../errors.js';
import type { Fact } from '../streams/fact.js';
import { Cell, sameFields, sameList, type View } from './cell.js';
import { ask, Reader } from './source.js';

/** As HTTP shows one. */
export type MemberView = Member;

/** How members are read. */
export interface MembersOptions {
  /** Members of a page: 1 to 200. Default 50. */
  readonly page?: number | undefined;
}

/** What a list of members shows at a moment. */
export interface MembersState {
  readonly members: readonly MemberView[];
  readonly hasMore: boolean;
  readonly loading: 'first' | 'more' | false;
  readonly error: TalariaError | undefined;
}

export interface Members extends View<MembersState> {
  /** Resolves when there are more, or they could not be read: then `error` says why. */
  loadMore(): Promise<void>;
}

const PAGE_ITEMS = 50;
const PAGE_ITEMS_MAX = 200;
/** Members who are kept. */
const MEMBERS_MAX = 2_000;

export class MembersView implements Members {
  readonly get: () => MembersState;
  readonly subscribe: View<MembersState>['subscribe'];
  private readonly cell: Cell<MembersState>;
  private readonly reader: Reader;
  private readonly page: number;
  private members = new Map<string, MemberView>();
  private next: string | undefined;
  private loading: MembersState['loading'] = 'first';
  private error: TalariaError | undefined;
  private more: Promise<void> | undefined;
  /** Facts since what is being read was asked for: to do them again does no harm. */
  private since: Fact[] = [];
  private readonly stops: readonly (() => void)[];
  private closed = false;

  constructor(private readonly core: Core, private readonly conversationId: string, options: MembersOptions, private readonly ended: () => void) {
    this.page = Math.min(Math.max(options.page ?? PAGE_ITEMS, 1), PAGE_ITEMS_MAX);
    this.cell = new Cell((before) => sameFields(before, {
      members: sameList(before?.members, [...this.members.values()]), hasMore: this.next !== undefined && this.members.size < MEMBERS_MAX, loading: this.loading, error: this.error,
    }));
    this.get = this.cell.get;
    this.subscribe = this.cell.subscribe;
    this.reader = new Reader(core, (error) => {
      this.error = error;
      if (error && !error.retryable) this.loading = false;
      this.cell.changed();
    });
    this.stops = [
      core.events.on('fact', (fact) => {
        if (fact.stream === conversationId && fact.type.startsWith('member.')) this.take(fact);
      }),
      core.events.on('skipped', ({ stream }) => {
        if (stream === conversationId) void this.reload();
      }),
      core.events.on('resync', ({ stream }) => {
        if (stream === '' || stream === conversationId) void this.reload();
      }),
    ];
    void this.reload();
  }

  async loadMore(): Promise<void> {
    if (!this.get().hasMore || this.loading === 'first' || this.closed) return;
    this.loading = 'more';
    this.cell.changed();
    this.more ??= this.reader.run((current) => this.load(this.next, current)).finally(() => {
      this.more = undefined;
    });
    await this.more;
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

  private reload(): Promise<void> {
    return this.reader.run((current) => this.load(undefined, current));
  }

  private async load(after: string | undefined, current: () => boolean): Promise<void> {
    this.since = [];
    const page = await ask(this.core, 'members.list', { conversation_id: this.conversationId, limit: this.page, after });
    if (!current()) return;
    const before = this.members;
    const known = after === undefined ? new Map<string, MemberView>() : new Map(before);
    for (const item of page.items) known.set(item.user_id, sameFields(before.get(item.user_id), item));
    this.members = known;
    this.next = page.next ?? undefined;
    this.loading = false;
    for (const fact of this.since) this.fold(fact);
    this.cell.changed();
  }

  private take(fact: Fact): void {
    this.since.push(fact);
    if (this.since.length > PAGE_ITEMS_MAX) this.since.shift();
    this.fold(fact);
    this.cell.changed();
  }

  private fold({ type, seq, timeMs, body }: Fact): void {
    const id = body['user_id'] as string;
    const known = this.members.get(id);
    const role = body['role'] as string;
    if (type === 'member.left') this.members.delete(id);
    else if (type === 'member.joined') this.members.set(id, sameFields(known, { user_id: id, role, joined_seq: seq, joined_ms: timeMs }));
    else if (known) this.members.set(id, sameFields(known, { ...known, role }));
  }
}
