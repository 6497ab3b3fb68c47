import { ProtocolError } from '@talaria/protocol';
import type { EditMessage } from '../../storage/command.js';
import type { EventRow } from '../../storage/rows.js';
import type { UnitOfWork } from '../../storage/unit-of-work.js';
import { authorise } from '../conversations/authorise.js';
import { bodyText, parseBody } from '../../storage/message-body.js';
import { targetMessage } from './target.js';

/** Appends `message.updated` with the whole new body. */
export function applyEdit(work: UnitOfWork, command: EditMessage): EventRow {
  const { member } = authorise(work, command, command.conversation, 'message.edit_own');
  const message = targetMessage(work, command, member);
  if (member && message.sender !== member.user) throw new ProtocolError('forbidden', 'Only the sender may edit a message.');
  if (message.deletedMs !== null) throw new ProtocolError('gone', 'The message has been deleted.');
  const body = parseBody(work.payload(command.app, command.conversation, message.bodySeq) ?? '{}');
  const event = work.append(command, {
    stream: command.conversation, type: 'message.updated', targetSeq: message.seq, ordinals: message,
    payload: bodyText({ ...body, text: command.text ?? body.text, data: command.data ?? body.data }),
  });
  message.bodySeq = event.seq;
  message.changedSeq = event.seq;
  message.editedMs = event.timeMs;
  work.changeMessage(message);
  return event;
}
