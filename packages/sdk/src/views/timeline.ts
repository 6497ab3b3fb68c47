/** The messages of a conversation, or of a thread, as a screen shows them. */
import { parseMessageId } from '@talaria/protocol';
import type { CommandOptions, SendOptions } from '../conversation/conversation.js';
import { sendCommand, type MessageContent } from '../conversation/message.js';
import type { Core } from '../core.js';
import type { TalariaError } from '../errors.js';
import type { OperationInput, OperationOutput, UserCommand } from '../operations.js';
import type { Committed } from '../outbox/entry.js';
import type { MessageView } from '../state/index.js';
import type { Fact, Skipped } from '../streams/fact.js';
import { Cell, sameFields, sameList, type View } from './cell.js';
import { MessageWindow, type Page } from './message-window.js';
import { OutgoingMessages } from './outgoing.js';
import type { Own } from './own.js';
import { ask, connected, Reader } from './source.js';
import { keyOf, type TimelineEntry } from './timeline-entry.js';

/** What of a conversation a timeline shows, and how much of it. */
export interface TimelineOptions {
  /** The id of the message that a thread began with: the replies of that thread, instead of the conversation's own history. */
  readonly threadId?: string | undefined;
  /** A seq around which the first page is; by default it is the newest one. */
  readonly around?: number | undefined;
  /** Messages of a page: 1 to 200. Default 50. */
  readonly page?: number | undefined;
  /** Messages that are kept; of more, those at the far end go, and are read again when they are wanted. At least two pages. Default 500. */
  readonly max?: number | undefined;
}

/** What a timeline shows at a moment. */
export interface TimelineState {
  /** Ascending; what has no place yet stands at the end. */
  readonly entries: readonly TimelineEntry[];
  /** Of a thread: the message that it began with. */
  readonly root: MessageView | undefined;
  readonly hasOlder: boolean;
  /** Also false while nothing is known yet. */
  readonly hasNewer: boolean;
  /** What is being read; `first` until there is a first page. */
  readonly loading: 'first' | 'older' | 'newer' | false;
  /** Why something could not be read. What may pass is tried again by itself. */
  readonly error: TalariaError | undefined;
}

export interface Timeline extends View<TimelineState> {
  readonly conversationId: string;
  readonly threadId: string | undefined;
  /** Each resolves when it is there, or could not be read: then `error` says why. */
  loadOlder(): Promise<void>;
  loadNewer(): Promise<void>;
  /** Shows the messages around a place instead. */
  around(seq: number): Promise<void>;
  jumpToLatest(): Promise<void>;
  /** Sends a message: it is there at once. In a thread, as a reply. */
  send(content: MessageContent | string, options?: Pick<SendOptions, 'clientId'>): SentMessage;
  /** Sends a message again that was refused. @returns whether there was one */
  resend(entry: Pick<TimelineEntry, 'key'>): boolean;
  /** Takes a message away that has no place and is not on its way. @returns whether it is away */
  discard(entry: Pick<TimelineEntry, 'key'>): Promise<boolean>;
  /** @throws TalariaError what the server finally refuses */
  edit(message: Pick<MessageView, 'id'>, content: Pick<OperationInput<'messages.edit'>, 'text' | 'data' | 'mentions'>, options?: CommandOptions): Promise<OperationOutput<'messages.edit'>>;
  /** For everyone. @throws TalariaError what the server finally refuses */
  remove(message: Pick<MessageView, 'id'>, options?: CommandOptions): Promise<OperationOutput<'messages.delete'>>;
  /** @throws TalariaError what the server finally refuses */
  react(message: Pick<MessageView, 'id'>, reaction: string, options?: CommandOptions): Promise<OperationOutput<'reactions.add'>>;
  /** @throws TalariaError what the server finally refuses */
  unreact(message: Pick<MessageView, 'id'>, reaction: string, options?: CommandOptions): Promise<OperationOutput<'reactions.remove'>>;
  /** Everything up to a message, by default the last one that is shown, has been read. */
  markRead(message?: Pick<MessageView, 'seq'>): void;
}

/** A message that was sent from a timeline, and what becomes of it. */
export interface SentMessage {
  /** Of the line that shows it. */
  readonly key: string;
  /** The outbox has it: it is sent once, or refused and shown so, even if this process ends (SND7). */
  readonly queued: Promise<void>;
  /** The server has committed it. Rejects with a TalariaError when it is finally refused. */
  readonly sent: Promise<Committed>;
}

