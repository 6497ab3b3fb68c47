import type { HideMessage, Place } from '../../storage/command.js';
import type { EventRow } from '../../storage/rows.js';
import { parseStored } from '../../storage/stored-json.js';
import type { UnitOfWork } from '../../storage/unit-of-work.js';
import { authorise, requireMember } from '../conversations/authorise.js';
import { targetMessage } from './target.js';

/** VIS2: hides a message from one user, by a fact of their own stream. No fact of the conversation is withheld from them. */
export function applyHide(work: UnitOfWork, command: HideMessage): EventRow | Place {
  const { user } = requireMember(authorise(work, command, command.conversation, 'conversation.read').member);
  const message = targetMessage(work, command, work.member(command.app, command.conversation, user));
  const place = { app: command.app, stream: command.conversation, type: 'hidden', key: user, targetSeq: message.seq } as const;
  const known = work.entry(place);
  if (known) {
    const { time_ms } = parseStored(known.value) as { time_ms: number };
    return { stream: user, seq: known.seq, timeMs: time_ms, type: 'message.hidden', targetSeq: message.seq };
  }
  const event = work.append(command, { stream: user, type: 'message.hidden', payload: JSON.stringify({ conversation_id: command.conversation, seq: message.seq }) });
  work.putEntry({ ...place, seq: event.seq, value: JSON.stringify({ time_ms: event.timeMs }), dueMs: null });
  return event;
}
