import { ProtocolError } from '@talaria/protocol';
import type { PreviewMessage } from '../../storage/command.js';
import type { EventRow } from '../../storage/rows.js';
import type { UnitOfWork } from '../../storage/unit-of-work.js';
import { authorise } from '../conversations/authorise.js';
import { changeState, stateOf } from './state.js';
import { presentMessage } from './target.js';

/**
 * Appends `message.previewed` to a message that still says what it said when its links were looked at.
 *
 * @throws ProtocolError not_found, gone; conflict when it says something else by now, or when there was nothing and is nothing
 */
export function applyPreview(work: UnitOfWork, command: PreviewMessage): EventRow {
  const { member } = authorise(work, command, command.conversation, 'message.edit_own');
  const message = presentMessage(work, command, member);
  if (message.bodySeq !== command.bodySeq) throw new ProtocolError('conflict', 'The message was edited meanwhile.');
  if (command.previews.length === 0 && (stateOf(message).previews ?? []).length === 0) throw new ProtocolError('conflict', 'The message has no previews.');
  const event = work.append(command, { stream: command.conversation, type: 'message.previewed', targetSeq: message.seq, payload: JSON.stringify({ previews: command.previews }) });
  changeState(work, message, event);
  return event;
}
