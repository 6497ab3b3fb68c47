import { may, ProtocolError } from '@talaria/protocol';
import type { DeleteMessage, Place } from '../../storage/command.js';
import type { EventRow } from '../../storage/rows.js';
import type { UnitOfWork } from '../../storage/unit-of-work.js';
import { authorise } from '../conversations/authorise.js';
import { targetMessage } from './target.js';

/**
 * Appends `message.deleted` and empties every fact about the message in the same transaction (VIS4).
 * Deleting what is deleted already answers with the place of the first deletion.
 */
export function applyDelete(work: UnitOfWork, command: DeleteMessage): EventRow | Place {
  const { conversation, member } = authorise(work, command, command.conversation, 'conversation.read');
  const message = targetMessage(work, command, member);
  if (member) {
    const action = message.sender === member.user ? 'message.delete_own' : 'message.delete_any';
    if (!may({ kind: 'user', userId: member.user }, action, member, conversation)) {
      throw new ProtocolError('forbidden', `The role ${member.role} does not allow ${action} here.`);
    }
  }
  if (message.deletedMs !== null) {
    return { stream: command.conversation, seq: message.changedSeq, timeMs: message.deletedMs, type: 'message.deleted', targetSeq: message.seq };
  }
  const event = work.append(command, { stream: command.conversation, type: 'message.deleted', targetSeq: message.seq, payload: '{}' });
  message.deletedMs = event.timeMs;
  message.changedSeq = event.seq;
  message.bodySeq = message.seq;
  work.changeMessage(message);
  work.redact(command.app, command.conversation, message.seq);
  return event;
}
