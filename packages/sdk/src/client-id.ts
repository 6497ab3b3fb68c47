/** Client ids that do not change, for Node. */
import { createUuid7, uuidText } from '@talaria/protocol';
import { createHash } from 'node:crypto';
import { TalariaError } from './errors.js';

const TIME_MS_MAX = 2 ** 48 - 1;

/**
 * A client id for `conversation.send` that is the same whenever it is made of the same time and name. A handler of `consume` that
 * answers a fact with it answers once, even if it runs again for that fact (SND2, ORD2):
 *
 * ```ts
 * conversation.send(answer, { clientId: clientIdFrom(fact.timeMs, `answer to ${fact.eventId}`) });
 * ```
 *
 * @param timeMs when that was what is answered. The server refuses client ids from before the time whose keys it has forgotten
 * @param name what tells this message from every other of the user
 * @throws TalariaError invalid_argument when the time is none
 */
export function clientIdFrom(timeMs: number, name: string): string {
  if (!Number.isInteger(timeMs) || timeMs < 0 || timeMs > TIME_MS_MAX) throw new TalariaError('invalid_argument', 'timeMs must be a whole number of milliseconds since 1970.');
  const hash = createHash('sha256').update(name).digest();
  return uuidText(createUuid7({ now: () => timeMs, fill: (bytes) => bytes.set(hash.subarray(0, bytes.length)) })());
}
