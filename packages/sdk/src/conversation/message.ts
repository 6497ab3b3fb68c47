import { messageId, type MessageMore } from '@talaria/protocol';
import type { Message as MessageView, MessageData } from '@talaria/protocol/types';
import type { Committed, OutboxCommand } from '../outbox/entry.js';
import type { Fact, FactBody } from '../streams/fact.js';

/** A message as the app shows it. */
export interface Message {
  /** Empty until the server has given it a place. */
  readonly id: string;
  readonly conversationId: string;
  /** 0 until the server has given it a place. */
  readonly seq: number;
  /** Empty for a system message. */
  readonly senderId: string;
  readonly text: string;
  readonly data: MessageData<FactBody>;
  readonly silent: boolean;
  readonly system: boolean;
  readonly createdMs: number;
  readonly editedMs: number | undefined;
  readonly deletedMs: number | undefined;
  readonly clientId: string;
  /** Of a reply: the message that its thread began with. */
  readonly threadId: string | undefined;
  /** Whether it stands in the history of the conversation, and not in a thread only. */
  readonly inMain: boolean;
  readonly quotedId: string | undefined;
  readonly mentions: Mentions | undefined;
  readonly expiresMs: number | undefined;
}

/** Whom a message mentions. */
export interface Mentions {
  /** Talaria's ids of users. */
  readonly userIds?: readonly string[];
  /** Whoever is there at the moment. */
  readonly here?: boolean;
  readonly everyone?: boolean;
}

/** What `conversation.send` gives at once: the message as it will be, and two promises. */
export interface OutgoingMessage extends Message {
  /** The outbox has it: from here on it is sent once or refused and reported, even if this process ends (SND7). */
  readonly queued: Promise<void>;
  /** The server has committed it. Rejects with a TalariaError when it is finally refused. */
  readonly sent: Promise<Committed>;
}

/** What a message says. It has a text, data or a poll. */
export interface MessageContent {
  readonly text?: string;
  readonly data?: MessageData<FactBody>;
  /** Counts as unread for nobody. */
  readonly silent?: boolean;
  /** Replies in the thread of this message. */
  readonly thread?: Pick<Message, 'id'>;
  /** A reply that also stands in the history of the conversation. */
  readonly inMain?: boolean;
  /** A message of the same conversation. */
  readonly quote?: Pick<Message, 'id'>;
  readonly mentions?: Mentions;
  readonly poll?: {
    readonly question: string;
    readonly options: readonly string[];
    /** Whether one may choose several. */
    readonly multiple?: boolean;
    /** Whether nobody is told who chose what. */
    readonly anonymous?: boolean;
    readonly closesInS?: number;
  };
  /** The message disappears so long after it was sent. */
  readonly expiresInS?: number;
}

/** In the names of `messages.send`. */
export function inputOf({ text = '', data, silent = false, thread, inMain, quote, mentions, poll, expiresInS }: MessageContent) {
  return {
    text, data, silent, thread_id: thread?.id, in_main: inMain, quoted_id: quote?.id, mentions: mentions && { ...mentions, userIds: undefined, user_ids: mentions.userIds },
    poll: poll && { ...poll, closesInS: undefined, closes_in_s: poll.closesInS }, expires_in_s: expiresInS,
  };
}

/** A message as the outbox takes it. */
export function sendCommand(conversationId: string, clientId: string, content: MessageContent): OutboxCommand {
  const { text, data, silent, ...more } = inputOf(content);
  const common = { clientId, stream: conversationId };
  // Few messages have more than a text: those that have not go the short way.
  return Object.values(more).every((value) => value === undefined)
    ? { kind: 'send', ...common, text, data: data ? JSON.stringify(data) : '', silent }
    : { kind: 'call', ...common, op: 'messages.send', json: JSON.stringify({ conversation_id: conversationId, text, data, silent, ...more }) };
}

/** A message as it will be, without what only the conversation knows. */
export function outgoing({ text = '', data = {}, silent = false, thread, inMain, quote, mentions }: MessageContent) {
  return {
    id: '', seq: 0, text, data, silent, system: false, editedMs: undefined, deletedMs: undefined, threadId: thread?.id, inMain: !thread || inMain === true, quotedId: quote?.id, mentions,
    expiresMs: undefined,
  };
}

/** A `message.created` fact as a message. */
export function messageFromFact(fact: Fact, id: string): Message {
  const body = fact.body as Partial<Pick<Message, 'text' | 'data' | 'silent' | 'system'>> & MessageMore;
  const named = (seq: number | undefined): string | undefined => (seq ? messageId(fact.stream, seq) : undefined);
  return {
    id, conversationId: fact.stream, seq: fact.seq, senderId: fact.actor, text: body.text ?? '', data: body.data ?? {}, silent: body.silent ?? false,
    system: body.system ?? false, createdMs: fact.timeMs, editedMs: undefined, deletedMs: fact.redacted ? fact.timeMs : undefined, clientId: fact.clientId,
    threadId: named(body.thread_seq), inMain: !body.thread_seq || body.in_main === true, quotedId: named(body.quote_seq), mentions: mentioned(body.mentions), expiresMs: body.expires_ms,
  };
}

export function messageFromView(view: MessageView): Message {
  return {
    id: view.id, conversationId: view.conversation_id, seq: view.seq, senderId: view.sender_id ?? '', text: view.text, data: view.data, silent: view.silent, system: view.system,
    createdMs: view.created_ms, editedMs: view.edited_ms ?? undefined, deletedMs: view.deleted_ms ?? undefined, clientId: view.client_id ?? '',
    threadId: view.thread_id ?? undefined, inMain: view.in_main, quotedId: view.quoted_id ?? undefined, mentions: mentioned(view.mentions), expiresMs: view.expires_ms ?? undefined,
  };
}

/** @returns undefined where nobody is mentioned */
function mentioned({ user_ids: userIds = [], here = false, everyone = false }: Partial<MessageView['mentions']> = {}): Mentions | undefined {
  return here || everyone || userIds.length > 0 ? { userIds, here, everyone } : undefined;
}
