/** One conversation, as the app holds it. */
import { messageId } from '@talaria/protocol';
import type { MembersListOutput, MessageData, MessagesListOutput } from '@talaria/protocol/types';
import type { Core, SignalEvent } from '../core.js';
import type { MarkEvent } from '../mark-registers.js';
import { Emitter } from '../emitter.js';
import type { TalariaError } from '../errors.js';
import type { UserCommand } from '../operations.js';
import type { Committed } from '../outbox/entry.js';
import type { Fact, FactBody, Skipped } from '../streams/fact.js';
import { inputOf, messageFromFact, messageFromView, outgoing, sendCommand, type Message, type MessageContent, type OutgoingMessage } from './message.js';

/** What a conversation tells: `conversation.on(name, listener)`. */
export interface ConversationEvents {
  /** A message came, or one of one's own was committed; each once, in order. */
  message: Message;
  updated: { readonly messageId: string; readonly text: string; readonly data: MessageData<FactBody>; readonly fact: Fact };
  /** By somebody, or because its time had come: `fact.type` says which. */
  deleted: { readonly messageId: string; readonly fact: Fact };
  member: { readonly userId: string; readonly change: 'joined' | 'left' | 'updated'; readonly fact: Fact };
  mark: MarkEvent;
  signal: SignalEvent;
  /** Every fact, known or not. */
  fact: Fact;
  skipped: Skipped;
}

/** Which part of the history: before, after or around a seq; the newest without any. */
export interface HistoryQuery {
  readonly before?: number;
  readonly after?: number;
  readonly around?: number;
  /** 1 to 200. Default 50. */
  readonly limit?: number;
}

/** Messages of a part of the history, ascending. */
export interface HistoryPage {
  readonly messages: readonly Message[];
  readonly fromSeq: number;
  readonly toSeq: number;
  readonly hasBefore: boolean;
  readonly hasAfter: boolean;
}

/** Who is in a conversation. */
export interface Member {
  readonly userId: string;
  readonly role: string;
  readonly joinedSeq: number;
}

/** For whatever waits for an answer: `signal` ends the waiting. */
export interface CallOptions {
  readonly signal?: AbortSignal;
}

/** For `conversation.send`. */
export interface SendOptions extends CallOptions {
  /**
   * The message's client id, where a send may come twice: from a handler that runs again, for example. Sends of one user with the
   * same client id and the same content are one message and resolve to it, also over restarts, for as long as the message is kept
   * and 90 days more (SND2).
   *
   * It is a UUIDv7 in lower case whose time is not older than that; in Node, `clientIdFrom` makes one from a name. What is none is
   * refused with `invalid_argument`, other content with `idempotency_mismatch`. Default: a new one for each send.
   */
  readonly clientId?: string;
}

/** For what changes a message: an edit and a delete are commands with a client id of their own. */
export interface CommandOptions {
  /** As that of a send: the same client id with the same content is done once (SND2). Default: a new one for each call. */
  readonly clientId?: string;
}

const TYPING_MS = 6_000;

/** One conversation of the user. Made by `client.conversations`. */
export class Conversation {
  private readonly events = new Emitter<ConversationEvents>();
  private readonly stops: (() => void)[];

  /** @internal */
  constructor(private readonly core: Core, readonly id: string) {
    this.stops = [
      core.events.on('fact', (fact) => {
        if (fact.stream === id) this.receive(fact);
      }),
      core.events.on('skipped', (range) => {
        if (range.stream === id) this.events.emit('skipped', range);
      }),
      core.events.on('mark', (mark) => {
        if (mark.conversationId === id) this.events.emit('mark', mark);
      }),
      core.events.on('signal', (signal) => {
        if (signal.stream === id) this.events.emit('signal', signal);
      }),
    ];
  }

  /** Observes from now on, in order and without repeats; owns no cursor (ORD2). @returns how to stop */
  on<Name extends keyof ConversationEvents>(name: Name, listener: (event: ConversationEvents[Name]) => void): () => void {
    return this.events.on(name, listener);
  }

