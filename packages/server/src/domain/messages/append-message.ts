import { ProtocolError, type MessageMore } from '@talaria/protocol';
import type { Command } from '../../storage/command.js';
import { bodyText, parseBody } from '../../storage/message-body.js';
import type { EventRow } from '../../storage/rows.js';
import type { DraftFact, UnitOfWork } from '../../storage/unit-of-work.js';
import { authorise, requireAction, type Authorised } from '../conversations/authorise.js';
import { settingsOf } from '../conversations/settings.js';
import type { UntilRead } from '../receipts/start-expiry.js';
import { noteReply, placeInThread } from '../threads/reply.js';
import { putMentions } from './mentions.js';
import type { Sending } from './sending.js';
import { presentMessage } from './target.js';

/** @throws ProtocolError not_found, forbidden */
export function authoriseSend(work: UnitOfWork, sending: Pick<Sending, 'app' | 'conversation' | 'user' | 'more'>): Authorised {
  return authorise(work, sending, sending.conversation, sending.more?.thread_seq === undefined ? 'message.send' : 'thread.reply');
}

/**
 * All that a message may bring with it. Checks come first.
 *
 * @throws ProtocolError not_found, gone, forbidden, invalid_argument
 */
export function sendRich(work: UnitOfWork, command: Command, sending: Sending, authorised: Authorised): EventRow {
  const { member } = authorised;
  const given = sending.more ?? {};
  checkReferences(work, sending, authorised, given);
  const timed = withTimer(authorised, given, work.now());
  const thread = given.thread_seq === undefined ? undefined : placeInThread(work, sending, member, given.thread_seq);
  const more = thread ? { ...timed, thread_ordinal: thread.ordinal } : timed;
  const payload = more === given ? sending.payload : bodyText({ ...parseBody(sending.payload), more });
  const event = appendMessage(work, command, sending, authorised, { payload, thread: thread && { seq: thread.root.seq, only: given.in_main !== true, counts: thread.counts } });
  if (thread) noteReply(work, command, sending, thread, event);
  if (more.mentions) putMentions(work, { app: sending.app, conversation: sending.conversation, sender: sending.user, counts: member !== undefined && !sending.silent }, event.seq, event.seq, more.mentions);
  if (more.poll?.closes_ms !== undefined) putDue(work, event, 'poll', '{}', more.poll.closes_ms);
  if (more.expires_ms !== undefined) putDue(work, event, 'expiry', '{}', more.expires_ms);
  if (more.expires_after_read_ms !== undefined) {
    putDue(work, event, 'unread_expiry', JSON.stringify({ after_ms: more.expires_after_read_ms, sender_id: sending.user, ...(thread && { thread_seq: thread.root.seq }) } satisfies UntilRead), null);
  }
  return event;
}

interface Draft {
  readonly payload?: string;
  readonly thread?: NonNullable<DraftFact['thread']> | undefined;
}

/** Appends `message.created` as it is. */
export function appendMessage(work: UnitOfWork, command: Command, sending: Pick<Sending, 'app' | 'conversation' | 'payload' | 'silent' | 'by'>, { member }: Authorised, { payload = sending.payload, thread }: Draft): EventRow {
  const stream = work.stream(sending.app, sending.conversation);
  // CNT1: a reply that stands in its thread only counts there.
  const countable = member !== undefined && !sending.silent && thread?.only !== true;
  const ordinal = stream.ordinal + (countable ? 1 : 0);
  const senderOrdinal = (member?.senderOrdinal ?? 0) + (countable ? 1 : 0);
  const event = work.append(command, {
    stream: sending.conversation, type: 'message.created', ordinals: { ordinal, senderOrdinal }, countable, payload, ...(thread && { thread }), ...(sending.by && { by: sending.by }),
  });
  stream.ordinal = ordinal;
  if (member && countable) {
    member.senderOrdinal = senderOrdinal;
    work.countMember(member);
  }
  return event;
}

/**
 * What a message points to must be there and visible to its sender.
 *
 * @throws ProtocolError not_found, gone, forbidden, invalid_argument
 */
export function checkReferences(work: UnitOfWork, sending: Sending, authorised: Authorised, more: MessageMore): void {
  const { app, conversation } = sending;
  if (more.poll) requireAction(authorised, 'poll.create');
  if (more.mentions?.everyone || more.mentions?.here) requireAction(authorised, 'message.mention_all');
  if (more.quote_seq !== undefined) presentMessage(work, { app, conversation, seq: more.quote_seq }, authorised.member);
  if (more.thread_seq !== undefined) presentMessage(work, { app, conversation, seq: more.thread_seq }, authorised.member);
  if (more.expires_ms !== undefined && more.expires_ms <= work.now()) throw new ProtocolError('invalid_argument', 'The message would have disappeared already.', { field: 'expires_in_s' });
}

/** What the conversation's own timer adds to a message that has chosen none. */
function withTimer({ conversation, member }: Authorised, more: MessageMore, nowMs: number): MessageMore {
  const timer = settingsOf(conversation).message_timer;
  if (!timer || !member || more.expires_ms !== undefined) return more;
  return timer.after === 'sent' ? { ...more, expires_ms: nowMs + timer.seconds * 1_000 } : { ...more, expires_after_read_ms: timer.seconds * 1_000 };
}

function putDue(work: UnitOfWork, event: EventRow, type: 'poll' | 'expiry' | 'unread_expiry', value: string, dueMs: number | null): void {
  work.putEntry({ app: event.app, stream: event.stream, type, key: '', targetSeq: event.seq, seq: event.seq, value, dueMs });
}
