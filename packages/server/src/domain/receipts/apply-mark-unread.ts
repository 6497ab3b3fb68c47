import { ProtocolError } from '@talaria/protocol';
import type { MarkUnread } from '../../storage/command.js';
import type { EventRow } from '../../storage/rows.js';
import type { UnitOfWork } from '../../storage/unit-of-work.js';
import { authorise } from '../conversations/authorise.js';

/** CNT3: "mark unread" is a fact of the user's own stream. The read mark itself stays where it is. */
export function applyMarkUnread(work: UnitOfWork, command: MarkUnread): EventRow {
  const { member } = authorise(work, command, command.conversation, 'mark.set');
  if (!member) throw new ProtocolError('invalid_argument', 'Say for which user.', { field: 'as_user_id' });
  const head = work.stream(command.app, command.conversation).headSeq;
  const fromSeq = Math.max(command.fromSeq, member.joinedSeq + 1);
  if (fromSeq > head) throw new ProtocolError('invalid_argument', 'There is no such message yet.', { field: 'from_seq' });
  const before = work.ordinalsAt(command.app, command.conversation, fromSeq - 1, member);
  const event = work.append(command, {
    stream: member.user, type: 'conversation.unread_set', payload: JSON.stringify({ conversation_id: command.conversation, from_seq: fromSeq }),
  });
  member.unreadFromSeq = fromSeq;
  member.unreadOrdinal = before.ordinal;
  member.unreadSenderOrdinal = before.senderOrdinal;
  work.changeMember(member);
  return event;
}
