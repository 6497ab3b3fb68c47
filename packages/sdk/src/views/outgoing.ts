/** Messages that the server has not given a place yet: what waits in the outbox for a conversation, and what was refused. */
import { placeId } from '@talaria/protocol';
import type { Core } from '../core.js';
import type { TalariaError } from '../errors.js';
import type { Committed, OutboxCommand } from '../outbox/entry.js';
import type { MessageView } from '../state/index.js';
import type { Fact } from '../streams/fact.js';
import { sameFields } from './cell.js';
import type { MessageStatus } from './timeline-entry.js';

export interface Outgoing {
  readonly message: MessageView;
  readonly status: MessageStatus;
  readonly error: TalariaError | undefined;
  /** Of one that waits for approval. */
  readonly heldId: string;
  readonly command: OutboxCommand;
  /** The outbox keeps it, although it was refused. */
  readonly kept: boolean;
}

export class OutgoingMessages {
  /** By client id, in the order in which they were sent. */
  private readonly messages = new Map<string, Outgoing>();
  private queued = false;
  private position = 0;
  private readonly stops: readonly (() => void)[];

  /**
   * @param accepts whether a message belongs to this list
   * @param changed told when the list is another
   */
  constructor(private readonly core: Core, private readonly conversationId: string, private readonly accepts: (message: MessageView) => boolean, private readonly changed: () => void) {
    this.stops = [
      core.events.on('pending', (stream) => {
        if (stream === conversationId) this.look();
      }),
      core.events.on('committed', ({ command, result }) => this.committed(command, result)),
      core.events.on('failed', ({ command, error }) => {
        if (command.stream === conversationId) this.add(command);
        this.change(command.clientId, { status: 'failed', error });
      }),
    ];
    this.sync();
  }

  get all(): Iterable<Outgoing> {
    return this.messages.values();
  }

  /** It has a place in the conversation, and is told of as every other message. */
  placed(clientId: string): void {
    if (this.messages.delete(clientId)) this.changed();
  }

  /** The conversation is known up to here. */
  passed(seq: number): void {
    this.position = Math.max(this.position, seq);
    for (const [clientId, { message }] of this.messages) if (message.seq > 0 && message.seq <= seq) this.messages.delete(clientId);
  }

  /** A fact of the user's own stream. */
  own({ type, body }: Fact): void {
    if (type !== 'message.released' && type !== 'message.rejected') return;
    const heldId = placeId('held', this.core.info?.user_id ?? '', body['held_seq'] as number);
    for (const [clientId, one] of this.messages) {
      if (one.heldId !== heldId) continue;
      if (type === 'message.released') this.change(clientId, { status: 'sent', message: { ...one.message, seq: body['seq'] as number } });
      else this.change(clientId, { status: 'rejected' });
    }
  }

  /** @returns whether there is one that was refused */
  resend(clientId: string): boolean {
    const one = this.messages.get(clientId);
    if (one?.status !== 'failed') return false;
    // What the outbox has not taken is given to it once more.
    if (!this.core.outbox.resend(clientId)) this.core.outbox.add(one.command);
    this.change(clientId, { status: 'sending', error: undefined, kept: false });
    return true;
  }

  /** @returns whether it could be given up: it is not on its way */
  async discard(clientId: string): Promise<boolean> {
    const one = this.messages.get(clientId);
    if (!one || one.status === 'sent' || one.status === 'held') return false;
    const gone = await this.core.outbox.abandon(clientId) || one.status !== 'sending';
    if (gone && this.messages.delete(clientId)) this.changed();
    return gone;
  }

  close(): void {
    for (const stop of this.stops) stop();
  }

  private look(): void {
    if (this.queued) return;
    this.queued = true;
    queueMicrotask(() => {
      this.queued = false;
      this.sync();
    });
  }

  private sync(): void {
    const waiting = new Set<string>();
    for (const { command, refused, committed } of this.core.outbox.pendingOf(this.conversationId)) {
      const { clientId } = command;
      waiting.add(clientId);
      const known = this.messages.get(clientId);
      if (known?.status === 'failed' && !refused) this.change(clientId, { status: 'sending', error: undefined });
      // Why it was refused may have been said before this list began.
      if (!known && this.add(command) && refused) committed.catch((error: TalariaError) => this.change(clientId, { status: 'failed', error }));
      this.change(clientId, { kept: refused });
    }
    // What was given up is nowhere any more.
    for (const [clientId, { status, kept }] of this.messages) if (!waiting.has(clientId) && (status === 'sending' || kept)) this.messages.delete(clientId);
    this.changed();
  }

  /** @returns whether it belongs here, and was not here yet */
  private add(command: OutboxCommand): boolean {
    if (this.messages.has(command.clientId)) return false;
    const message = messageOf(command, this.core);
    if (!message || !this.accepts(message)) return false;
    this.messages.set(command.clientId, { message, status: 'sending', error: undefined, heldId: '', command, kept: false });
    return true;
  }

  private committed(command: OutboxCommand, { id, seq, timeMs, held }: Committed): void {
    const one = this.messages.get(command.clientId);
    if (!one) return;
    if (held) this.change(command.clientId, { status: 'held', heldId: held.id });
    else if (seq <= this.position) this.placed(command.clientId);
    else this.change(command.clientId, { status: 'sent', error: undefined, message: { ...one.message, id, seq, created_ms: timeMs } });
  }

  private change(clientId: string, change: Partial<Outgoing>): void {
    const one = this.messages.get(clientId);
    const next = one && sameFields(one, { ...one, ...change });
    if (!next || next === one) return;
    this.messages.set(clientId, next);
    this.changed();
  }
}

interface SendInput {
  readonly text?: string;
  readonly data?: MessageView['data'];
  readonly silent?: boolean;
  readonly thread_id?: string;
  readonly in_main?: boolean;
  readonly quoted_id?: string;
  readonly mentions?: Partial<MessageView['mentions']>;
  readonly poll?: { readonly question: string; readonly options: readonly string[]; readonly multiple?: boolean; readonly anonymous?: boolean };
}

/** A message as it will be, as far as that is known. @returns undefined for a command that sends none */
function messageOf(command: OutboxCommand, core: Core): MessageView | undefined {
  if (command.kind === 'call' && command.op !== 'messages.send') return undefined;
  const input: SendInput = command.kind === 'call' ? JSON.parse(command.json) as SendInput
    : { text: command.text, silent: command.silent, ...(command.data !== '' && { data: JSON.parse(command.data) as MessageView['data'] }) };
  const { user_ids = [], here = false, everyone = false } = input.mentions ?? {};
  return {
    id: '', conversation_id: command.stream, seq: 0, sender_id: core.info?.user_id ?? null, text: input.text ?? '', data: input.data ?? {}, silent: input.silent ?? false, system: false,
    created_ms: core.now(), edited_ms: null, deleted_ms: null, client_id: command.clientId, thread_id: input.thread_id ?? null, in_main: input.thread_id === undefined || input.in_main === true,
    quoted_id: input.quoted_id ?? null, mentions: { user_ids, here, everyone }, forwarded: null, expires_ms: null, reactions: [], pinned: null, thread: null, previews: [],
    poll: input.poll ? {
      question: input.poll.question, options: input.poll.options.map((text, at) => ({ id: String(at + 1), text, votes: 0 })), multiple: input.poll.multiple ?? false,
      anonymous: input.poll.anonymous ?? false, closes_ms: null, closed_ms: null, voters: 0, own: [],
    } : null,
  };
}
