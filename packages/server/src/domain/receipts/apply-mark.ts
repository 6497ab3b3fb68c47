import { ProtocolError } from '@talaria/protocol';
import type { MarkOutcome, MarkUpdate } from '../../storage/command.js';
import type { UnitOfWork } from '../../storage/unit-of-work.js';
import { refusalData } from '../../storage/refusal-data.js';
import type { MarkRow, MemberRow } from '../../storage/rows.js';
import { authorise } from '../conversations/authorise.js';
import { sharesReceipts } from '../users/settings.js';
import { startExpiry } from './start-expiry.js';

/**
 * Moves a member's marks forward (CNT3). A mark beyond the head is cut to the head; a late one changes nothing. A read mark
 * that reaches what was put back clears "mark unread", and that is told as a move to where the mark already is: the user's
 * other devices show it, too.
 */
export function decideMark(work: UnitOfWork, update: MarkUpdate): MarkOutcome {
  try {
    const { conversation, member } = authorise(work, update, update.conversation, 'mark.set');
    if (!member) throw new ProtocolError('invalid_argument', 'Say for which user.', { field: 'as_user_id' });
    const stream = work.stream(update.app, update.conversation);
    const readSeq = Math.min(update.readSeq, stream.headSeq);
    // What is read has been delivered.
    const deliveredSeq = Math.min(Math.max(update.deliveredSeq, readSeq), stream.headSeq);
    const clearedUnread = member.unreadFromSeq !== null && readSeq >= member.unreadFromSeq;
    const moves = readSeq > member.readSeq || deliveredSeq > member.deliveredSeq || clearedUnread;
    if (!moves) return { ok: true, moved: null, stands: markOf(member) };
    if (readSeq > member.readSeq) {
      if (conversation.settings !== '{}') startExpiry(work, conversation, { app: update.app, reader: member.user, fromSeq: member.readSeq + 1, toSeq: readSeq });
      const at = work.ordinalsAt(update.app, update.conversation, readSeq, member);
      member.readSeq = readSeq;
      if (sharesReceipts(work.user(update.app, member.user))) member.publicReadSeq = readSeq;
      member.readOrdinal = at.ordinal;
      member.readSenderOrdinal = at.senderOrdinal;
    }
    if (clearedUnread) member.unreadFromSeq = null;
    member.deliveredSeq = Math.max(member.deliveredSeq, deliveredSeq);
    stream.marksVersion += 1;
    member.marksVersion = stream.marksVersion;
    work.changeStream(stream);
    work.changeMember(member);
    return { ok: true, moved: markOf(member) };
  } catch (error) {
    if (error instanceof ProtocolError) return { ok: false, refusal: refusalData(error) };
    throw error;
  }
}

const markOf = ({ user, deliveredSeq, readSeq, publicReadSeq, marksVersion }: MemberRow): MarkRow => ({ user, deliveredSeq, readSeq, publicReadSeq, version: marksVersion });