const PAGE_ITEMS = 50;
const PAGE_ITEMS_MAX = 200;
const MESSAGES_MAX = 500;
/** Pages in which the viewer has hidden everything are passed over, up to so many at once. */
const EMPTY_PAGES_MAX = 10;

export class TimelineView implements Timeline {
  readonly get: () => TimelineState;
  readonly subscribe: View<TimelineState>['subscribe'];
  readonly threadId: string | undefined;
  private readonly cell: Cell<TimelineState>;
  private readonly threadSeq: number;
  private readonly page: number;
  private readonly max: number;
  private readonly outgoing: OutgoingMessages;
  private readonly reader: Reader;
  private readonly stops: readonly (() => void)[];
  private window: MessageWindow | undefined;
  private loading: TimelineState['loading'] = 'first';
  private error: TalariaError | undefined;
  /** What is being read at an end, so that it is read once. */
  private more: Promise<void> | undefined;
  /** Counts what replaces everything: a page for what was before is dropped. */
  private round = 0;
  /** Facts that a page which is being read may not know. */
  private since: Fact[] = [];
  private reading = 0;
  private mending = false;
  /** A conversation of two, where a block hides nothing. */
  private direct = false;
  private closed = false;

  constructor(private readonly core: Core, private readonly own: Own, readonly conversationId: string, options: TimelineOptions, private readonly ended: () => void) {
    this.threadId = options.threadId;
    this.threadSeq = options.threadId === undefined ? 0 : parseMessageId(options.threadId)?.seq ?? 0;
    this.page = Math.min(Math.max(options.page ?? PAGE_ITEMS, 1), PAGE_ITEMS_MAX);
    this.max = Math.max(options.max ?? MESSAGES_MAX, 2 * this.page);
    this.cell = new Cell((before) => this.read(before));
    this.get = this.cell.get;
    this.subscribe = this.cell.subscribe;
    this.reader = new Reader(core, (error) => this.fail(error));
    this.outgoing = new OutgoingMessages(core, conversationId, (message) => (this.threadSeq > 0 ? message.thread_id === options.threadId : message.in_main), () => this.cell.changed());
    this.stops = [
      core.events.on('fact', (fact) => {
        if (fact.stream === conversationId) this.take(fact);
      }),
      core.events.on('skipped', (range) => {
        if (range.stream === conversationId) this.skip(range);
      }),
      core.events.on('resync', ({ stream }) => {
        if (stream !== '' && stream !== conversationId) return;
        this.window?.forget();
        this.since = [];
        this.again();
      }),
      own.events.on('fact', (fact) => this.takeOwn(fact)),
      own.events.on('shows', ({ more }) => {
        // What was not shown is in no page that was read.
        if (more) this.again();
        this.cell.changed();
      }),
    ];
    own.want();
    void this.replace(options.around);
  }

  async loadOlder(): Promise<void> {
    if (this.window?.hasOlder) await this.loadMore('older');
  }

  async loadNewer(): Promise<void> {
    if (this.window && !this.window.atEnd) await this.loadMore('newer');
  }

  around(seq: number): Promise<void> {
    return this.replace(seq);
  }

  jumpToLatest(): Promise<void> {
    return this.window?.atEnd ? Promise.resolve() : this.replace(undefined);
  }

  send(content: MessageContent | string, options: Pick<SendOptions, 'clientId'> = {}): SentMessage {
    const key = options.clientId ?? this.core.newClientId();
    const given = typeof content === 'string' ? { text: content } : content;
    const wanted = this.threadId === undefined ? given : { thread: { id: this.threadId }, ...given };
    const { queued, committed } = this.core.outbox.add(sendCommand(this.conversationId, key, wanted));
    void this.jumpToLatest();
    return { key, queued, sent: committed };
  }

  resend({ key }: Pick<TimelineEntry, 'key'>): boolean {
    return this.outgoing.resend(key);
  }

  discard({ key }: Pick<TimelineEntry, 'key'>): Promise<boolean> {
    return this.outgoing.discard(key);
  }

  edit({ id }: Pick<MessageView, 'id'>, { text, data, mentions }: Pick<OperationInput<'messages.edit'>, 'text' | 'data' | 'mentions'>, options?: CommandOptions): Promise<OperationOutput<'messages.edit'>> {
    return this.command('messages.edit', { message_id: id, text, data, mentions }, options);
  }