  /**
   * Sends a message. It is there at once; `queued` says that the outbox has it, `sent` that the server has.
   *
   * @param options `signal` gives the message up while it is not on its way; `clientId` makes a repeated send the same message
   */
  send(content: MessageContent | string, options: SendOptions = {}): OutgoingMessage {
    const wanted = typeof content === 'string' ? { text: content } : content;
    const clientId = options.clientId ?? this.core.newClientId();
    const { queued, committed } = this.core.outbox.add(sendCommand(this.id, clientId, wanted));
    this.giveUpOn(options.signal, clientId);
    return { ...outgoing(wanted), conversationId: this.id, senderId: this.core.info?.user_id ?? '', createdMs: this.core.runtime.now(), clientId, queued, sent: committed };
  }

  /** Sends a finally refused message again. @returns whether there was one */
  resend(message: Pick<Message, 'clientId'>): boolean {
    return this.core.outbox.resend(message.clientId);
  }

  /** Gives up a message that is not on its way. @returns whether it could be given up */
  abandon(message: Pick<Message, 'clientId'>): Promise<boolean> {
    return this.core.outbox.abandon(message.clientId);
  }

  private giveUpOn(signal: AbortSignal | undefined, clientId: string): void {
    const giveUp = (): void => void this.core.outbox.abandon(clientId).catch((error: TalariaError) => this.core.events.emit('error', error));
    if (signal?.aborted) giveUp();
    else signal?.addEventListener('abort', giveUp, { once: true });
  }

