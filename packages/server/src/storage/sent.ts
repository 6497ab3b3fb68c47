/** A send's fact, from the command and the few things that committing it has added. */
import type { SendMessage } from './command.js';
import type { EventRow } from './rows.js';

/** What the log has added to a send. */
export type SentPlace = Pick<EventRow, 'seq' | 'position' | 'eventId' | 'timeMs' | 'ordinal' | 'senderOrdinal'>;

/** The fact as the log holds it. */
export function sentFact(command: SendMessage, place: SentPlace): EventRow {
  return {
    app: command.app, stream: command.conversation, seq: place.seq, position: place.position, eventId: place.eventId, type: 'message.created', version: 1, actor: command.user,
    timeMs: place.timeMs, targetSeq: null, clientId: command.clientId, traceId: command.traceId, redacted: false, ordinal: place.ordinal, senderOrdinal: place.senderOrdinal,
    payload: command.payload,
  };
}
