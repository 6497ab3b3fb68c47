import { may, ProtocolError, type Action } from '@talaria/protocol';
import type { ConversationRow, MemberRow } from '../../storage/rows.js';
import type { UnitOfWork } from '../../storage/unit-of-work.js';

export interface Authorised {
  readonly conversation: ConversationRow;
  /** The acting user's row; undefined when the backend acts as itself. */
  readonly member: MemberRow | undefined;
}

/**
 * Reads conversation and membership in the open transaction and asks the permission table (ISO4).
 * Who is not a member learns nothing, not even that the conversation exists (ISO1).
 *
 * @throws ProtocolError not_found, forbidden
 */
export function authorise(work: UnitOfWork, command: { app: string; user: string | null }, id: string, action: Action): Authorised {
  const conversation = work.conversation(command.app, id);
  if (!conversation) throw new ProtocolError('not_found', 'There is no such conversation, or it is not visible to you.');
  if (command.user === null) return { conversation, member: undefined };
  const member = work.member(command.app, id, command.user);
  if (!member?.active) throw new ProtocolError('not_found', 'There is no such conversation, or it is not visible to you.');
  if (!may({ kind: 'user', userId: command.user }, action, member, conversation)) {
    throw new ProtocolError('forbidden', `The role ${member.role} does not allow ${action} here.`);
  }
  return { conversation, member };
}
