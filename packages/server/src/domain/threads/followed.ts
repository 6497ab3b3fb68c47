import { limits, ProtocolError, type MessageState } from '@talaria/protocol';
import type { Command } from '../../storage/command.js';
import type { EventRow, MessageRow } from '../../storage/rows.js';
import { parseStored } from '../../storage/stored-json.js';
import type { UnitOfWork } from '../../storage/unit-of-work.js';
import { stateOf } from '../messages/state.js';
import { messageKey } from '../own/keys.js';

/** How far a user has read a thread that they follow. Threads have ordinals of their own (CNT2). */
export interface FollowedThread {
  readonly read_seq: number;
  readonly read_ordinal: number;
  /** Replies that had been deleted by then, all of them before `read_seq`; or `UNKNOWN_DELETED`. */
  readonly read_deleted: number;
  readonly time_ms: number;
}

/** Some may stand behind the mark: they have to be counted. */
export const UNKNOWN_DELETED = -1;

export const followPlace = (app: string, user: string, conversation: string, threadSeq: number) =>
  ({ app, stream: user, type: 'thread', key: messageKey(conversation, threadSeq), targetSeq: 0 }) as const;

export const parseFollowed = (value: string): FollowedThread => parseStored(value) as FollowedThread;

/** Where the thread stands now, as read up to its end. */
export function readToEnd(state: MessageState, timeMs: number): FollowedThread {
  const { thread } = state;
  return { read_seq: thread?.last_seq ?? 0, read_ordinal: thread?.ordinal ?? 0, read_deleted: (thread?.ordinal ?? 0) - (thread?.replies ?? 0), time_ms: timeMs };
}

/** @throws ProtocolError invalid_argument when the message is itself a reply */
export function requireRoot(message: MessageRow, field: string): MessageRow {
  if (message.threadSeq !== null) throw new ProtocolError('invalid_argument', 'A reply has no thread of its own. Name the message that the thread began with.', { field });
  return message;
}

/** Lets a user follow a thread whose root is in its state of now. What was said before counts as read. */
export function followThread(work: UnitOfWork, command: Command, user: string, root: MessageRow): EventRow {
  const { app, conversation, seq } = root;
  if (work.entriesOfType(app, user, 'thread', limits.threads_max).length >= limits.threads_max) {
    throw new ProtocolError('limit_reached', `A user follows at most ${limits.threads_max} threads. Let one go.`);
  }
  const followed = readToEnd(stateOf(root), work.now());
  const event = work.append(command, {
    stream: user, type: 'thread.followed', payload: JSON.stringify({ conversation_id: conversation, thread_seq: seq, read_seq: followed.read_seq, read_ordinal: followed.read_ordinal }),
  });
  work.putEntry({ ...followPlace(app, user, conversation, seq), seq: event.seq, value: JSON.stringify(followed), dueMs: null });
  return event;
}
