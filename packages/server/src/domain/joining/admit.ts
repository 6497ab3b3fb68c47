import type { Command, Place } from '../../storage/command.js';
import type { EntryPlace } from '../../storage/entries.js';
import type { ConversationRow, EventRow } from '../../storage/rows.js';
import type { UnitOfWork } from '../../storage/unit-of-work.js';
import { defaultRole, joinedPlace, joinMember } from '../conversations/join.js';
import { hasRole } from '../conversations/settings.js';

/** An invitation, as the conversation has it, and as the invited user does. */
export const invitationPlace = (app: string, conversation: string, user: string) => ({ app, stream: conversation, type: 'invitation', key: user, targetSeq: 0 }) as const satisfies EntryPlace;
export const ownInvitationPlace = (app: string, conversation: string, user: string) => ({ app, stream: user, type: 'invited', key: conversation, targetSeq: 0 }) as const satisfies EntryPlace;
/** A request to join, likewise. */
export const requestPlace = (app: string, conversation: string, user: string) => ({ app, stream: conversation, type: 'join_request', key: user, targetSeq: 0 }) as const satisfies EntryPlace;
export const ownRequestPlace = (app: string, conversation: string, user: string) => ({ app, stream: user, type: 'asked', key: conversation, targetSeq: 0 }) as const satisfies EntryPlace;

/**
 * Lets a user into a conversation that is there already, whichever way they come. What else waited to bring them in has come to its
 * end with that: nobody joins twice.
 *
 * @param role with which they come; one that the conversation does not define any more is none that one joins with
 * @param how by which link, when it was one
 * @returns of who is in already, where they joined
 */
export function admitMember(work: UnitOfWork, command: Command, conversation: ConversationRow, user: string, role: string, how: { readonly link_seq?: number } = {}): EventRow | Place {
  const { app } = command;
  const known = work.member(app, conversation.id, user);
  const joined = known?.active
    ? joinedPlace(known)
    : joinMember(work, command, conversation, user, hasRole(conversation, role) ? role : defaultRole(conversation.kind), how);
  if (work.entry(invitationPlace(app, conversation.id, user))) forgetInvitation(work, command, conversation.id, user, 'accepted');
  if (work.entry(requestPlace(app, conversation.id, user))) endRequest(work, command, conversation.id, user, 'accepted');
  return joined;
}

/** Removes an invitation, and tells who was invited why. */
export function forgetInvitation(work: UnitOfWork, command: Command, conversation: string, user: string, cause: 'accepted' | 'declined' | 'revoked'): void {
  work.append(command, { stream: user, type: 'invitation.gone', payload: JSON.stringify({ conversation_id: conversation, cause }) });
  work.removeEntry(invitationPlace(command.app, conversation, user));
  work.removeEntry(ownInvitationPlace(command.app, conversation, user));
}

/** Removes a request to join, and tells who has asked what came of it. */
export function endRequest(work: UnitOfWork, command: Command, conversation: string, user: string, outcome: 'accepted' | 'denied' | 'withdrawn'): void {
  work.removeEntry(requestPlace(command.app, conversation, user));
  work.removeEntry(ownRequestPlace(command.app, conversation, user));
  if (outcome === 'withdrawn') work.append(command, { stream: user, type: 'join.unasked', payload: JSON.stringify({ conversation_id: conversation }) });
  else work.append(command, { stream: user, type: 'join.answered', payload: JSON.stringify({ conversation_id: conversation, accepted: outcome === 'accepted' }) });
}