  remove({ id }: Pick<MessageView, 'id'>, options?: CommandOptions): Promise<OperationOutput<'messages.delete'>> {
    return this.command('messages.delete', { message_id: id }, options);
  }

  react({ id }: Pick<MessageView, 'id'>, reaction: string, options?: CommandOptions): Promise<OperationOutput<'reactions.add'>> {
    return this.command('reactions.add', { message_id: id, reaction }, options);
  }

  unreact({ id }: Pick<MessageView, 'id'>, reaction: string, options?: CommandOptions): Promise<OperationOutput<'reactions.remove'>> {
    return this.command('reactions.remove', { message_id: id, reaction }, options);
  }

  markRead(message?: Pick<MessageView, 'seq'>): void {
    const last = message ?? this.get().entries.findLast(({ message: { seq } }) => seq > 0)?.message;
    if (last && last.seq > 0) this.core.mark(this.conversationId, 0, last.seq);
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.round += 1;
    this.reader.close();
    this.outgoing.close();
    for (const stop of this.stops) stop();
    this.ended();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  private async command<Op extends UserCommand>(op: Op, input: OperationInput<Op>, { clientId }: CommandOptions = {}): Promise<OperationOutput<Op>> {
    return (await this.core.command(op, input, clientId)).output as OperationOutput<Op>;
  }

  private take(fact: Fact): void {
    if (fact.type !== 'message.created' && fact.targetSeq === 0) {
      this.window?.advance(fact.seq);
      return;
    }
    if (this.reading > 0) this.since.push(fact);
    if (this.window?.take(fact)) this.cell.changed();
    this.outgoing.passed(fact.seq);
    if (fact.type === 'message.created' && fact.actor === this.core.info?.user_id) this.outgoing.placed(fact.clientId);
    this.mend();
  }

  private takeOwn(fact: Fact): void {
    if (fact.body['conversation_id'] !== this.conversationId) return;
    this.outgoing.own(fact);
    // Of an anonymous poll only the user's own stream tells who has chosen what.
    if (fact.type === 'poll.own_vote') this.showVote(fact.body['seq'] as number);
  }

  private showVote(seq: number): void {
    this.window?.patch(seq, (message) => {
      const own = message.poll?.anonymous ? this.own.vote(message.id) : undefined;
      return own && message.poll ? { ...message, poll: { ...message.poll, own } } : message;
    });
    this.cell.changed();
  }

  /** Where the facts of a range do not come, what they changed must be read. Outside of the membership there is nothing that is shown. */
  private skip({ toSeq, cause }: Skipped): void {
    if (cause !== 'membership') this.again();
    else this.window?.advance(toSeq);
  }

  /** Everything anew: the newest page, or the one around a place. */
  private async replace(around: number | undefined): Promise<void> {
    this.loading = 'first';
    await this.renew(around === undefined ? { limit: this.page } : { around_seq: around, limit: this.page });
  }

  /** What is shown is read again, and stands until it is there. */
  private again(): void {
    const { window } = this;
    const limit = Math.min(Math.max(window?.size ?? 0, this.page), PAGE_ITEMS_MAX);
    if (window && this.loading !== 'first') void this.renew(window.atEnd ? { limit } : { after_seq: window.range.from - 1, limit });
    else void this.replace(undefined);
  }

  private renew(query: Query): Promise<void> {
    this.round += 1;
    if (this.loading !== 'first') this.loading = false;
    this.cell.changed();
    return this.reader.run((current) => this.reads(async () => {
      const window = this.begin();
      const [page, { kind }] = await Promise.all([this.list(query), ask(this.core, 'conversations.get', { conversation_id: this.conversationId })]);
      if (!current()) return;
      this.direct = kind === 'direct';
      window.put('replace', page, this.since);
      this.outgoing.passed(page.head_seq);
      this.loading = false;
      for (const { seq, poll } of page.items) if (poll?.anonymous) this.showVote(seq);
      this.cell.changed();
      if (this.threadSeq === 0) return;
      const root = await this.listMain({ after_seq: this.threadSeq - 1, limit: 1 });
      if (!current()) return;
      window.putRoot(root, this.since);
      this.cell.changed();
    }));
  }

  private begin(): MessageWindow {
    this.window ??= new MessageWindow(this.conversationId, this.core.info?.user_id ?? '', this.threadSeq, this.max);
    return this.window;
  }

  private async loadMore(kind: 'older' | 'newer'): Promise<void> {
    if (this.loading === kind) return this.more;
    await this.more;
    const { window } = this;
    if (!window || this.closed || this.loading !== false || (kind === 'older' ? !window.hasOlder : window.atEnd)) return;
    this.more = this.readMore(kind, window);
    await this.more;
  }

  private async readMore(kind: 'older' | 'newer', window: MessageWindow): Promise<void> {
    const { round } = this;
    const current = (): boolean => round === this.round;
    this.loading = kind;
    this.cell.changed();
    try {
      await connected(this.core);
      for (let pages = 0; current() && pages < EMPTY_PAGES_MAX; pages += 1) {
        if (await this.reads(() => this.readPage(kind, window, current))) break;
      }
      if (current()) this.error = undefined;
    } catch (error) {
      if (current()) this.error = error as TalariaError;
    } finally {
      if (current()) this.loading = false;
      this.cell.changed();
    }
  }

  /** @returns whether that was enough */
  private async readPage(kind: 'older' | 'newer', window: MessageWindow, current: () => boolean): Promise<boolean> {
    const { from, to } = window.range;
    const page = await this.list({ limit: this.page, ...(kind === 'older' ? { before_seq: from } : { after_seq: to }) });
    if (!current()) return true;
    // What came meanwhile has pushed that end away.
    if (kind === 'older' ? window.range.from !== from : window.range.to !== to) return false;
    window.put(kind, page, this.since);
    return page.items.length > 0 || !(kind === 'older' ? page.has_before : page.has_after);
  }

  /** Reads messages about which a fact could not be folded. */
  private mend(): void {
    const { window } = this;
    if (this.mending || !window || window.stale.size === 0) return;
    this.mending = true;
    const { round } = this;
    const run = async (): Promise<void> => {
      for (let [seq] = window.stale; seq !== undefined && round === this.round; [seq] = window.stale) {
        const wanted = seq;
        window.stale.delete(wanted);
        await this.reads(async () => {
          const page = await this.listMain({ after_seq: wanted - 1, limit: 1 });
          if (round === this.round) window.put('patch', page, this.since);
        });
        this.cell.changed();
      }
    };
    void run().catch(() => {
      if (round === this.round) this.again();
    }).finally(() => {
      this.mending = false;
    });
  }

  /** Keeps the facts that come while something is being read, which it may not know. @param read puts what it has read where it belongs */
  private async reads<T>(read: () => Promise<T>): Promise<T> {
    if (this.reading === 0) this.since = [];
    this.reading += 1;
    try {
      return await read();
    } finally {
      this.reading -= 1;
    }
  }

  private list(query: Query): Promise<Page> {
    return ask(this.core, 'messages.list', { conversation_id: this.conversationId, thread_id: this.threadId, ...query });
  }

  private listMain(query: Query): Promise<Page> {
    return ask(this.core, 'messages.list', { conversation_id: this.conversationId, ...query });
  }

  private fail(error: TalariaError | undefined): void {
    this.error = error;
    if (error && !error.retryable) this.loading = false;
    this.cell.changed();
  }

  private read(before: TimelineState | undefined): TimelineState {
    const viewer = this.core.info?.user_id ?? '';
    const { window, loading } = this;
    const known = new Map(before?.entries.map((entry) => [entry.key, entry]));
    const entries = new Map<string, TimelineEntry>();
    const put = (entry: TimelineEntry): void => void entries.set(entry.key, sameFields(known.get(entry.key), entry));
    for (const message of window?.messages ?? []) {
      if (message.seq === this.threadSeq || this.own.hides(message, this.direct)) continue;
      put({ key: keyOf(message, viewer), message, status: 'sent', error: undefined });
    }
    for (const { message, status, error } of this.outgoing.all) {
      const key = keyOf(message, viewer);
      if ((!window || window.atEnd) && !entries.has(key)) put({ key, message, status, error });
    }
    return sameFields(before, {
      entries: sameList(before?.entries, [...entries.values()]), root: window?.get(this.threadSeq), hasOlder: window?.hasOlder ?? false,
      hasNewer: window !== undefined && loading !== 'first' && !window.atEnd, loading, error: this.error,
    });
  }
}

type Query = Pick<OperationInput<'messages.list'>, 'before_seq' | 'after_seq' | 'around_seq' | 'limit'>;
