import { contentHash, messageHash } from './content.js';
import type { Entry, InvokeEntry, RangeCause } from './entries.js';

/** A fact as a client's callback got it. */
export interface SeenFact {
  readonly stream: string;
  readonly seq: number;
  readonly eventId: string;
  readonly type: string;
  readonly clientId: string;
  readonly actor: string;
  readonly targetSeq: number;
  readonly redacted: boolean;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface SeenRange {
  readonly stream: string;
  readonly fromSeq: number;
  readonly toSeq: number;
  readonly cause: string;
}

export interface SeenMark {
  readonly conversationId: string;
  readonly userId: string;
  readonly deliveredSeq: number;
  readonly readSeq: number;
}

/** Where a command was committed. */
export interface Answer {
  readonly conversationId: string;
  /** Whose seq it is, where that is not the conversation: the user's own stream, of what waits (VIS3) or concerns the user alone. */
  readonly stream?: string | undefined;
  readonly seq: number;
  readonly duplicate: boolean;
}

const CAUSES: readonly RangeCause[] = ['membership', 'retention', 'truncated', 'skipped'];

/** Writes one client's history: what it was given, what it was answered, and what each of its observers saw. */
export class Recorder {
  private readonly unanswered = new Map<string, InvokeEntry>();

  /** @param outbox names what keeps this client's sends in order (H5) */
  constructor(private readonly write: (entry: Entry) => void, private readonly outbox: string) {}

  /** Commands without an answer. */
  get unacked(): readonly string[] {
    return [...this.unanswered.keys()];
  }

  /** @param system sent by a backend in nobody's name */
  invokeSend(clientId: string, stream: string, text: string, data: Readonly<Record<string, unknown>>, system = false): void {
    this.invoke(clientId, 'message.send', stream, messageHash(text, data, system));
  }

  /** @param op as the log would call it, e.g. `member.add`, or the id of an operation @param stream empty for a command that makes its stream */
  invoke(clientId: string, op: string, stream: string, body?: string): void {
    const entry: InvokeEntry = { k: 'invoke', client_id: clientId, op, stream, outbox: this.outbox, body };
    this.unanswered.set(clientId, entry);
    this.write(entry);
  }

  /** Invokes a command once more that is unanswered: in another history, for example. */
  again(clientId: string): void {
    const entry = this.unanswered.get(clientId);
    if (entry !== undefined) this.write(entry);
  }

  ack(clientId: string, { conversationId, stream = conversationId, seq, duplicate }: Answer): void {
    this.unanswered.delete(clientId);
    this.write({ k: 'ack', client_id: clientId, stream, seq, event_id: '', duplicate });
  }

  /** Finally refused. */
  fail(clientId: string, code: string): void {
    this.unanswered.delete(clientId);
    this.write({ k: 'fail', client_id: clientId, code });
  }

  /** The connection is gone: nobody knows what became of the unanswered commands. */
  lost(reason: string): void {
    for (const clientId of this.unanswered.keys()) this.write({ k: 'unknown', client_id: clientId, reason });
  }

  observe(observer: string, stream: string, afterSeq: number): void {
    this.write({ k: 'observe', observer, stream, after_seq: afterSeq });
  }

  fact(observer: string, fact: SeenFact): void {
    const { stream, seq, eventId, type, clientId, actor, targetSeq, redacted } = fact;
    this.write({
      k: 'fact', observer, stream, seq, event_id: eventId, type, client_id: clientId, actor, target_seq: targetSeq, redacted, body: contentHash(type, fact.body),
    });
  }

  skipped(observer: string, { stream, fromSeq, toSeq, cause }: SeenRange): void {
    const known = CAUSES.find((one) => one === cause);
    if (known === undefined) throw new Error(`a range with the cause ${cause}`);
    this.write({ k: 'range', observer, stream, from_seq: fromSeq, to_seq: toSeq, cause: known });
  }

  mark({ conversationId, userId, deliveredSeq, readSeq }: SeenMark): void {
    this.write({ k: 'mark', stream: conversationId, user: userId, delivered_seq: deliveredSeq, read_seq: readSeq });
  }

  unread(stream: string, user: string, count: number, atSeq: number): void {
    this.write({ k: 'unread', stream, user, count, at_seq: atSeq });
  }

  /** @param thread the message that it began with @param ownSeq where the user's own stream stands, or has stood */
  unreadReplies(stream: string, user: string, thread: number, count: number, atSeq: number, ownSeq: number): void {
    this.write({ k: 'unread', stream, user, count, at_seq: atSeq, thread, own_seq: ownSeq });
  }

  canary(app: string, textHash: string): void {
    this.write({ k: 'canary', app, text_hash: textHash });
  }

  /** The observer has drained its stream. */
  end(observer: string, stream: string, seq: number): void {
    this.write({ k: 'end', observer, stream, seq });
  }
}
