import { limits, ProtocolError } from '@talaria/protocol';
import type { Place, SetDraft } from '../../storage/command.js';
import type { EntryRow, EventRow } from '../../storage/rows.js';
import type { UnitOfWork } from '../../storage/unit-of-work.js';
import { authorise, requireMember } from '../conversations/authorise.js';
import { targetMessage } from '../messages/target.js';
import { requireRoot } from '../threads/followed.js';
import { messageKey } from './keys.js';
import { takeBack } from './take-back.js';

export interface Draft {
  readonly text: string;
  /** JSON object, or empty. */
  readonly data: string;
  readonly time_ms: number;
}

/**
 * Keeps what a user is writing in a conversation or a thread, for all of their devices. What the draft said before is erased from
 * the log: nobody reads it again.
 */
export function applyDraft(work: UnitOfWork, command: SetDraft): EventRow | Place {
  const { text, data, threadSeq } = command;
  const placeOf = (user: string) => ({ app: command.app, stream: user, type: 'draft', key: messageKey(command.conversation, threadSeq), targetSeq: 0 }) as const;
  const where = (known: EntryRow | undefined): object => ({ conversation_id: command.conversation, thread_seq: threadSeq, ...(known && { replaces: known.seq }) });
  if (text === '' && data === '') {
    const known = takeBack(work, command, placeOf);
    if (!known) throw new ProtocolError('conflict', 'There is no draft.');
    const event = work.append(command, { stream: known.stream, type: 'draft.cleared', payload: JSON.stringify(where(known)) });
    work.removeEntry(known);
    work.redact(command.app, known.stream, known.seq);
    return event;
  }
  const member = requireMember(authorise(work, command, command.conversation, 'conversation.read').member);
  const { user } = member;
  const place = placeOf(user);
  const known = work.entry(place);
  if (threadSeq > 0) requireRoot(targetMessage(work, { app: command.app, conversation: command.conversation, seq: threadSeq }, member), 'thread_id');
  if (!known && work.entriesOfType(command.app, user, 'draft', limits.drafts_max).length >= limits.drafts_max) {
    throw new ProtocolError('limit_reached', `A user has at most ${limits.drafts_max} drafts. Send or clear one.`);
  }
  const event = work.append(command, { stream: user, type: 'draft.set', payload: JSON.stringify({ ...where(known), text, data: data === '' ? {} : JSON.parse(data) as unknown }) });
  work.putEntry({ ...place, seq: event.seq, value: JSON.stringify({ text, data, time_ms: event.timeMs } satisfies Draft), dueMs: null });
  if (known) work.redact(command.app, user, known.seq);
  return event;
}
