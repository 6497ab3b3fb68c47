/** What this backend does about what is said: an order can be cancelled by its buyer, in a word. Each fact has its effect once. */
import { clientIdFrom, TalariaError, type Client, type Fact } from '@talaria/sdk';
import type { Chat } from './chat.js';

const CANCEL = /^\s*cancel\b/i;

/**
 * Handles one fact. The consumer calls it for each, in order, and again for the one at which a process died (ORD2). So all that it
 * does is done under a key made of the fact: the second time changes nothing (SND2).
 *
 * @param client the bot's own
 * @param log told what was done, and no text of a message
 */
export async function handleFact(client: Client, chat: Chat, fact: Fact, log: (line: string) => void): Promise<void> {
  const { text } = fact.body as { readonly text?: string };
  if (fact.type !== 'message.created' || fact.actor === '' || fact.actor === client.userId || !CANCEL.test(text ?? '')) return;
  try {
    const order = await chat.find(fact.stream);
    if (!order) return;
    const { id: buyer } = await client.call('users.get', { user_id: `ext:${order.buyer}` });
    const mayCancel = fact.actor === buyer;
    if (mayCancel) await chat.cancel(order, fact.eventId);
    const answer = mayCancel ? `Order ${order.number} is cancelled.` : `Only who has ordered can cancel order ${order.number}.`;
    await client.conversations.open(fact.stream).send(answer, { clientId: clientIdFrom(fact.timeMs, `answer to ${fact.eventId}`) }).sent;
    log(`answered ${fact.stream} seq ${fact.seq}`);
  } catch (error) {
    // Thrown, the fact comes again. Where trying again cannot help, the ones behind it must not wait for it.
    if (!(error instanceof TalariaError) || error.retryable || error.code === 'closed') throw error;
    log(`no answer to ${fact.stream} seq ${fact.seq}: ${error.code}`);
  }
}
