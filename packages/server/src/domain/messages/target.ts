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
  if (!message || (member && !sees(work, place, member))) throw new ProtocolError('not_found', 'There is no such message, or it is not visible to you.');
  return message;
}

/** The same, of a message that has not been deleted. @throws ProtocolError not_found, gone */
export function presentMessage(work: UnitOfWork, place: Target, member: MemberRow | undefined): MessageRow {
  const message = targetMessage(work, place, member);
  if (message.deletedMs !== null) throw new ProtocolError('gone', 'The message has been deleted.');
  return message;
}

/** Most are of the time in which the member has come last; who came back sees what they saw before, too. */
function sees(work: UnitOfWork, { app, conversation, seq }: Target, member: MemberRow): boolean {
  if (seq >= member.joinedSeq || work.conversation(app, conversation)?.history === 'all') return true;
  return work.intervals(app, conversation, member.user).some(({ fromSeq, toSeq }) => fromSeq <= seq && toSeq !== null && seq <= toSeq);
}
