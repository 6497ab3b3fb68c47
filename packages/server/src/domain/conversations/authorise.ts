import { may, ProtocolError, type Action } from '@talaria/protocol';
import type { ConversationRow, MemberRow } from '../../storage/rows.js';
import type { UnitOfWork } from '../../storage/unit-of-work.js';
import { settingsOf } from './settings.js';

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
  requireAction({ conversation, member }, action);
  return { conversation, member };
}

/** Whether whoever acts may do this, too. */
export function allows({ conversation, member }: Authorised, action: Action): boolean {
  if (!member) return true;
  return may({ kind: 'user', userId: member.user }, action, member, { kind: conversation.kind, roles: settingsOf(conversation).roles });
}

/** @throws ProtocolError forbidden */
export function requireAction(authorised: Authorised, action: Action): void {
  if (!allows(authorised, action)) throw new ProtocolError('forbidden', `The role ${authorised.member?.role ?? ''} does not allow ${action} here.`);
}

/**
 * The member for whom a command is, where it concerns one user alone.
 *
 * @throws ProtocolError invalid_argument when a backend has not said for whom
 */
export function requireMember(member: MemberRow | undefined): MemberRow {
  if (!member) throw new ProtocolError('invalid_argument', 'Say for which user.', { field: 'as_user_id' });
  return member;
}
