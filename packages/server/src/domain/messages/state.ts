import { foldState, type MessageState, type StateFact } from '@talaria/protocol';
import type { EventRow, MessageRow } from '../../storage/rows.js';
import { parseStored } from '../../storage/stored-json.js';
import type { UnitOfWork } from '../../storage/unit-of-work.js';

const NONE: MessageState = {};

export function stateOf(message: Pick<MessageRow, 'state'>): MessageState {
  return message.state === null ? NONE : parseStored(message.state) as MessageState;
}

/** Null when there is nothing to keep. */
export function stateText(state: MessageState): string | null {
  const text = JSON.stringify(state);
  return text === '{}' ? null : text;
}

/** A fact as the fold of message states takes it. */
export function stateFact(event: EventRow): StateFact {
  return { seq: event.seq, type: event.type, actor: event.actor, time_ms: event.timeMs, body: parseStored(event.payload) as StateFact['body'] };
}

/** What a fact about a message changes in it (ORD5). */
export function changeState(work: UnitOfWork, message: MessageRow, event: EventRow): void {
  message.state = stateText(foldState(stateOf(message), stateFact(event)));
  message.changedSeq = event.seq;
  work.changeMessage(message);
}
