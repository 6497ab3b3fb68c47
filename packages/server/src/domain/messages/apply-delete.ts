import type { DeleteMessage, Place } from '../../storage/command.js';
import { redactedBody } from '../../storage/message-body.js';
import type { EventRow, MessageRow } from '../../storage/rows.js';
import type { UnitOfWork } from '../../storage/unit-of-work.js';
import { authorise, requireAction } from '../conversations/authorise.js';
import { noteReplyGone } from '../threads/reply.js';
import { changeState } from './state.js';
import { targetMessage } from './target.js';

/**
 * Appends `message.deleted` and empties every fact about the message in the same transaction (VIS4).
 * Deleting what is deleted already answers with the place of the first deletion.
 */
export function applyDelete(work: UnitOfWork, command: DeleteMessage): EventRow | Place {
  const authorised = authorise(work, command, command.conversation, 'conversation.read');
  const { member } = authorised;
  const message = targetMessage(work, command, member);
  if (member) requireAction(authorised, message.sender === member.user ? 'message.delete_own' : 'message.delete_any');
  if (message.deletedMs !== null) {
    return { stream: command.conversation, seq: message.changedSeq, timeMs: message.deletedMs, type: 'message.deleted', targetSeq: message.seq };
  }
  const event = work.append(command, { stream: command.conversation, type: 'message.deleted', targetSeq: message.seq, payload: '{}' });
  eraseMessage(work, message, event);
  return event;
}

/** Leaves nothing of a message but its place. @param event the tombstone */
export function eraseMessage(work: UnitOfWork, message: MessageRow, event: EventRow): void {
  noteReplyGone(work, message);
  message.deletedMs = event.timeMs;
  message.bodySeq = message.seq;
  changeState(work, message, event);
  const rest = message.threadSeq === null ? '{}' : redactedBody(work.payload(message.app, message.conversation, message.seq) ?? '{}');
  work.redact(message.app, message.conversation, message.seq, rest);
}
