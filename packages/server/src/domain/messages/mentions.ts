import type { Mentions } from '@talaria/protocol';
import { EVERYONE } from '../../storage/entries.js';
import type { UnitOfWork } from '../../storage/unit-of-work.js';

interface Mentioning {
  readonly app: string;
  readonly conversation: string;
  /** Nobody mentions themselves. */
  readonly user: string | null;
}

/** Of each mention of a member, one entry; they are counted behind the read mark. Who is none is mentioned in the text, and that is all. */
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
  work.ahead((mentions.user_ids ?? []).map((user) => () => work.member(place.app, place.conversation, user)));
  const users = (mentions.user_ids ?? []).filter((user) => user !== place.user && work.member(place.app, place.conversation, user)?.active);
  return mentions.everyone || mentions.here ? [...users, EVERYONE] : users;
}
