import type { History } from '../history.js';
import { sightAt } from '../membership.js';
import { isForeign, isUserStream, piecesFor } from '../streams.js';
import type { Violation } from '../violation.js';
import { walkName } from '../walks.js';

/** H7: nothing is seen outside a membership interval (ISO2, ISO3); a user's own stream is that user's alone. */
export function h7(history: History): Violation[] {
  return history.walks.flatMap((walk) => {
    const log = history.streams.get(walk.stream);
    // A stream of another app is H8's.
    if (log === undefined || isForeign(log, walk.client.app)) return [];
    const { client, user } = walk.client;
    const pieces = piecesFor(log, user);
    const why = isUserStream(walk.stream) ? 'which is the stream of another user' : `where ${user} was no member`;
    return walk.steps
      .filter(({ fact }) => sightAt(pieces, fact.seq) === 'out')
      .map(({ fact }): Violation => {
        return { rule: 'H7', text: `${walkName(walk)} saw ${walk.stream} seq ${fact.seq}, ${why}`, client, stream: walk.stream, seq: fact.seq };
      });
  });
}
