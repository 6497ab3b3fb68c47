import type { Conversation as ConversationView, ConversationData, InboxListOutput } from '@talaria/protocol/types';
import type { Status } from './connection/state.js';
import type { ConsumerOptions, FactHandler } from './consume/consumer.js';
import type { Consumption } from './consume/consumption.js';
import { Conversation, type CallOptions, type CommandOptions } from './conversation/conversation.js';
import type { Core, CoreEvents } from './core.js';
import { TalariaError } from './errors.js';
import type { OperationInput, OperationOutput, UserCall, UserCommand } from './operations.js';
import type { FactBody } from './streams/fact.js';

/** A conversation as the inbox shows it. */
export interface ConversationSummary {
  readonly id: string;
  readonly kind: 'direct' | 'group' | 'channel';
  readonly name: string;
  readonly data: ConversationData<FactBody>;
  readonly memberCount: number;
  readonly headSeq: number;
  readonly unread: number;
  readonly lastText: string | undefined;
}

/** What a new conversation is. */
export interface CreateConversation {
  readonly kind?: 'direct' | 'group' | 'channel';
  readonly name?: string;
  readonly data?: ConversationData<FactBody>;
  readonly history?: 'from_join' | 'all';
  /** Talaria's ids of users, or `ext:` and the app's own. */
  readonly members: readonly string[];
}

/** A connection of one user of one app. Made by `connect`. */
export class Client {
  readonly conversations: Conversations;
  private readonly readyOrClosed: Promise<void>;

  /** @internal */
  constructor(private readonly core: Core) {
    this.conversations = new Conversations(core);
    this.readyOrClosed = new Promise((resolve, reject) => {
      const stop = core.events.on('status', (status) => {
        if (status.state === 'connected') resolve();
        else if (status.state === 'closed') reject(status.error ?? new TalariaError('closed', 'The client was closed.'));
        else return;
        stop();
      });
    });
    this.readyOrClosed.catch(() => undefined);
  }

  get status(): Status {
    return this.core.status;
  }

  /** Talaria's id of the user; empty before the first connection. */
  get userId(): string {
    return this.core.info?.user_id ?? '';
  }

  /** The server's time in ms since 1970, as of the last connection; this machine's before the first one. */
  now(): number {
    return this.core.now();
  }

  /** Commands that are not answered yet. One that was finally refused is answered. */
  get pending(): number {
    return this.core.outbox.size;
  }

  /** Resolves when the first connection stands. @throws TalariaError when the client is closed before */
  ready(): Promise<void> {
    return this.readyOrClosed;
  }

  /** Observes from now on; owns no cursor (ORD2). @returns how to stop */
  on<Name extends keyof CoreEvents>(name: Name, listener: (event: CoreEvents[Name]) => void): () => void {
    return this.core.events.on(name, listener);
  }

  /**
   * Runs the handler once per fact of every stream of the user, in order per stream, with a durable cursor of that name in the
   * store (ORD2). Call it before `ready()` to miss nothing.
   *
   * @throws TalariaError already_exists, closed, store_failed, or the store's own
   */
  consume(name: string, handler: FactHandler, options: ConsumerOptions = {}): Promise<Consumption> {
    return this.core.consume(name, handler, options);
  }

  /**
   * Asks for what an operation of the table reads, or does what may be done twice. It is asked again after a reconnect.
   *
   * @param op such as `inbox.list`: see the HTTP reference
   * @throws TalariaError what the server refuses, timeout, overloaded, aborted, closed
   */
  call<Op extends UserCall>(op: Op, input: OperationInput<Op>, options: CallOptions = {}): Promise<OperationOutput<Op>> {
    return this.core.calls.call(op, input, options.signal);
  }

  /**
   * Does a command of the table, once, by way of the outbox: it is kept over a lost connection and, in a durable store, over the end
   * of the process (SND7), and stands in line behind the messages that were sent to the same conversation before (SND4).
   *
   * @param op such as `reactions.add`: see the HTTP reference
   * @throws TalariaError what the server finally refuses, invalid_argument, too_large, overloaded, closed
   */
  async command<Op extends UserCommand>(op: Op, input: OperationInput<Op>, options: CommandOptions = {}): Promise<OperationOutput<Op>> {
    const { output } = await this.core.command(op, input, options.clientId);
    return output as OperationOutput<Op>;
  }

  /**
   * Ends the connection. What was queued in a durable store goes on with the next client that opens it.
   *
   * Resolves when the store is closed. Before, it waits for handlers of `consume` that are running, up to 5 s, so that the cursor of
   * a fact that was handled is kept (ORD2). A handler must not await it.
   */
  close(): Promise<void> {
    return this.core.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** The user's conversations. */
export class Conversations {
  private readonly opened = new Map<string, Conversation>();

  /** @internal */
  constructor(private readonly core: Core) {}

  /** A page of the inbox, latest activity first. @throws TalariaError */
  async list(options: { readonly limit?: number; readonly after?: string; readonly signal?: AbortSignal } = {}): Promise<{ readonly conversations: readonly ConversationSummary[]; readonly next: string | undefined }> {
    const page = await this.core.calls.call<InboxListOutput>('inbox.list', { user_id: 'me', limit: options.limit, after: options.after }, options.signal);
    return { conversations: page.items.map(summary), next: page.next ?? undefined };
  }

  /** Makes a group, or gets the one direct conversation with somebody. @throws TalariaError */
  async create(wanted: CreateConversation): Promise<Conversation> {
    const { members, ...rest } = wanted;
    return this.open((await this.core.command('conversations.create', { ...rest, member_ids: members })).conversationId);
  }

  /** One conversation by id: follows it, if it is not followed yet. The same object for the same id. */
  open(id: string): Conversation {
    const known = this.opened.get(id);
    if (known) return known;
    const conversation = new Conversation(this.core, id);
    this.opened.set(id, conversation);
    this.core.tracker.follow(id, { pin: true });
    return conversation;
  }
}

function summary(view: ConversationView): ConversationSummary {
  return {
    id: view.id, kind: view.kind, name: view.name, data: view.data, memberCount: view.member_count, headSeq: view.head_seq, unread: view.membership?.unread ?? 0,
    lastText: view.last_message?.text,
  };
}
