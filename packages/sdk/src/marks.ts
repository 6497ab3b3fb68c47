/** The user's own marks: registers whose largest value wins, so that sending one twice does no harm (CNT3). */
import type { UpInput } from '@talaria/protocol';

interface Mark {
  readonly deliveredSeq: number;
  readonly readSeq: number;
}

export class Marks {
  private readonly unconfirmed = new Map<string, Mark>();
  /** Conversations of which the server could not store a mark, or something else. */
  private readonly refused = new Set<string>();

  constructor(private readonly send: (frame: UpInput) => boolean) {}

  move(conversationId: string, deliveredSeq: number, readSeq: number): void {
    const before = this.unconfirmed.get(conversationId);
    const mark = { deliveredSeq: Math.max(before?.deliveredSeq ?? 0, deliveredSeq), readSeq: Math.max(before?.readSeq ?? 0, readSeq) };
    this.unconfirmed.set(conversationId, mark);
    this.transmit(conversationId, mark);
  }

  /** The server has shown the mark. */
  confirmed(conversationId: string, deliveredSeq: number, readSeq: number): void {
    const mark = this.unconfirmed.get(conversationId);
    if (mark && mark.deliveredSeq <= deliveredSeq && mark.readSeq <= readSeq) this.unconfirmed.delete(conversationId);
  }

  /** The server could not do something in the conversation just now: storing a mark, perhaps. */
  later(conversationId: string): void {
    if (this.unconfirmed.has(conversationId)) this.refused.add(conversationId);
  }

  /** What could not be stored goes again. */
  again(): void {
    for (const conversationId of this.refused) {
      const mark = this.unconfirmed.get(conversationId);
      if (mark) this.transmit(conversationId, mark);
    }
    this.refused.clear();
  }

  /** A mark that was on its way when the connection ended goes again. */
  connect(): void {
    for (const [conversationId, mark] of this.unconfirmed) this.transmit(conversationId, mark);
  }

  /** RES5: the log is another one, where the same seqs are other messages. @param conversationId empty for every one */
  forget(conversationId: string): void {
    if (conversationId === '') this.unconfirmed.clear();
    else this.unconfirmed.delete(conversationId);
  }

  private transmit(conversationId: string, mark: Mark): void {
    this.send({ mark: { conversation_id: conversationId, delivered_seq: mark.deliveredSeq, read_seq: mark.readSeq } });
  }
}
