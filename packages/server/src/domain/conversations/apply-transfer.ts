import { ProtocolError } from '@talaria/protocol';
import type { TransferConversation } from '../../storage/command.js';
import type { EventRow, MemberRow } from '../../storage/rows.js';
import type { UnitOfWork } from '../../storage/unit-of-work.js';
import { authorise } from './authorise.js';

/** Makes another member the owner. Who was it is admin from then on; a backend leaves the others as they are. */
export function applyTransfer(work: UnitOfWork, command: TransferConversation): EventRow {
  const { conversation, member } = authorise(work, command, command.conversation, 'conversation.transfer');
  if (conversation.kind === 'direct') throw new ProtocolError('conflict', 'A direct conversation belongs to both sides.');
  const subject = work.member(command.app, conversation.id, command.member);
  if (!subject?.active) throw new ProtocolError('not_found', 'That user is not a member.', { field: 'user_id' });
  if (subject.role === 'owner') throw new ProtocolError('conflict', 'That member is the owner already.');
  if (work.user(command.app, subject.user)?.deactivatedMs != null) throw new ProtocolError('conflict', 'That member is deactivated, and could not act as the owner.', { field: 'user_id' });
  const event = setRole(work, command, subject, 'owner');
  if (member) setRole(work, command, member, 'admin');
  return event;
}

function setRole(work: UnitOfWork, command: TransferConversation, member: MemberRow, role: string): EventRow {
  const event = work.append(command, { stream: command.conversation, type: 'member.updated', payload: JSON.stringify({ user_id: member.user, role }) });
  member.role = role;
  work.changeMember(member);
  return event;
}
