import type { Mentions } from '@talaria/protocol';
import { EVERYONE, everyoneBut } from '../../storage/entries.js';
import type { UnitOfWork } from '../../storage/unit-of-work.js';

interface Mentioning {
  readonly app: string;
  readonly conversation: string;
  /** Nobody mentions themselves. */
  readonly sender: string | null;
  /** CNT2: whether the message counts, in the conversation or in a thread. What nobody has unread mentions nobody. */
  readonly counts: boolean;
}

/** Of each member who is mentioned, one entry; they are counted behind the read mark. Who is none is mentioned in the text, and that is all. */
export function putMentions(work: UnitOfWork, place: Mentioning, targetSeq: number, seq: number, mentions: Mentions): void {
  for (const key of keysOf(work, place, mentions)) {
    work.putEntry({ app: place.app, stream: place.conversation, type: 'mention', key, targetSeq, seq, value: '{}', dueMs: null });
  }
}

/** After an edit: who is not mentioned any more is forgotten. */
export function changeMentions(work: UnitOfWork, place: Mentioning, targetSeq: number, seq: number, before: Mentions, after: Mentions): void {
  const kept = new Set(keysOf(work, place, after));
  for (const key of keysOf(work, place, before)) {
    if (!kept.has(key)) work.removeEntry({ app: place.app, stream: place.conversation, type: 'mention', key, targetSeq });
  }
  putMentions(work, place, targetSeq, seq, after);
}

function keysOf(work: UnitOfWork, place: Mentioning, mentions: Mentions): readonly string[] {
  if (!place.counts) return [];
  // Who is named, too, is mentioned once.
  if (mentions.everyone || mentions.here) return place.sender === null ? [EVERYONE] : [EVERYONE, everyoneBut(place.sender)];
  work.ahead((mentions.user_ids ?? []).map((user) => () => work.member(place.app, place.conversation, user)));
  return (mentions.user_ids ?? []).filter((user) => user !== place.sender && work.member(place.app, place.conversation, user)?.active);
}
