/** Writes one client's history: what it was given, what it was answered, and what it saw. */
import type { HistoryWriter } from '@talaria/checker';
import type { Committed, Fact, MarkEvent, Skipped } from '@talaria/sdk';
import { contentHash, messageHash } from '../content.js';

/** The name of the one observer of each client: its durable consumer. */
const OBSERVER = 'consumer';

interface Answer {
  readonly clientId: string;
  readonly committed: Committed;
}

export class Recorder {
  private readonly unanswered = new Set<string>();
  /** The events that this client's own commands became. */
  private readonly eventIds = new Map<string, string>();
  /** Answers to commands whose facts have not been seen yet. */
  private readonly waiting = new Map<string, Answer>();

  constructor(private readonly history: HistoryWriter, private readonly outbox: string) {}

  get unacked(): readonly string[] {
    return [...this.unanswered];
  }

  invoke(clientId: string, stream: string, text: string, data: Readonly<Record<string, unknown>>): void {
    this.unanswered.add(clientId);
    this.history.write({ k: 'invoke', client_id: clientId, op: 'message.send', stream, outbox: this.outbox, body: messageHash(text, data) });
  }

  /** An ack names the place and not the event, which comes with the fact: the line is written when both are known. */
  ack(clientId: string, committed: Committed): void {
    this.unanswered.delete(clientId);
    const answer = { clientId, committed };
    const eventId = this.eventIds.get(clientId);
    if (eventId === undefined) this.waiting.set(clientId, answer);
    else this.writeAck(answer, eventId);
  }

  fail(clientId: string, code: string): void {
    this.unanswered.delete(clientId);
    this.history.write({ k: 'fail', client_id: clientId, code });
  }

  /** The connection is gone: nobody knows what became of the unanswered commands. */
  lost(reason: string): void {
    for (const clientId of this.unanswered) this.history.write({ k: 'unknown', client_id: clientId, reason });
  }

  observe(stream: string, afterSeq: number): void {
    this.history.write({ k: 'observe', observer: OBSERVER, stream, after_seq: afterSeq });
  }

  fact(fact: Fact): void {
    const { stream, seq, eventId, type, clientId, actor, targetSeq, redacted } = fact;
    this.history.write({
      k: 'fact', observer: OBSERVER, stream, seq, event_id: eventId, type, client_id: clientId, actor, target_seq: targetSeq, redacted, body: contentHash(type, fact.body),
    });
    if (!this.unanswered.has(clientId) && !this.waiting.has(clientId)) return;
    this.eventIds.set(clientId, eventId);
    const answer = this.waiting.get(clientId);
    if (answer !== undefined) this.writeAck(answer, eventId);
  }

  skipped({ stream, fromSeq, toSeq, cause }: Skipped): void {
    if (cause !== 'membership' && cause !== 'retention' && cause !== 'skipped') throw new Error(`a range with the cause ${cause}`);
    this.history.write({ k: 'range', observer: OBSERVER, stream, from_seq: fromSeq, to_seq: toSeq, cause });
  }

  mark({ conversationId, userId, deliveredSeq, readSeq }: MarkEvent): void {
    this.history.write({ k: 'mark', stream: conversationId, user: userId, delivered_seq: deliveredSeq, read_seq: readSeq });
  }

  unread(stream: string, user: string, count: number, atSeq: number): void {
    this.history.write({ k: 'unread', stream, user, count, at_seq: atSeq });
  }

  canary(app: string, textHash: string): void {
    this.history.write({ k: 'canary', app, text_hash: textHash });
  }

  end(stream: string, headSeq: number): void {
    // Whoever was acked sees their own message, too (ORD6): an answer without its fact names no event of the log.
    for (const answer of this.waiting.values()) this.writeAck(answer, 'never_seen');
    this.history.write({ k: 'end', observer: OBSERVER, stream, seq: headSeq });
    this.history.close();
  }

  private writeAck({ clientId, committed }: Answer, eventId: string): void {
    this.waiting.delete(clientId);
    this.eventIds.delete(clientId);
    const { conversationId, seq, duplicate } = committed;
    this.history.write({ k: 'ack', client_id: clientId, stream: conversationId, seq, event_id: eventId, duplicate });
  }
}
