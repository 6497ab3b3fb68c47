/** Waiting for what comes. Nothing here sleeps for a time that somebody has guessed. */
import type { Client, Conversation, ConversationEvents, Fact } from '@talaria/sdk';

const PATIENCE_MS = 10_000;
const AGAIN_MS = 50;

/**
 * The next fact of that type, in any stream of the user. Ask before you do what brings it about.
 *
 * @throws Error when none has come after 10 s
 */
export function nextFact(client: Client, type: string, holds: (fact: Fact) => boolean = () => true): Promise<Fact> {
  return next(`fact ${type}`, (listener) => client.on('fact', listener), (fact) => fact.type === type && holds(fact));
}

/** The next event of that name. Ask before you do what brings it about. @throws Error when none has come after 10 s */
export function nextEvent<Name extends keyof ConversationEvents>(
  conversation: Conversation, name: Name, holds: (event: ConversationEvents[Name]) => boolean = () => true,
): Promise<ConversationEvents[Name]> {
  return next(name, (listener) => conversation.on(name, listener), holds);
}

/** @param subscribe gives how to stop */
export function next<Event>(what: string, subscribe: (listener: (event: Event) => void) => () => void, holds: (event: Event) => boolean): Promise<Event> {
  const coming = new Promise<Event>((resolve, reject) => {
    const stop = subscribe((event) => {
      if (!holds(event)) return;
      clearTimeout(timer);
      stop();
      resolve(event);
    });
    const timer = setTimeout(() => {
      stop();
      reject(new Error(`No ${what} came within ${PATIENCE_MS / 1_000} s.`));
    }, PATIENCE_MS);
  });
  // Whoever has given up before does not wait for it any more.
  coming.catch(() => undefined);
  return coming;
}

/** For what no event tells: asks again until it is so. @returns the last answer, whatever it was after 10 s */
export async function eventually<Answer>(ask: () => Promise<Answer>, holds: (answer: Answer) => boolean): Promise<Answer> {
  const untilMs = performance.now() + PATIENCE_MS;
  for (;;) {
    const answer = await ask();
    if (holds(answer) || performance.now() > untilMs) return answer;
    await new Promise((resolve) => {
      setTimeout(resolve, AGAIN_MS);
    });
  }
}
