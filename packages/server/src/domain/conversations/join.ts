import type { Command, Place } from '../../storage/command.js';
import type { ConversationKind, ConversationRow, EventRow, MemberRow } from '../../storage/rows.js';
import type { UnitOfWork } from '../../storage/unit-of-work.js';

/**
 * Lets a user in: a fact in the conversation, one in the user's own stream, and a new membership interval
 * (ISO2). What was said before does not count as unread.
 *
 * @param how by which link, when it was one
 */
export function joinMember(work: UnitOfWork, command: Command, conversation: ConversationRow, user: string, role: string, how: { readonly link_seq?: number } = {}): EventRow {
  const joined = work.append(command, {
    stream: conversation.id, type: 'member.joined', payload: JSON.stringify({ user_id: user, role, ...how }),
  });
  const stream = work.stream(command.app, conversation.id);
  const existing = work.member(command.app, conversation.id, user);
  const senderOrdinal = existing?.senderOrdinal ?? 0;
  const state = {
    role, active: true, joinedSeq: joined.seq, joinedMs: joined.timeMs, leftSeq: null, deliveredSeq: joined.seq, readSeq: joined.seq,
    readOrdinal: stream.ordinal, readSenderOrdinal: senderOrdinal, unreadFromSeq: null, unreadOrdinal: 0, unreadSenderOrdinal: 0,
    publicReadSeq: joined.seq, mutedUntilMs: null, pinnedMs: null, archivedMs: null, hiddenSeq: null,
  };
  let member: MemberRow;
  if (existing) {
    member = Object.assign(existing, state);
    work.changeMember(member);
  } else {
    member = { app: command.app, conversation: conversation.id, user, senderOrdinal, marksVersion: 0, ...state };
    work.addMember(member);
  }
  work.openInterval(member, joined.seq);
  conversation.memberCount += 1;
  work.changeConversation(conversation);
  work.append(command, {
    stream: user, type: 'conversation.added',
    payload: JSON.stringify({ conversation_id: conversation.id, joined_seq: joined.seq, role, kind: conversation.kind }),
  });
  return joined;
}

/** Who joins a channel reads; who joins a group writes. */
export function defaultRole(kind: ConversationKind): 'member' | 'reader' {
  return kind === 'channel' ? 'reader' : 'member';
}

/** What is answered where somebody who is a member already is to become one. */
export const joinedPlace = ({ conversation, joinedSeq, joinedMs }: MemberRow): Place => ({ stream: conversation, seq: joinedSeq, timeMs: joinedMs, type: 'member.joined', targetSeq: null });
