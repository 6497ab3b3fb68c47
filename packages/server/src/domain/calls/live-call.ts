/** The call that is on in a conversation, as the transaction that changes it sees it. */
import { foldCall, inCall, limits, ProtocolError, type CallReason, type CallState } from '@talaria/protocol';
import type { Command } from '../../storage/command.js';
import { liveCallPlace, pastCallPlace } from '../../storage/entries.js';
import type { ConversationRow, EntryRow, EventRow } from '../../storage/rows.js';
import { parseStored } from '../../storage/stored-json.js';
import type { UnitOfWork } from '../../storage/unit-of-work.js';

const HOUR_MS = 3_600_000;

/** What happens to a call that is on. */
type CallFact = 'call.answered' | 'call.declined' | 'call.left' | 'call.ended';

/** A fact, and the call as it is by it. */
interface Changed {
  readonly event: EventRow;
  readonly call: CallState;
}

export const parseCall = (row: EntryRow): CallState => parseStored(row.value) as CallState;

/** @returns undefined when no call is on */
export function liveCall(work: UnitOfWork, app: string, conversation: string): CallState | undefined {
  const entry = work.entry(liveCallPlace(app, conversation));
  return entry && parseCall(entry);
}

/**
 * The call that a command is about, which is on.
 *
 * @throws ProtocolError not_found, call_ended
 */
export function requireCall(work: UnitOfWork, { app, conversation, callSeq }: { readonly app: string; readonly conversation: string; readonly callSeq: number }): CallState {
  const call = liveCall(work, app, conversation);
  if (call?.seq === callSeq) return call;
  if (work.entry(pastCallPlace(app, conversation, callSeq))) throw new ProtocolError('call_ended');
  throw new ProtocolError('not_found', 'There is no such call.', { field: 'call_id' });
}

/** Appends a fact of the call. @returns it, and what the call comes to by it */
function append(work: UnitOfWork, command: Command, call: CallState, type: CallFact, more: object, nobody = false): Changed {
  const body = { call_seq: call.seq, ...more };
  const event = work.append(command, { stream: call.conversation_id, type, payload: JSON.stringify(body), ...(nobody && { by: { user: null, clientId: command.clientId } }) });
  return { event, call: foldCall(call, { seq: event.seq, type, actor: event.actor, time_ms: event.timeMs, body }) };
}

/** Keeps the call as it is now. What is due of it is due by the fact that changed it last. */
export function keep(work: UnitOfWork, app: string, call: CallState): void {
  const dueMs = call.answered_ms === null ? call.rings_until_ms : call.started_ms + limits.call_hours_max * HOUR_MS;
  work.putEntry({ ...liveCallPlace(app, call.conversation_id), seq: call.changed_seq, value: JSON.stringify(call), dueMs });
}

/** Appends a fact of the call, and keeps what it comes to. */
export function change(work: UnitOfWork, command: Command, call: CallState, type: Exclude<CallFact, 'call.ended'>, body: { readonly user_id: string; readonly device_id?: string }): Changed {
  const changed = append(work, command, call, type, body);
  keep(work, command.app, changed.call);
  return changed;
}

/** Ends the call. @param nobody whether the fact says of nobody that they did it */
export function end(work: UnitOfWork, command: Command, call: CallState, reason: CallReason, nobody = false): EventRow {
  const body = { reason, duration_ms: call.answered_ms === null ? null : Math.max(0, work.now() - call.answered_ms) };
  const { event, call: ended } = append(work, command, call, 'call.ended', body, nobody);
  work.removeEntry(liveCallPlace(command.app, call.conversation_id));
  work.putEntry({ ...pastCallPlace(command.app, call.conversation_id, call.seq), seq: event.seq, value: JSON.stringify(ended), dueMs: null });
  return event;
}

/**
 * Takes a user out of the call, and ends it where it cannot go on: a direct call with one side alone, one that whoever started it gave
 * up before anybody had answered, and a group call with nobody in it.
 */
export function takeOut(work: UnitOfWork, command: Command, conversation: ConversationRow, call: CallState, user: string): EventRow {
  const { event, call: left } = change(work, command, call, 'call.left', { user_id: user });
  const empty = left.participants.every((one) => one.left_ms !== null);
  if (left.answered_ms === null && (empty || user === left.started_by)) end(work, command, left, 'cancelled');
  else if (empty || conversation.kind === 'direct') end(work, command, left, 'hung_up');
  return event;
}

/**
 * Whether a call that rings rings for nobody any more. The one who calls does not decline.
 *
 * @param leaving a member who is about to be none
 */
export function allDeclined(work: UnitOfWork, conversation: ConversationRow, { answered_ms, declined }: CallState, leaving?: string): boolean {
  const others = conversation.memberCount - (leaving === undefined ? 1 : 2);
  if (answered_ms !== null || declined.length === 0 || declined.length < others) return false;
  const memberOf = (user: string) => work.member(conversation.app, conversation.id, user);
  work.ahead(declined.map((user) => () => memberOf(user)));
  // Who has left since is none of those for whom it rings.
  return declined.filter((user) => user !== leaving && memberOf(user)?.active === true).length >= others;
}

/** Who is no member any more is in no call, and is not waited for. */
export function dropOut(work: UnitOfWork, command: Command, conversation: ConversationRow, user: string): void {
  const call = liveCall(work, command.app, conversation.id);
  if (!call) return;
  if (inCall(call, user)) takeOut(work, command, conversation, call, user);
  else if (allDeclined(work, conversation, call, user)) end(work, command, call, 'declined', true);
}

/** There is no contact any more. Nobody is told who wanted that. */
export function endByBlock(work: UnitOfWork, command: Command, conversation: ConversationRow): void {
  const call = liveCall(work, command.app, conversation.id);
  if (call) end(work, command, call, 'blocked', true);
}
