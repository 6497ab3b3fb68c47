import type { Committed } from '../outbox/entry.js';
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
  readonly data: FactBody;
  readonly silent: boolean;
  readonly system: boolean;
  readonly createdMs: number;
  readonly editedMs: number | undefined;
  readonly deletedMs: number | undefined;
  readonly clientId: string;
}

/** What `conversation.send` gives at once: the message as it will be, and two promises. */
export interface OutgoingMessage extends Message {
  /** The outbox has it: from here on it is sent once or refused and reported, even if this process ends (SND7). */
  readonly queued: Promise<void>;
  /** The server has committed it. Rejects with a TalariaError when it is finally refused. */
  readonly sent: Promise<Committed>;
}

export interface MessageContent {
  readonly text?: string;
  readonly data?: FactBody;
  /** Counts as unread for nobody. */
  readonly silent?: boolean;
}

/** A `message.created` fact as a message. */
export function messageFromFact(fact: Fact, id: string): Message {
  const body = fact.body as { text?: string; data?: FactBody; silent?: boolean; system?: boolean };
  return {
    id, conversationId: fact.stream, seq: fact.seq, senderId: fact.actor, text: body.text ?? '', data: body.data ?? {}, silent: body.silent ?? false,
    system: body.system ?? false, createdMs: fact.timeMs, editedMs: undefined, deletedMs: fact.redacted ? fact.timeMs : undefined, clientId: fact.clientId,
  };
}

/** A message of an operation's output. */
export interface MessageView {
  readonly id: string; readonly conversation_id: string; readonly seq: number; readonly sender_id: string | null; readonly text: string; readonly data: FactBody;
  readonly silent: boolean; readonly system: boolean; readonly created_ms: number; readonly edited_ms: number | null; readonly deleted_ms: number | null; readonly client_id: string | null;
}

export function messageFromView(view: MessageView): Message {
  return {
    id: view.id, conversationId: view.conversation_id, seq: view.seq, senderId: view.sender_id ?? '', text: view.text, data: view.data, silent: view.silent, system: view.system,
    createdMs: view.created_ms, editedMs: view.edited_ms ?? undefined, deletedMs: view.deleted_ms ?? undefined, clientId: view.client_id ?? '',
  };
}
