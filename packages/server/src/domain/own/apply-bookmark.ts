import { limits, ProtocolError } from '@talaria/protocol';
import type { Place, SetBookmark } from '../../storage/command.js';
import type { EventRow } from '../../storage/rows.js';
import { parseStored } from '../../storage/stored-json.js';
import type { UnitOfWork } from '../../storage/unit-of-work.js';
import { authorise, requireMember } from '../conversations/authorise.js';
import { presentMessage } from '../messages/target.js';
import { messageKey } from './keys.js';
import { takeBack } from './take-back.js';

export interface Bookmark {
  readonly note: string;
  readonly time_ms: number;
}

/** Bookmarks a message, or removes the bookmark. The message's own conversation learns nothing of it. */
export function applyBookmark(work: UnitOfWork, command: SetBookmark): EventRow | Place {
  const placeOf = (user: string) => ({ app: command.app, stream: user, type: 'bookmark', key: messageKey(command.conversation, command.seq), targetSeq: 0 }) as const;
  const where = { conversation_id: command.conversation, seq: command.seq };
  if (!command.on) {
    const known = takeBack(work, command, placeOf);
    if (!known) throw new ProtocolError('conflict', 'The message is not bookmarked.');
    const event = work.append(command, { stream: known.stream, type: 'bookmark.removed', payload: JSON.stringify(where) });
    work.removeEntry(known);
    return event;
  }
  const { user } = requireMember(authorise(work, command, command.conversation, 'conversation.read').member);
  const place = placeOf(user);
  const known = work.entry(place);
  if (known) {
    const before = parseStored(known.value) as Bookmark;
    if (before.note === command.note) return { stream: user, seq: known.seq, timeMs: before.time_ms, type: 'bookmark.added', targetSeq: command.seq };
  } else {
    presentMessage(work, command, work.member(command.app, command.conversation, user));
    if (work.entriesOfType(command.app, user, 'bookmark', limits.bookmarks_max).length >= limits.bookmarks_max) {
      throw new ProtocolError('limit_reached', `A user has at most ${limits.bookmarks_max} bookmarks. Remove one.`);
    }
  }
  const event = work.append(command, { stream: user, type: 'bookmark.added', payload: JSON.stringify({ ...where, note: command.note }) });
  work.putEntry({ ...place, seq: event.seq, value: JSON.stringify({ note: command.note, time_ms: event.timeMs } satisfies Bookmark), dueMs: null });
  return event;
}
