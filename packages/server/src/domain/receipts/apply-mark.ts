import { ProtocolError } from '@talaria/protocol';
import type { MarkOutcome, MarkUpdate } from '../../storage/command.js';
import type { UnitOfWork } from '../../storage/unit-of-work.js';
import { refusalData } from '../../storage/refusal-data.js';
import { authorise } from '../conversations/authorise.js';

/**
 * Moves a member's marks forward (CNT3). A mark beyond the head is cut to the head; a late one changes nothing. A read mark
 * clears "mark unread", and that is told as a move to where the mark already is: the user's other devices show it, too.
 */
export function decideMark(work: UnitOfWork, update: MarkUpdate): MarkOutcome {
  try {
    const { member } = authorise(work, update, update.conversation, 'mark.set');
    if (!member) throw new ProtocolError('invalid_argument', 'Say for which user.', { field: 'as_user_id' });
    const stream = work.stream(update.app, update.conversation);
    const readSeq = Math.min(update.readSeq, stream.headSeq);
    // What is read has been delivered.
    const deliveredSeq = Math.min(Math.max(update.deliveredSeq, readSeq), stream.headSeq);
    const clearedUnread = readSeq > 0 && member.unreadFromSeq !== null;
    const moves = readSeq > member.readSeq || deliveredSeq > member.deliveredSeq || clearedUnread;
    if (!moves) return { ok: true, moved: null };
    if (readSeq > member.readSeq) {
      const at = work.ordinalsAt(update.app, update.conversation, readSeq, member);
      member.readSeq = readSeq;
      member.readOrdinal = at.ordinal;
      member.readSenderOrdinal = at.senderOrdinal;
    }
    if (clearedUnread) member.unreadFromSeq = null;
    member.deliveredSeq = Math.max(member.deliveredSeq, deliveredSeq);
    stream.marksVersion += 1;
    member.marksVersion = stream.marksVersion;
    work.changeStream(stream);
    work.changeMember(member);
    return { ok: true, moved: { user: member.user, deliveredSeq: member.deliveredSeq, readSeq: member.readSeq, version: member.marksVersion } };
  } catch (error) {
    if (error instanceof ProtocolError) return { ok: false, refusal: refusalData(error) };
    throw error;
  }
}
