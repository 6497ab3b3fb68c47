import { ProtocolError, type MessageMore } from '@talaria/protocol';
import type { SendMessage } from '../../storage/command.js';
import { bodyText, parseBody } from '../../storage/message-body.js';
import type { EventRow, MemberRow } from '../../storage/rows.js';
import type { DraftFact, UnitOfWork } from '../../storage/unit-of-work.js';
import { authorise, requireAction, type Authorised } from '../conversations/authorise.js';
import { settingsOf } from '../conversations/settings.js';
import { placeInThread, noteReply } from '../threads/reply.js';
import { putMentions } from './mentions.js';
import { presentMessage } from './target.js';

/** Appends `message.created`. A message of the backend itself is a system message: no sender, not counted. */
export function applySend(work: UnitOfWork, command: SendMessage): EventRow {
  const authorised = authorise(work, command, command.conversation, command.more?.thread_seq === undefined ? 'message.send' : 'thread.reply');
  // Most conversations have chosen nothing, and most messages are text: nothing more is looked at then.
  const rich = command.more !== null || authorised.conversation.settings !== '{}';
  return rich ? sendRich(work, command, authorised) : appendMessage(work, command, authorised.member, {});
}

function sendRich(work: UnitOfWork, command: SendMessage, authorised: Authorised): EventRow {
  const { member } = authorised;
  const given = command.more ?? {};
  checkReferences(work, command, authorised, given);
  const timed = withTimer(authorised, given, work.now());
  const thread = given.thread_seq === undefined ? undefined : placeInThread(work, command, member, given.thread_seq);
  const more = thread ? { ...timed, thread_ordinal: thread.ordinal } : timed;
  const payload = more === given ? command.payload : bodyText({ ...parseBody(command.payload), more });
  const event = appendMessage(work, command, member, { payload, thread: thread && { seq: thread.root.seq, only: given.in_main !== true, counts: thread.counts } });
  if (thread) noteReply(work, command, thread, event);
  if (more.mentions) putMentions(work, command, event.seq, event.seq, more.mentions);
  if (more.poll?.closes_ms !== undefined) putDue(work, event, 'poll', more.poll.closes_ms);
  if (more.expires_ms !== undefined) putDue(work, event, 'expiry', more.expires_ms);
  if (more.expires_after_read_ms !== undefined) putDue(work, event, 'unread_expiry', null);
  return event;
}

interface Draft {
  readonly payload?: string;
  readonly thread?: NonNullable<DraftFact['thread']> | undefined;
}

function appendMessage(work: UnitOfWork, command: SendMessage, member: MemberRow | undefined, { payload = command.payload, thread }: Draft): EventRow {
  const stream = work.stream(command.app, command.conversation);
  // CNT1: a reply that stands in its thread only counts there.
  const countable = member !== undefined && !command.silent && thread?.only !== true;
  const ordinal = stream.ordinal + (countable ? 1 : 0);
  const senderOrdinal = (member?.senderOrdinal ?? 0) + (countable ? 1 : 0);
  const event = work.append(command, { stream: command.conversation, type: 'message.created', ordinals: { ordinal, senderOrdinal }, countable, payload, ...(thread && { thread }) });
  stream.ordinal = ordinal;
  if (member && countable) {
    member.senderOrdinal = senderOrdinal;
    work.countMember(member);
  }
  return event;
}

/** What a message points to must be there and visible to its sender. */
function checkReferences(work: UnitOfWork, command: SendMessage, authorised: Authorised, more: MessageMore): void {
  if (more.poll) requireAction(authorised, 'poll.create');
  if (more.mentions?.everyone || more.mentions?.here) requireAction(authorised, 'message.mention_all');
  if (more.quote_seq !== undefined) presentMessage(work, { app: command.app, conversation: command.conversation, seq: more.quote_seq }, authorised.member);
  if (more.expires_ms !== undefined && more.expires_ms <= work.now()) throw new ProtocolError('invalid_argument', 'The message would have disappeared already.', { field: 'expires_in_s' });
}

/** What the conversation's own timer adds to a message that has chosen none. */
function withTimer({ conversation, member }: Authorised, more: MessageMore, nowMs: number): MessageMore {
  const timer = settingsOf(conversation).message_timer;
  if (!timer || !member || more.expires_ms !== undefined) return more;
  return timer.after === 'sent' ? { ...more, expires_ms: nowMs + timer.seconds * 1_000 } : { ...more, expires_after_read_ms: timer.seconds * 1_000 };
}

function putDue(work: UnitOfWork, event: EventRow, type: 'poll' | 'expiry' | 'unread_expiry', dueMs: number | null): void {
  work.putEntry({ app: event.app, stream: event.stream, type, key: '', targetSeq: event.seq, seq: event.seq, value: '{}', dueMs });
}
