import type { Mentions } from '@talaria/protocol';
import type { Command } from '../../storage/command.js';
import { EVERYONE } from '../../storage/entries.js';
import type { UnitOfWork } from '../../storage/unit-of-work.js';

/** Of each mention of a member, one entry; they are counted behind the read mark. Who is none is mentioned in the text, and that is all. */
export function putMentions(work: UnitOfWork, command: Command & { readonly conversation: string }, targetSeq: number, seq: number, mentions: Mentions): void {
  for (const key of keysOf(work, command, mentions)) {
    work.putEntry({ app: command.app, stream: command.conversation, type: 'mention', key, targetSeq, seq, value: '{}', dueMs: null });
  }
}

/** After an edit: who is not mentioned any more is forgotten. */
export function changeMentions(work: UnitOfWork, command: Command & { readonly conversation: string }, targetSeq: number, seq: number, before: Mentions, after: Mentions): void {
  const kept = new Set(keysOf(work, command, after));
  for (const key of keysOf(work, command, before)) {
    if (!kept.has(key)) work.removeEntry({ app: command.app, stream: command.conversation, type: 'mention', key, targetSeq });
  }
  putMentions(work, command, targetSeq, seq, after);
}

function keysOf(work: UnitOfWork, command: Command & { readonly conversation: string }, mentions: Mentions): readonly string[] {
  const users = (mentions.user_ids ?? []).filter((user) => user !== command.user && work.member(command.app, command.conversation, user)?.active);
  return mentions.everyone || mentions.here ? [...users, EVERYONE] : users;
}
