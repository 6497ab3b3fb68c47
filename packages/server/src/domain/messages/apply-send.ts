import type { SendMessage } from '../../storage/command.js';
import type { EventRow } from '../../storage/rows.js';
import type { UnitOfWork } from '../../storage/unit-of-work.js';
import { authorise } from '../conversations/authorise.js';

/** Appends `message.created`. A message of the backend itself is a system message: no sender, not counted. */
export function applySend(work: UnitOfWork, command: SendMessage): EventRow {
  const { member } = authorise(work, command, command.conversation, 'message.send');
  const stream = work.stream(command.app, command.conversation);
  const countable = member !== undefined && !command.silent;
  const ordinal = stream.ordinal + (countable ? 1 : 0);
  const senderOrdinal = (member?.senderOrdinal ?? 0) + (countable ? 1 : 0);
  const event = work.append(command, {
    stream: command.conversation, type: 'message.created', ordinals: { ordinal, senderOrdinal }, countable, payload: command.payload,
  });
  stream.ordinal = ordinal;
  if (member && countable) {
    member.senderOrdinal = senderOrdinal;
    work.countMember(member);
  }
  return event;
}
