import { ProtocolError, type Poll } from '@talaria/protocol';
import type { ClosePoll, Place, VotePoll } from '../../storage/command.js';
import { parseBody } from '../../storage/message-body.js';
import type { EventRow, MessageRow } from '../../storage/rows.js';
import { parseStored } from '../../storage/stored-json.js';
import type { UnitOfWork } from '../../storage/unit-of-work.js';
import { authorise, requireAction, requireMember } from '../conversations/authorise.js';
import { refuseBlocked, refuseFrozen } from '../messages/pace.js';
import { changeState, stateOf } from '../messages/state.js';
import { presentMessage } from '../messages/target.js';

/** What one user has chosen, and since when. */
export interface OwnVote {
  readonly options: readonly string[];
  readonly time_ms: number;
}

/** Puts a vote in place of an earlier one. In an anonymous poll nobody but the user's own devices learns who it was. */
export function applyVote(work: UnitOfWork, command: VotePoll): EventRow | Place {
  const authorised = authorise(work, command, command.conversation, 'poll.vote');
  refuseFrozen(authorised);
  const { member } = authorised;
  const { user } = requireMember(member);
  const message = presentMessage(work, command, member);
  const poll = openPoll(work, message);
  checkOptions(poll, command.options);
  const place = { app: command.app, stream: command.conversation, type: 'vote', key: user, targetSeq: message.seq } as const;
  const entry = work.entry(place);
  const before = entry ? (parseStored(entry.value) as OwnVote).options : [];
  const added = command.options.filter((id) => !before.includes(id));
  const removed = before.filter((id) => !command.options.includes(id));
  if (added.length === 0 && removed.length === 0) throw new ProtocolError('conflict', 'The vote is so already.');
  const voters = Math.sign(command.options.length) - Math.sign(before.length);
  const event = work.append(command, {
    stream: command.conversation, type: 'poll.voted', targetSeq: message.seq, ...(poll.anonymous && { by: { user: null, clientId: command.clientId } }), payload: JSON.stringify({ added, removed, voters }),
  });
  changeState(work, message, event);
  if (poll.anonymous) {
    work.append(command, { stream: user, type: 'poll.own_vote', payload: JSON.stringify({ conversation_id: command.conversation, seq: message.seq, options: command.options }) });
  }
  if (command.options.length > 0) work.putEntry({ ...place, seq: event.seq, value: JSON.stringify({ options: command.options, time_ms: event.timeMs } satisfies OwnVote), dueMs: null });
  else work.removeEntry(place);
  return event;
}

/** Ends a poll: its asker, or who may close those of others. */
export function applyClosePoll(work: UnitOfWork, command: ClosePoll): EventRow {
  const authorised = authorise(work, command, command.conversation, 'conversation.read');
  refuseBlocked(authorised);
  const message = presentMessage(work, command, authorised.member);
  if (authorised.member && message.sender !== authorised.member.user) requireAction(authorised, 'poll.close_any');
  openPoll(work, message, Number.NEGATIVE_INFINITY);
  const event = work.append(command, { stream: command.conversation, type: 'poll.closed', targetSeq: message.seq, payload: '{}' });
  changeState(work, message, event);
  work.removeEntry({ app: command.app, stream: command.conversation, type: 'poll', key: '', targetSeq: message.seq });
  return event;
}

/** @throws ProtocolError invalid_argument, conflict */
function openPoll(work: UnitOfWork, message: MessageRow, nowMs = work.now()): Poll {
  // An edit keeps the poll: the message's own fact has it.
  const { more } = parseBody(work.payload(message.app, message.conversation, message.seq) ?? '{}');
  if (!more?.poll) throw new ProtocolError('invalid_argument', 'The message holds no poll.', { field: 'message_id' });
  const closed = stateOf(message).poll?.closed_ms !== undefined || (more.poll.closes_ms ?? Number.POSITIVE_INFINITY) <= nowMs;
  if (closed) throw new ProtocolError('conflict', 'The poll is closed.');
  return more.poll;
}

function checkOptions(poll: Poll, options: readonly string[]): void {
  const unknown = options.find((id) => !poll.options.some((option) => option.id === id));
  if (unknown !== undefined) throw new ProtocolError('invalid_argument', `The poll has no option ${unknown}.`, { field: 'options' });
  if (!poll.multiple && options.length > 1) throw new ProtocolError('invalid_argument', 'This poll takes one option.', { field: 'options' });
}