  /** Messages from now on, for `for await`. Ends when the client closes or the loop is left. */
  async *messages(options: CallOptions = {}): AsyncGenerator<Message, void, void> {
    const waiting: Message[] = [];
    let wake: () => void = () => undefined;
    const stops = [
      this.on('message', (message) => {
        waiting.push(message);
        wake();
      }),
      this.core.events.on('status', () => wake()),
    ];
    options.signal?.addEventListener('abort', () => wake(), { once: true });
    try {
      while (!options.signal?.aborted && this.core.status.state !== 'closed') {
        const next = waiting.shift();
        if (next) yield next;
        else {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      }
    } finally {
      for (const stop of stops) stop();
    }
  }

  /** A page of history, ascending. @throws TalariaError */
  async history(query: HistoryQuery = {}, options: CallOptions = {}): Promise<HistoryPage> {
    const page = await this.core.calls.call<MessagesListOutput>('messages.list', {
      conversation_id: this.id, before_seq: query.before, after_seq: query.after, around_seq: query.around, limit: query.limit,
    }, options.signal);
    return { messages: page.items.map(messageFromView), fromSeq: page.from_seq, toSeq: page.to_seq, hasBefore: page.has_before, hasAfter: page.has_after };
  }

  /** Changes a message's text, data or mentions. */
  edit(message: Pick<Message, 'id'>, content: Pick<MessageContent, 'text' | 'data' | 'mentions'>, options: CommandOptions = {}): Promise<Committed> {
    return this.command('messages.edit', { message_id: message.id, text: content.text, data: content.data, mentions: inputOf(content).mentions }, options);
  }

  /** Deletes a message for everyone. */
  remove(message: Pick<Message, 'id'>, options: CommandOptions = {}): Promise<Committed> {
    return this.command('messages.delete', { message_id: message.id }, options);
  }

  react(message: Pick<Message, 'id'>, reaction: string, options: CommandOptions = {}): Promise<Committed> {
    return this.command('reactions.add', { message_id: message.id, reaction }, options);
  }

  unreact(message: Pick<Message, 'id'>, reaction: string, options: CommandOptions = {}): Promise<Committed> {
    return this.command('reactions.remove', { message_id: message.id, reaction }, options);
  }

  /** Everything up to this message, or up to a seq, has been read. Marks only move forward. */
  markRead(upTo: Pick<Message, 'seq'> | number): void {
    this.core.mark(this.id, 0, typeof upTo === 'number' ? upTo : upTo.seq);
  }

  markDelivered(upTo: Pick<Message, 'seq'> | number): void {
    this.core.mark(this.id, typeof upTo === 'number' ? upTo : upTo.seq, 0);
  }

  /** Shows the conversation as unread from a message on, on all devices of the user. */
  markUnread(from: Pick<Message, 'seq'> | number): Promise<Committed> {
    return this.command('marks.unread', { conversation_id: this.id, from_seq: typeof from === 'number' ? from : from.seq });
  }

  /**
   * How far members have seen and read, those whose marks moved last at the end. What moves later comes as `mark`.
   *
   * @param options `after` the version of the page before; `limit` 1 to 200
   * @throws TalariaError
   */
  async marks(options: CallOptions & { readonly after?: number; readonly limit?: number } = {}): Promise<{ readonly marks: readonly MarkEvent[]; readonly next: number | undefined }> {
    const { marks, more } = await this.core.listMarks(this.id, options.after ?? 0, options.limit, options.signal);
    return { marks, next: more ? marks.at(-1)?.version : undefined };
  }

  /** Tells the others that the user is typing, for a few seconds. `@talaria/sdk/live` does so while they type, and says who else does. */
  typing(): void {
    this.signal('typing');
  }

  /** Sends a signal of the app's own: not stored, not ordered, lost if nobody listens. @throws TalariaError too_large, above 4,096 bytes of JSON */
  signal(type: string, data: object = {}, lifetimeMs = TYPING_MS): void {
    this.core.signal(this.id, type, data, lifetimeMs);
  }

  /** A page of members. */
  async members(options: CallOptions & { readonly after?: string; readonly limit?: number } = {}): Promise<{ readonly members: readonly Member[]; readonly next: string | undefined }> {
    const page = await this.core.calls.call<MembersListOutput>(
      'members.list', { conversation_id: this.id, after: options.after, limit: options.limit }, options.signal,
    );
    return { members: page.items.map((item) => ({ userId: item.user_id, role: item.role, joinedSeq: item.joined_seq })), next: page.next ?? undefined };
  }

  /** @param userIds Talaria's ids, or `ext:` and the app's own */
  addMembers(userIds: readonly string[], role?: string): Promise<Committed> {
    return this.command('members.add', { conversation_id: this.id, member_ids: userIds, role });
  }

  removeMember(userId: string): Promise<Committed> {
    return this.command('members.remove', { conversation_id: this.id, user_id: userId });
  }

  leave(): Promise<Committed> {
    return this.removeMember('me');
  }

  /** Stops this object's events. The conversation itself stays followed. */
  close(): void {
    for (const stop of this.stops.splice(0)) stop();
  }

  private command(op: UserCommand, input: object, options: CommandOptions = {}): Promise<Committed> {
    return this.core.command(op, input, options.clientId);
  }

  private receive(fact: Fact): void {
    switch (fact.type) {
      case 'message.created': this.events.emit('message', messageFromFact(fact, messageId(this.id, fact.seq))); break;
      case 'message.updated': {
        const body = fact.body as { text?: string; data?: FactBody };
        this.events.emit('updated', { messageId: messageId(this.id, fact.targetSeq), text: body.text ?? '', data: body.data ?? {}, fact });
        break;
      }
      case 'message.expired':
      case 'message.deleted': this.events.emit('deleted', { messageId: messageId(this.id, fact.targetSeq), fact }); break;
      case 'member.joined':
      case 'member.left':
      case 'member.updated': {
        const change = fact.type.slice('member.'.length) as 'joined' | 'left' | 'updated';
        this.events.emit('member', { userId: String(fact.body['user_id']), change, fact });
        break;
      }
      default:
    }
    this.events.emit('fact', fact);
  }
}
