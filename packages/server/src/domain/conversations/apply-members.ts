import { outranks, ProtocolError, rankOf, roles } from '@talaria/protocol';
import type { AddMembers, Place, RemoveMember, UpdateMember } from '../../storage/command.js';
import type { ConversationRow, EventRow, MemberRow } from '../../storage/rows.js';
import type { UnitOfWork } from '../../storage/unit-of-work.js';
import { dropOut } from '../calls/live-call.js';
import { admitMember } from '../joining/admit.js';
import { refuseContact } from '../users/apply-user.js';
import { authorise } from './authorise.js';
import { defaultRole, joinedPlace } from './join.js';
import { hasRole, settingsOf } from './settings.js';

/** Adds users. Who is a member already stays as they are; the answer then is where they joined. */
export function applyAddMembers(work: UnitOfWork, command: AddMembers): EventRow | Place {
  const { conversation, member } = authorise(work, command, command.conversation, 'member.add');
  const role = roleToGive(conversation, member, command.role);
  for (const user of command.members) {
    if (!work.user(command.app, user)) throw new ProtocolError('not_found', `There is no user ${user}.`, { field: 'member_ids' });
  }
  refuseContact(work, command, command.members.filter((user) => !work.member(command.app, conversation.id, user)?.active), 'member_ids');
  let last: EventRow | Place | undefined;
  for (const user of new Set(command.members)) {
    const existing = work.member(command.app, conversation.id, user);
    last = existing?.active
      ? last ?? joinedPlace(existing)
      : admitMember(work, command, conversation, user, role);
  }
  if (!last) throw new ProtocolError('invalid_argument', 'Name at least one user.', { field: 'member_ids' });
  return last;
}

/** Ends a membership: the interval closes at the fact, which is the last one that the user sees (ISO3). */
export function applyRemoveMember(work: UnitOfWork, command: RemoveMember): EventRow | Place {
  const leaving = command.user === command.member;
  const { conversation, member } = authorise(work, command, command.conversation, leaving ? 'member.leave' : 'member.remove');
  refuseDirect(conversation);
  const subject = work.member(command.app, conversation.id, command.member);
  if (!subject) throw new ProtocolError('not_found', 'That user is not a member.', { field: 'user_id' });
  if (!subject.active) {
    return { stream: conversation.id, seq: subject.leftSeq ?? 0, timeMs: work.now(), type: 'member.left', targetSeq: null };
  }
  if (!leaving) refuseRank(conversation, member, subject.role);
  const cause = leaving ? 'left' : 'removed';
  dropOut(work, command, conversation, subject.user);
  const left = work.append(command, {
    stream: conversation.id, type: 'member.left', payload: JSON.stringify({ user_id: subject.user, cause }),
  });
  subject.active = false;
  subject.leftSeq = left.seq;
  work.changeMember(subject);
  work.closeInterval(subject, left.seq);
  conversation.memberCount -= 1;
  work.changeConversation(conversation);
  work.append(command, {
    stream: subject.user, type: 'conversation.removed',
    payload: JSON.stringify({ conversation_id: conversation.id, left_seq: left.seq, cause }),
  });
  return left;
}

/** Changes a role. */
export function applyUpdateMember(work: UnitOfWork, command: UpdateMember): EventRow {
  const { conversation, member } = authorise(work, command, command.conversation, 'member.update');
  refuseDirect(conversation);
  const subject = work.member(command.app, conversation.id, command.member);
  if (!subject?.active) throw new ProtocolError('not_found', 'That user is not a member.', { field: 'user_id' });
  requireRole(conversation, command.role);
  refuseRank(conversation, member, subject.role);
  refuseRank(conversation, member, command.role);
  const event = work.append(command, {
    stream: conversation.id, type: 'member.updated', payload: JSON.stringify({ user_id: subject.user, role: command.role }),
  });
  subject.role = command.role;
  work.changeMember(subject);
  return event;
}

/**
 * The role of whoever comes to a conversation: what the actor has named, if they may give it, or what its kind gives.
 *
 * @throws ProtocolError conflict for a direct conversation, invalid_argument, forbidden
 */
export function roleToGive(conversation: ConversationRow, actor: MemberRow | undefined, named: string | null): string {
  refuseDirect(conversation);
  const role = named ?? defaultRole(conversation.kind);
  requireRole(conversation, role);
  refuseRank(conversation, actor, role);
  return role;
}

/** @throws ProtocolError conflict */
export function refuseDirect(conversation: ConversationRow): void {
  if (conversation.kind === 'direct') {
    throw new ProtocolError('conflict', 'A direct conversation keeps its two members. Make a group instead.');
  }
}

/** @throws ProtocolError invalid_argument for a role that neither Talaria nor the conversation knows */
export function requireRole(conversation: ConversationRow, role: string): void {
  if (hasRole(conversation, role)) return;
  throw new ProtocolError('invalid_argument', `There is no role ${role}. Talaria's are ${roles.join(', ')}; a conversation may define others.`, { field: 'role' });
}

/** @throws ProtocolError forbidden */
export function refuseRank(conversation: ConversationRow, actor: MemberRow | undefined, subject: string): void {
  const custom = settingsOf(conversation).roles;
  if (actor && !outranks(rankOf(actor.role, custom), rankOf(subject, custom))) {
    throw new ProtocolError('forbidden', `The role ${actor.role} may not act upon the role ${subject}.`);
  }
}
