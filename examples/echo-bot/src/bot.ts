/** Answers every message once, also over crashes: the same fact is always answered under the same client id. */
import { clientIdFrom, TalariaError, type Client, type Fact } from '@talaria/sdk';

export class EchoBot {
  constructor(private readonly client: Client, private readonly log: (line: string) => void) {}

  /** Handles one fact. The consumer calls it once per fact, in order, and again for the fact at which a process died. */
  async handle(fact: Fact): Promise<void> {
    // Its own user is known by the time facts come.
    if (fact.type !== 'message.created' || fact.actor === this.client.userId || fact.actor === '') return;
    const { text } = fact.body as { text?: string };
    const answer = `You said: ${text === undefined || text === '' ? '(nothing)' : text}`;
    try {
      await this.client.conversations.open(fact.stream).send(answer, { clientId: clientIdFrom(fact.timeMs, `echo of ${fact.eventId}`) }).sent;
      this.log(`answered ${fact.stream} seq ${fact.seq}`);
    } catch (error) {
      // Removed from the conversation meanwhile, for instance: trying again would not help.
      if (!(error instanceof TalariaError) || error.retryable || error.code === 'closed') throw error;
      this.log(`no answer to ${fact.stream} seq ${fact.seq}: ${error.message}`);
    }
  }
}
