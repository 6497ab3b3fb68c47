import { ProtocolError, uuid7TimeMs } from '@talaria/protocol';
import type { AppendOutcome, Command, Place } from '../storage/command.js';
import type { EventRow } from '../storage/rows.js';
import type { UnitOfWork } from '../storage/unit-of-work.js';
import { applyAnswerCall, applyDeclineCall, applyEndCall, applyLeaveCall, applyOverdueCall, applyStartCall } from './calls/apply-call.js';
import { applyCreateConversation } from './conversations/apply-create.js';
import { applyAddMembers, applyRemoveMember, applyUpdateMember } from './conversations/apply-members.js';
import { applyPreferences } from './conversations/apply-preferences.js';
import { applySettings } from './conversations/apply-settings.js';
import { applyTransfer } from './conversations/apply-transfer.js';
import { applyUpdateConversation } from './conversations/apply-update.js';
import { applyAnswerInvitation, applyInvite, applyRevokeInvitation } from './joining/apply-invitation.js';
import { applyCreateLink, applyJoinByLink, applyRevokeLink } from './joining/apply-link.js';
import { applyDecideRequest, applyRequestJoin, applyWithdrawRequest } from './joining/apply-request.js';
import { applyDelete } from './messages/apply-delete.js';
import { applyEdit } from './messages/apply-edit.js';
import { applyExpire } from './messages/apply-expire.js';
import { applyDecideHeld } from './messages/apply-hold.js';
import { applyCancelScheduled, applyReleaseScheduled, applySchedule } from './messages/apply-schedule.js';
import { applyHide } from './messages/apply-hide.js';
import { applyPin } from './messages/apply-pin.js';
import { applyPreview } from './messages/apply-preview.js';
import { applyReaction } from './messages/apply-react.js';
import { applySend } from './messages/apply-send.js';
import { applyBookmark } from './own/apply-bookmark.js';
import { applyDraft } from './own/apply-draft.js';
import { applyClosePoll, applyVote } from './polls/apply-vote.js';
import { applyMarkUnread } from './receipts/apply-mark-unread.js';
import { applyActive, applyBlock, applyPrivacy, applyUpdateUser } from './users/apply-user.js';
import { applyFollowThread, applyReadThread } from './threads/apply-follow.js';
import { refusalData } from '../storage/refusal-data.js';

/**
 * Executes one command inside the transaction that appends it (ISO4). Checks come first and changes after,
 * so a refusal leaves the batch as it was.
 *
 * @returns the place in the log, or the refusal as data
 * @throws when a command broke after it had changed something: the batch must be rolled back and split
 */
export function decide(work: UnitOfWork, command: Command): AppendOutcome {
  const changesBefore = work.changes;
  const eventsBefore = work.events.length;
  try {
    // SND2: before authorisation, so that a repeat is answered even by someone who may no longer act.
    const known = work.commandKey(command.app, command.actor, command.clientId);
    if (known) {
      if (known.requestHash !== command.requestHash) throw new ProtocolError('idempotency_mismatch');
      return { ok: true, duplicate: true, facts: [], place: placeOf(known) };
    }
    const madeMs = uuid7TimeMs(command.clientId);
    if (madeMs !== undefined && madeMs < work.keysFloorMs()) throw new ProtocolError('client_id_expired');
    const place = placeOf(apply(work, command));
    work.remember(command, place);
    return { ok: true, duplicate: false, facts: work.events.slice(eventsBefore), place };
  } catch (error) {
    if (error instanceof ProtocolError && work.changes === changesBefore) return { ok: false, refusal: refusalData(error) };
    throw error;
  }
}

/** What a command's answer is made of: the fact that says it has happened. */
function apply(work: UnitOfWork, command: Command): EventRow | Place {
  switch (command.kind) {
    case 'message.send': return applySend(work, command);
    case 'message.edit': return applyEdit(work, command);
    case 'message.delete': return applyDelete(work, command);
    case 'conversation.create': return applyCreateConversation(work, command);
    case 'conversation.update': return applyUpdateConversation(work, command);
    case 'member.add': return applyAddMembers(work, command);
    case 'member.remove': return applyRemoveMember(work, command);
    case 'member.update': return applyUpdateMember(work, command);
    case 'conversation.mark_unread': return applyMarkUnread(work, command);
    case 'conversation.settings': return applySettings(work, command);
    case 'preferences.set': return applyPreferences(work, command);
    case 'conversation.transfer': return applyTransfer(work, command);
    case 'invitation.create': return applyInvite(work, command);
    case 'invitation.answer': return applyAnswerInvitation(work, command);
    case 'invitation.revoke': return applyRevokeInvitation(work, command);
    case 'link.create': return applyCreateLink(work, command);
    case 'link.revoke': return applyRevokeLink(work, command);
    case 'link.join': return applyJoinByLink(work, command);
    case 'join.request': return applyRequestJoin(work, command);
    case 'join.decide': return applyDecideRequest(work, command);
    case 'join.withdraw': return applyWithdrawRequest(work, command);
    case 'schedule.create': return applySchedule(work, command);
    case 'schedule.cancel': return applyCancelScheduled(work, command);
    case 'schedule.release': return applyReleaseScheduled(work, command);
    case 'held.decide': return applyDecideHeld(work, command);
    case 'message.expire': return applyExpire(work, command);
    case 'message.preview': return applyPreview(work, command);
    case 'call.start': return applyStartCall(work, command);
    case 'call.answer': return applyAnswerCall(work, command);
    case 'call.decline': return applyDeclineCall(work, command);
    case 'call.leave': return applyLeaveCall(work, command);
    case 'call.end': return applyEndCall(work, command);
    case 'call.overdue': return applyOverdueCall(work, command);
    case 'user.update': return applyUpdateUser(work, command);
    case 'privacy.set': return applyPrivacy(work, command);
    case 'user.active': return applyActive(work, command);
    case 'block.set': return applyBlock(work, command);
    case 'message.hide': return applyHide(work, command);
    case 'reaction.set': return applyReaction(work, command);
    case 'pin.set': return applyPin(work, command);
    case 'poll.vote': return applyVote(work, command);
    case 'poll.close': return applyClosePoll(work, command);
    case 'bookmark.set': return applyBookmark(work, command);
    case 'draft.set': return applyDraft(work, command);
    case 'thread.follow': return applyFollowThread(work, command);
    case 'thread.read': return applyReadThread(work, command);
  }
}

function placeOf(row: Place | EventRow): Place {
  return { stream: row.stream, seq: row.seq, timeMs: row.timeMs, type: row.type, targetSeq: row.targetSeq };
}
