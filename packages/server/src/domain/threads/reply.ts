import { foldReply, foldReplyGone, ProtocolError } from '@talaria/protocol';
import type { SendMessage } from '../../storage/command.js';
import type { EventRow, MemberRow, MessageRow } from '../../storage/rows.js';
import type { UnitOfWork } from '../../storage/unit-of-work.js';
import { stateFact, stateOf, stateText } from '../messages/state.js';
import { presentMessage } from '../messages/target.js';
import { followPlace, followThread, parseFollowed, readToEnd, requireRoot } from './followed.js';

export interface InThread {
  readonly root: MessageRow;
  /** CNT2: of the reply in its thread; that of the last one when the reply does not count. */
  readonly ordinal: number;
  readonly counts: boolean;
}

/** @throws ProtocolError not_found, gone, invalid_argument */
export function placeInThread(work: UnitOfWork, command: SendMessage, member: MemberRow | undefined, rootSeq: number): InThread {
  const root = requireRoot(presentMessage(work, { app: command.app, conversation: command.conversation, seq: rootSeq }, member), 'thread_id');
  const before = stateOf(root).thread?.ordinal ?? 0;
  const counts = member !== undefined && !command.silent;
  return { root, counts, ordinal: before + (counts ? 1 : 0) };
}

/** Notes a reply at the message that its thread began with. Who replies, or is mentioned, follows the thread; and has read what was there before an own reply. */
export function noteReply(work: UnitOfWork, command: SendMessage, { root, counts }: InThread, reply: EventRow): void {
  const before = stateOf(root);
  const state = foldReply(before, replyFact(reply), counts);
  const mentioned = (command.more?.mentions?.user_ids ?? []).filter((user) => user !== command.user && work.member(command.app, command.conversation, user)?.active);
  // They begin before the reply, which is the first that they have not read.
  for (const user of mentioned) letFollow(work, command, user, root);
  const first = before.thread === undefined;
  if (first && root.sender !== null && root.sender !== command.user && work.member(command.app, command.conversation, root.sender)?.active) letFollow(work, command, root.sender, root);
  root.state = stateText(state);
  root.changedSeq = reply.seq;
  work.changeMessage(root);
  if (command.user !== null) readByReplying(work, command, command.user, root);
}

function letFollow(work: UnitOfWork, command: SendMessage, user: string, root: MessageRow): void {
  // Only streams that the command names may be appended to; the message's sender may have changed hands since it was named.
  if (!command.followers?.includes(user) || work.entry(followPlace(command.app, user, command.conversation, root.seq))) return;
  try {
    followThread(work, command, user, root);
  } catch (error) {
    // Somebody who follows too many threads does not keep others from being answered.
    if (!(error instanceof ProtocolError && error.code === 'limit_reached')) throw error;
  }
}

function readByReplying(work: UnitOfWork, command: SendMessage, user: string, root: MessageRow): void {
  const known = work.entry(followPlace(command.app, user, command.conversation, root.seq));
  if (!known) {
    letFollow(work, command, user, root);
    return;
  }
  const followed = parseFollowed(known.value);
  work.putEntry({ ...known, value: JSON.stringify({ ...readToEnd(stateOf(root), work.now()), time_ms: followed.time_ms }) });
}

/** The reply's fact as the fold takes it: what matters of its body stands in `more`. */
export function replyFact(event: EventRow): ReturnType<typeof stateFact> {
  const fact = stateFact(event);
  return { ...fact, body: (fact.body['more'] ?? {}) as typeof fact.body };
}

/** A reply that is gone is not counted any more where its thread began. */
export function noteReplyGone(work: UnitOfWork, reply: MessageRow): void {
  const root = reply.threadSeq === null ? undefined : work.message(reply.app, reply.conversation, reply.threadSeq);
  if (!root) return;
  root.state = stateText(foldReplyGone(stateOf(root), reply.countsInThread));
  work.changeMessage(root);
}
