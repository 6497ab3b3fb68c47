import { limits, ProtocolError } from '@talaria/protocol';
import type { Place, SetPin } from '../../storage/command.js';
import type { EventRow } from '../../storage/rows.js';
import type { UnitOfWork } from '../../storage/unit-of-work.js';
import { authorise } from '../conversations/authorise.js';
import { refuseFrozen } from './pace.js';
import { changeState, stateOf } from './state.js';
import { presentMessage } from './target.js';

/** Pins a message, or unpins it. What is so already stays as it is. */
export function applyPin(work: UnitOfWork, command: SetPin): EventRow | Place {
  const authorised = authorise(work, command, command.conversation, 'message.pin');
  refuseFrozen(authorised);
  const message = presentMessage(work, command, authorised.member);
  const place = { app: command.app, stream: command.conversation, type: 'pin', key: '', targetSeq: message.seq } as const;
  const known = work.entry(place);
  if (command.on && known) {
    return { stream: command.conversation, seq: known.seq, timeMs: stateOf(message).pinned?.time_ms ?? message.createdMs, type: 'message.pinned', targetSeq: message.seq };
  }
  if (!command.on && !known) throw new ProtocolError('conflict', 'The message is not pinned.');
  if (command.on && work.entriesOfKey(command.app, command.conversation, 'pin', '', limits.pins_max).length >= limits.pins_max) {
    throw new ProtocolError('limit_reached', `A conversation has at most ${limits.pins_max} pinned messages. Unpin one.`);
  }
  const event = work.append(command, { stream: command.conversation, type: command.on ? 'message.pinned' : 'message.unpinned', targetSeq: message.seq, payload: '{}' });
  changeState(work, message, event);
  if (command.on) work.putEntry({ ...place, seq: event.seq, value: '{}', dueMs: null });
  else work.removeEntry(place);
  return event;
}
