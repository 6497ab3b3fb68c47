import { ProtocolError } from '@talaria/protocol';
import type { MemberRow, MessageRow } from '../../storage/rows.js';
import type { UnitOfWork } from '../../storage/unit-of-work.js';

interface Target {
  readonly app: string;
  readonly conversation: string;
  readonly seq: number;
}

/**
 * The message that a command is about, as far as the member may see it (ISO2).
 *
 * @param member the acting member; undefined for the backend, who sees everything
 * @throws ProtocolError not_found
 */
export function targetMessage(work: UnitOfWork, place: Target, member: MemberRow | undefined): MessageRow {
  const message = work.message(place.app, place.conversation, place.seq);
  const history = work.conversation(place.app, place.conversation)?.history;
  // Commands need an active member, so the interval that counts is the open one, or an own message of an earlier one.
  const visible = !member || history === 'all' || place.seq >= member.joinedSeq || message?.sender === member.user;
  if (!message || !visible) throw new ProtocolError('not_found', 'There is no such message, or it is not visible to you.');
  return message;
}

/** The same, of a message that has not been deleted. @throws ProtocolError not_found, gone */
export function presentMessage(work: UnitOfWork, place: Target, member: MemberRow | undefined): MessageRow {
  const message = targetMessage(work, place, member);
  if (message.deletedMs !== null) throw new ProtocolError('gone', 'The message has been deleted.');
  return message;
}
