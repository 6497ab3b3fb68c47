/** Answers every message once, also over crashes: the consumer's cursor moves only when an answer is committed. */
import { TalariaError, type Client, type Fact } from '@talaria/sdk';

const PAGE_MESSAGES = 200;
const POLL_MS = 20;

export class EchoBot {
  /** Conversations in which this process has handled a fact. */
  private readonly begun = new Set<string>();

  constructor(private readonly client: Client, private readonly log: (line: string) => void) {}

  /** Handles one fact. The consumer calls it once per fact, in order, and again for the fact at which a process died. */
  async handle(fact: Fact): Promise<void> {
    if (fact.type !== 'message.created') return;
    // Its own user is known by the time facts come.
    if (fact.actor === this.client.userId || fact.actor === '') return;
    const first = !this.begun.has(fact.stream);
    this.begun.add(fact.stream);
    if (first && await this.answered(fact)) return;
    await this.answer(fact);
  }

  private async answer({ stream, seq, body }: Fact): Promise<void> {
    const { text } = body as { text?: string };
    try {
      const answer = this.client.conversations.open(stream).send({ text: `You said: ${text === undefined || text === '' ? '(nothing)' : text}`, data: { answer_to: seq } });
      await answer.sent;
      this.log(`answered ${stream} seq ${seq}`);
    } catch (error) {
      // Removed from the conversation meanwhile, for instance: trying again would not help.
      if (!(error instanceof TalariaError) || error.retryable || error.code === 'closed') throw error;
      this.log(`no answer to ${stream} seq ${seq}: ${error.message}`);
    }
  }

  /** Whether an earlier process has answered this fact and died before its cursor moved. Its answer may still have been in the outbox. */
  private async answered(fact: Fact): Promise<boolean> {
    while (this.client.pending > 0) {
      await new Promise((resolve) => {
        setTimeout(resolve, POLL_MS);
      });
    }
    const conversation = this.client.conversations.open(fact.stream);
    for (let after = fact.seq; ;) {
      const page = await conversation.history({ after, limit: PAGE_MESSAGES });
      if (page.messages.some(({ senderId, data }) => senderId === this.client.userId && data['answer_to'] === fact.seq)) return true;
      if (!page.hasAfter || page.toSeq <= after) return false;
      after = page.toSeq;
    }
  }
}
