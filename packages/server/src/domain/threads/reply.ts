import { foldReply, foldReplyGone, limits, ProtocolError } from '@talaria/protocol';
import type { Command } from '../../storage/command.js';
import type { Sending } from '../messages/sending.js';
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
export function placeInThread(work: UnitOfWork, sending: Pick<Sending, 'app' | 'conversation' | 'silent'>, member: MemberRow | undefined, rootSeq: number): InThread {
  const root = requireRoot(presentMessage(work, { app: sending.app, conversation: sending.conversation, seq: rootSeq }, member), 'thread_id');
  const before = stateOf(root).thread?.ordinal ?? 0;
  const counts = member !== undefined && !sending.silent;
  return { root, counts, ordinal: before + (counts ? 1 : 0) };
}

/** Notes a reply at the message that its thread began with. Who replies, or is mentioned, follows the thread; and has read what was there before an own reply. */
export function noteReply(work: UnitOfWork, command: Command, sending: Sending, { root, counts }: InThread, reply: EventRow): void {
  const before = stateOf(root);
  const state = foldReply(before, replyFact(reply), counts);
  const isMember = (user: string): boolean => user !== sending.user && work.member(sending.app, sending.conversation, user)?.active === true;
  // They begin before the reply, which is the first that they have not read.
  const mentioned = sending.more?.mentions?.user_ids ?? [];
  work.ahead(mentioned.flatMap((user) => [() => work.member(sending.app, sending.conversation, user), () => work.entry(followPlace(root.app, user, root.conversation, root.seq))]));
  const following = mentioned.filter(isMember);
  work.ahead(following.filter((user) => !work.entry(followPlace(root.app, user, root.conversation, root.seq))).map((user) => () => work.entriesOfType(root.app, user, 'thread', limits.threads_max)));
  for (const user of following) letFollow(work, command, sending, user, root);
  if (before.thread === undefined && root.sender !== null && isMember(root.sender)) letFollow(work, command, sending, root.sender, root);
  root.state = stateText(state);
  root.changedSeq = reply.seq;
  work.changeMessage(root);
  if (sending.user !== null) readByReplying(work, command, sending, sending.user, root);
}

function letFollow(work: UnitOfWork, command: Command, sending: Sending, user: string, root: MessageRow): void {
  // Only streams that the command names may be appended to.
  if (!sending.followers.includes(user) || work.entry(followPlace(root.app, user, root.conversation, root.seq))) return;
  try {
    followThread(work, command, user, root);
  } catch (error) {
    // Somebody who follows too many threads does not keep others from being answered.
    if (!(error instanceof ProtocolError && error.code === 'limit_reached')) throw error;
  }
}

function readByReplying(work: UnitOfWork, command: Command, sending: Sending, user: string, root: MessageRow): void {
  const known = work.entry(followPlace(root.app, user, root.conversation, root.seq));
  if (!known) {
    letFollow(work, command, sending, user, root);
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
