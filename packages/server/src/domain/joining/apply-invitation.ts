import { limits, ProtocolError } from '@talaria/protocol';
import type { AnswerInvitation, Invite, Place, RevokeInvitation } from '../../storage/command.js';
import type { ConversationRow, EntryRow, EventRow } from '../../storage/rows.js';
import { parseStored } from '../../storage/stored-json.js';
import type { UnitOfWork } from '../../storage/unit-of-work.js';
import { roleToGive } from '../conversations/apply-members.js';
import { authorise } from '../conversations/authorise.js';
import { refuseContact } from '../users/apply-user.js';
import { admitMember, forgetInvitation, invitationPlace, ownInvitationPlace } from './admit.js';

export interface Invitation {
  readonly role: string;
  readonly invited_by: string | null;
  readonly created_ms: number;
  readonly expires_ms: number | null;
}

export const parseInvitation = (row: EntryRow): Invitation => parseStored(row.value) as Invitation;

/** Invites users who are no members. Who is invited already stays invited as before. */
export function applyInvite(work: UnitOfWork, command: Invite): EventRow | Place {
  const { conversation, member } = authorise(work, command, command.conversation, 'conversation.invite');
  const role = roleToGive(conversation, member, command.role);
  work.ahead(command.members.flatMap((user) => [
    () => work.user(command.app, user), () => work.member(command.app, conversation.id, user), () => work.entry(invitationPlace(command.app, conversation.id, user)),
  ]));
  for (const user of command.members) {
    if (!work.user(command.app, user)) throw new ProtocolError('not_found', `There is no user ${user}.`, { field: 'user_ids' });
    if (work.member(command.app, conversation.id, user)?.active) throw new ProtocolError('conflict', 'One of them is a member already.', { field: 'user_ids' });
  }
  refuseContact(work, command, command.members, 'user_ids');
  if (work.entriesOfType(command.app, conversation.id, 'invitation', limits.invitations_max).length + command.members.length > limits.invitations_max) {
    throw new ProtocolError('limit_reached', `At most ${limits.invitations_max} invitations wait for an answer. Revoke some.`);
  }
  let last: EventRow | Place | undefined;
  for (const user of new Set(command.members)) last = inviteOne(work, command, conversation, user, role);
  if (!last) throw new ProtocolError('invalid_argument', 'Name at least one user.', { field: 'user_ids' });
  return last;
}

function inviteOne(work: UnitOfWork, command: Invite, conversation: ConversationRow, user: string, role: string): EventRow | Place {
  const known = work.entry(invitationPlace(command.app, conversation.id, user));
  if (known && !isOver(parseInvitation(known), work.now())) {
    return { stream: conversation.id, seq: known.seq, timeMs: parseInvitation(known).created_ms, type: 'invitation.created', targetSeq: null };
  }
  const event = work.append(command, { stream: conversation.id, type: 'invitation.created', payload: JSON.stringify({ user_id: user, role, expires_ms: command.expiresMs }) });
  const received = work.append(command, {
    stream: user, type: 'invitation.received',
    payload: JSON.stringify({ conversation_id: conversation.id, kind: conversation.kind, name: conversation.name, role, invited_by: command.user, expires_ms: command.expiresMs }),
  });
  const invitation: Invitation = { role, invited_by: command.user, created_ms: event.timeMs, expires_ms: command.expiresMs };
  work.putEntry({ ...invitationPlace(command.app, conversation.id, user), seq: event.seq, value: JSON.stringify(invitation), dueMs: null });
  work.putEntry({ ...ownInvitationPlace(command.app, conversation.id, user), seq: received.seq, value: JSON.stringify({ ...invitation, kind: conversation.kind, name: conversation.name }), dueMs: null });
  return event;
}

/** Accepts or declines. Who has no invitation learns nothing, not even that the conversation exists (ISO1). */
export function applyAnswerInvitation(work: UnitOfWork, command: AnswerInvitation): EventRow | Place {
  const conversation = work.conversation(command.app, command.conversation);
  const user = command.user;
  if (user === null) throw new ProtocolError('invalid_argument', 'Say for which user.', { field: 'as_user_id' });
  const entry = conversation && work.entry(invitationPlace(command.app, command.conversation, user));
  if (!conversation || !entry || isOver(parseInvitation(entry), work.now())) throw new ProtocolError('not_found', 'There is no such invitation.');
  if (command.accept) return admitMember(work, command, conversation, user, parseInvitation(entry).role);
  const event = work.append(command, { stream: conversation.id, type: 'invitation.ended', payload: JSON.stringify({ user_id: user, cause: 'declined' }) });
  forgetInvitation(work, command, conversation.id, user, 'declined');
  return event;
}

/** Takes an invitation back. */
export function applyRevokeInvitation(work: UnitOfWork, command: RevokeInvitation): EventRow {
  authorise(work, command, command.conversation, 'conversation.invite');
  if (!work.entry(invitationPlace(command.app, command.conversation, command.member))) throw new ProtocolError('not_found', 'That user is not invited.', { field: 'user_id' });
  const event = work.append(command, { stream: command.conversation, type: 'invitation.ended', payload: JSON.stringify({ user_id: command.member, cause: 'revoked' }) });
  forgetInvitation(work, command, command.conversation, command.member, 'revoked');
  return event;
}

export function isOver(one: { readonly expires_ms: number | null }, nowMs: number): boolean {
  return one.expires_ms !== null && one.expires_ms <= nowMs;
}
