import { limits, ProtocolError } from '@talaria/protocol';
import type { Command, DecideRequest, Place, RequestJoin, WithdrawRequest } from '../../storage/command.js';
import type { ConversationRow, EntryRow, EventRow } from '../../storage/rows.js';
import { parseStored } from '../../storage/stored-json.js';
import type { UnitOfWork } from '../../storage/unit-of-work.js';
import { authorise } from '../conversations/authorise.js';
import { defaultRole, joinedPlace } from '../conversations/join.js';
import { settingsOf } from '../conversations/settings.js';
import { admitMember, endRequest, ownRequestPlace, requestPlace } from './admit.js';
import { countUse, isUsedUp, linkPlace, parseLink } from './join-link.js';

export interface JoinRequest {
  readonly text: string;
  /** That of the link by which one has asked. */
  readonly role?: string;
  readonly link_seq?: number;
  readonly created_ms: number;
}

/** The same request, as the user has it who asks. */
export interface OwnRequest {
  readonly created_ms: number;
}

export const parseRequest = (row: EntryRow): JoinRequest => parseStored(row.value) as JoinRequest;

/** Joins a conversation that is open, or asks to. One that takes neither is told like one that does not exist (ISO1). */
export function applyRequestJoin(work: UnitOfWork, command: RequestJoin): EventRow | Place {
  const user = requireNewcomer(work, command);
  const conversation = work.conversation(command.app, command.conversation);
  const known = conversation && work.member(command.app, conversation.id, user);
  if (known?.active) return joinedPlace(known);
  const join = conversation && settingsOf(conversation).join;
  if (!conversation || join === undefined) throw new ProtocolError('not_found', 'There is no such conversation, or it is not visible to you.');
  return join === 'open' ? admitMember(work, command, conversation, user, defaultRole(conversation.kind)) : askToJoin(work, command, conversation, user, { text: command.text });
}

/**
 * Who comes by themselves: a user of this app, whom a backend may have named by any id.
 *
 * @throws ProtocolError invalid_argument, not_found
 */
export function requireNewcomer(work: UnitOfWork, { app, user }: Command): string {
  if (user === null) throw new ProtocolError('invalid_argument', 'Say for which user.', { field: 'as_user_id' });
  if (!work.user(app, user)) throw new ProtocolError('not_found', 'There is no such user.', { field: 'as_user_id' });
  return user;
}

/** Notes that a user wants in. Asking again changes nothing. */
export function askToJoin(work: UnitOfWork, command: Command, conversation: ConversationRow, user: string, asked: Omit<JoinRequest, 'created_ms'>): EventRow | Place {
  const place = requestPlace(command.app, conversation.id, user);
  const known = work.entry(place);
  if (known) return { stream: conversation.id, seq: known.seq, timeMs: parseRequest(known).created_ms, type: 'join.requested', targetSeq: null };
  if (work.entriesOfType(command.app, conversation.id, 'join_request', limits.invitations_max).length >= limits.invitations_max) {
    throw new ProtocolError('limit_reached', 'Too many wait to be let in.');
  }
  const event = work.append(command, { stream: conversation.id, type: 'join.requested', payload: JSON.stringify({ user_id: user, text: asked.text, link_seq: asked.link_seq }) });
  const own = work.append(command, { stream: user, type: 'join.asked', payload: JSON.stringify({ conversation_id: conversation.id }) });
  work.putEntry({ ...place, seq: event.seq, value: JSON.stringify({ ...asked, created_ms: event.timeMs } satisfies JoinRequest), dueMs: null });
  work.putEntry({ ...ownRequestPlace(command.app, conversation.id, user), seq: own.seq, value: JSON.stringify({ created_ms: own.timeMs } satisfies OwnRequest), dueMs: null });
  return event;
}

/** Lets somebody in who has asked, or turns them away. */
export function applyDecideRequest(work: UnitOfWork, command: DecideRequest): EventRow | Place {
  const { conversation } = authorise(work, command, command.conversation, 'member.approve');
  const entry = work.entry(requestPlace(command.app, conversation.id, command.member));
  if (!entry) throw new ProtocolError('not_found', 'That user has not asked to join.', { field: 'user_id' });
  if (command.accept) return letIn(work, command, conversation, parseRequest(entry));
  const event = work.append(command, { stream: conversation.id, type: 'join.denied', payload: JSON.stringify({ user_id: command.member }) });
  endRequest(work, command, conversation.id, command.member, 'denied');
  return event;
}

/** Asks no more. Who has not asked learns nothing, not even that the conversation exists (ISO1). */
export function applyWithdrawRequest(work: UnitOfWork, command: WithdrawRequest): EventRow {
  const user = requireNewcomer(work, command);
  if (!work.entry(requestPlace(command.app, command.conversation, user))) throw new ProtocolError('not_found', 'There is no such request to join.');
  const event = work.append(command, { stream: command.conversation, type: 'join.withdrawn', payload: JSON.stringify({ user_id: user }) });
  endRequest(work, command, command.conversation, user, 'withdrawn');
  return event;
}

/** Who has asked by a link comes by it, and counts as a use of it. One that was revoked since counts none any more. */
function letIn(work: UnitOfWork, command: DecideRequest, conversation: ConversationRow, { role, link_seq }: JoinRequest): EventRow | Place {
  const link = link_seq === undefined ? undefined : work.entry(linkPlace(command.app, conversation.id, link_seq));
  if (link && isUsedUp(parseLink(link))) {
    throw new ProtocolError('limit_reached', 'The link by which that user has asked is used up. Add them, or turn them away.', { field: 'user_id' });
  }
  if (link) countUse(work, link);
  return admitMember(work, command, conversation, command.member, role ?? defaultRole(conversation.kind), link_seq === undefined ? {} : { link_seq });
}
