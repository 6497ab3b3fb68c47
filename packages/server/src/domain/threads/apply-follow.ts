import { ProtocolError, type Action } from '@talaria/protocol';
import type { FollowThread, Place, ReadThread } from '../../storage/command.js';
import { parseBody } from '../../storage/message-body.js';
import type { EventRow, MessageRow } from '../../storage/rows.js';
import type { UnitOfWork } from '../../storage/unit-of-work.js';
import { authorise, requireMember } from '../conversations/authorise.js';
import { stateOf } from '../messages/state.js';
import { targetMessage } from '../messages/target.js';
import { startExpiry } from '../receipts/start-expiry.js';
import { takeBack } from '../own/take-back.js';
import { followPlace, followThread, parseFollowed, readToEnd, requireRoot, UNKNOWN_DELETED, type FollowedThread } from './followed.js';

/** Follows a thread from now on, or lets it go. */
export function applyFollowThread(work: UnitOfWork, command: FollowThread): EventRow | Place {
  if (!command.on) return letGo(work, command);
  const { user, root, known } = threadOf(work, command, 'conversation.read');
  if (known) return { stream: user, seq: known.seq, timeMs: parseFollowed(known.value).time_ms, type: 'thread.followed', targetSeq: root.seq };
  return followThread(work, command, user, root);
}

function letGo(work: UnitOfWork, command: FollowThread): EventRow {
  const { app, conversation, seq } = command;
  const known = takeBack(work, command, (user) => followPlace(app, user, conversation, seq));
  if (!known) {
    threadOf(work, command, 'conversation.read');
    throw new ProtocolError('conflict', 'The thread is not followed.');
  }
  const event = work.append(command, { stream: known.stream, type: 'thread.unfollowed', payload: JSON.stringify({ conversation_id: conversation, thread_seq: seq }) });
  work.removeEntry(known);
  return event;
}

/** Says that a thread has been read up to a reply. A mark never moves back (CNT3). */
export function applyReadThread(work: UnitOfWork, command: ReadThread): EventRow | Place {
  const { conversation, user, root, place, known } = threadOf(work, command, 'mark.set');
  if (!known) throw new ProtocolError('conflict', 'The thread is not followed.');
  const before = parseFollowed(known.value);
  const { thread } = stateOf(root);
  if (!thread || command.readSeq <= before.read_seq) return { stream: user, seq: known.seq, timeMs: before.time_ms, type: 'thread.read', targetSeq: root.seq };
  const read = command.readSeq >= thread.last_seq ? readToEnd(stateOf(root), work.now()) : readTo(work, command, root);
  if (!read) return { stream: user, seq: known.seq, timeMs: before.time_ms, type: 'thread.read', targetSeq: root.seq };
  const event = work.append(command, {
    stream: user, type: 'thread.read', payload: JSON.stringify({ conversation_id: command.conversation, thread_seq: root.seq, read_seq: read.read_seq, read_ordinal: read.read_ordinal }),
  });
  startExpiry(work, conversation, { app: command.app, reader: user, fromSeq: before.read_seq + 1, toSeq: read.read_seq, threadSeq: root.seq });
  work.putEntry({ ...place, seq: event.seq, value: JSON.stringify({ ...read, time_ms: event.timeMs }), dueMs: null });
  return event;
}

/** The thread that a command names, and what is known of the user in it. */
function threadOf(work: UnitOfWork, command: FollowThread | ReadThread, action: Action) {
  const { conversation, member } = authorise(work, command, command.conversation, action);
  const { user } = requireMember(member);
  const root = requireRoot(targetMessage(work, command, member), 'message_id');
  const place = followPlace(command.app, user, command.conversation, root.seq);
  return { conversation, user, root, place, known: work.entry(place) };
}

/** @returns undefined when the reply has been deleted, and its ordinal with it: the next mark says more */
function readTo(work: UnitOfWork, command: ReadThread, root: MessageRow): FollowedThread | undefined {
  const reply = work.message(command.app, command.conversation, command.readSeq);
  if (reply?.threadSeq !== root.seq) throw new ProtocolError('invalid_argument', 'read_seq must be the seq of a reply of the thread.', { field: 'read_seq' });
  const ordinal = parseBody(work.payload(reply.app, reply.conversation, reply.seq) ?? '{}').more?.thread_ordinal;
  return ordinal === undefined ? undefined : { read_seq: reply.seq, read_ordinal: ordinal, read_deleted: UNKNOWN_DELETED, time_ms: work.now() };
}
