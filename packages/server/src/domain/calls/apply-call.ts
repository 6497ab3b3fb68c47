import { beginCall, inCall, limits, ProtocolError } from '@talaria/protocol';
import type { AnswerCall, DeclineCall, EndCall, LeaveCall, OverdueCall, Place, StartCall } from '../../storage/command.js';
import type { EventRow } from '../../storage/rows.js';
import { parseStored } from '../../storage/stored-json.js';
import type { UnitOfWork } from '../../storage/unit-of-work.js';
import { authorise, requireAction, requireMember } from '../conversations/authorise.js';
import { settingsOf } from '../conversations/settings.js';
import { refuseFrozen } from '../messages/pace.js';
import { allDeclined, change, end, keep, liveCall, requireCall, takeOut } from './live-call.js';

/** Rings everybody else. */
export function applyStartCall(work: UnitOfWork, command: StartCall): EventRow {
  const authorised = authorise(work, command, command.conversation, 'call.start');
  const { user } = requireMember(authorised.member);
  refuseFrozen(authorised);
  if (command.notAfterMs !== null && work.now() > command.notAfterMs) throw new ProtocolError('call_ended', 'The call came too late to be started.', { field: 'not_after_ms' });
  const live = liveCall(work, command.app, command.conversation);
  if (live) throw new ProtocolError('call_in_progress', `The call ${live.id} is on in this conversation.`);
  const data = parseStored(command.data) as Record<string, unknown>;
  const body = { kind: command.callKind, device_id: command.device, ring_ms: command.ringMs, data };
  const event = work.append(command, { stream: command.conversation, type: 'call.started', payload: JSON.stringify(body) });
  keep(work, command.app, beginCall(command.conversation, { seq: event.seq, type: event.type, actor: user, time_ms: event.timeMs, body }));
  return event;
}

/** Joins a call. Whichever device of a user comes first is in it; it may say so again. */
export function applyAnswerCall(work: UnitOfWork, command: AnswerCall): EventRow | Place {
  const { conversation, member } = authorise(work, command, command.conversation, 'call.join');
  const { user } = requireMember(member);
  if (settingsOf(conversation).closed_by) throw new ProtocolError('blocked');
  const call = requireCall(work, command);
  const known = inCall(call, user);
  if (known && known.device_id !== command.device) throw new ProtocolError('already_answered');
  if (known) return { stream: conversation.id, seq: known.joined_seq, timeMs: known.joined_ms, type: 'call.answered', targetSeq: null };
  if (call.participants.length >= limits.call_participants_max && !call.participants.some((one) => one.user_id === user)) {
    throw new ProtocolError('limit_reached', `At most ${limits.call_participants_max} users take part in one call.`);
  }
  return change(work, command, call, 'call.answered', { user_id: user, device_id: command.device }).event;
}

/** The user will not answer, on none of their devices. When nobody else is left who could, it ends. */
export function applyDeclineCall(work: UnitOfWork, command: DeclineCall): EventRow {
  const { conversation, member } = authorise(work, command, command.conversation, 'call.join');
  const { user } = requireMember(member);
  const call = requireCall(work, command);
  if (inCall(call, user)) throw new ProtocolError('conflict', 'You are in the call. Leave it.');
  if (call.declined.includes(user)) throw new ProtocolError('conflict', 'You have declined this call.');
  const { event, call: next } = change(work, command, call, 'call.declined', { user_id: user });
  if (allDeclined(work, conversation, next)) end(work, command, next, 'declined');
  return event;
}

export function applyLeaveCall(work: UnitOfWork, command: LeaveCall): EventRow {
  const { conversation, member } = authorise(work, command, command.conversation, 'call.join');
  const { user } = requireMember(member);
  const call = requireCall(work, command);
  if (!inCall(call, user)) throw new ProtocolError('conflict', 'You are not in this call.');
  return takeOut(work, command, conversation, call, user);
}

/** Ends it for everybody. */
export function applyEndCall(work: UnitOfWork, command: EndCall): EventRow {
  const authorised = authorise(work, command, command.conversation, 'call.join');
  const call = requireCall(work, command);
  if (authorised.member && call.started_by !== authorised.member.user) requireAction(authorised, 'call.end_any');
  return end(work, command, call, command.failed ? 'failed' : call.answered_ms === null ? 'cancelled' : 'hung_up');
}

/**
 * Ends a call that nobody has answered while it rang, or that nobody has ended. It is done once: the entry goes in the same transaction.
 *
 * @throws ProtocolError not_found when something has happened to it since it was due
 */
export function applyOverdueCall(work: UnitOfWork, command: OverdueCall): EventRow {
  const call = liveCall(work, command.app, command.conversation);
  if (call?.seq !== command.callSeq || call.changed_seq !== command.entrySeq) throw new ProtocolError('not_found', 'The call has changed.');
  return end(work, command, call, call.answered_ms === null ? 'missed' : 'expired');
}
