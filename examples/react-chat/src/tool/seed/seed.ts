/** Fills an app that is new: people, what they have said, how far they have read. Everything goes over the public API. */
import type { Admin } from '@talaria/sdk/admin';
import { conversations, type Line, type SeedConversation } from './conversations.js';
import { PASSWORD, people, type Person } from './people.js';

const MUTED_MS = 30 * 86_400_000;
const ext = (person: Person): string => `ext:${person}`;

/** @returns the id of the conversation that everybody may join */
export async function seed(backend: Admin): Promise<string> {
  const ids = new Map<Person, string>();
  for (const { id, name } of people) {
    const user = await backend.users.create({ external_id: id, name });
    ids.set(id, user.id);
    await backend.accounts.set({ user_id: user.id, login: id, password: PASSWORD });
  }
  let lobbyId = '';
  for (const conversation of conversations) {
    const id = await fill(backend, ids, conversation);
    if (conversation.open) lobbyId = id;
  }
  return lobbyId;
}

async function fill(backend: Admin, ids: ReadonlyMap<Person, string>, { kind, name, open, members, lines, unread, pinnedBy = [], mutedBy = [], archivedBy = [] }: SeedConversation): Promise<string> {
  const [owner, ...others] = members as [Person, ...Person[]];
  const { conversation_id: id } = await backend.conversations.create({ kind, name, history: 'all', member_ids: others.map(ext), as_user_id: ext(owner) });
  if (open) await backend.conversations.settings({ conversation_id: id, join: 'open', as_user_id: ext(owner) });
  const said: { readonly id: string; readonly seq: number }[] = [];
  for (const line of lines) said.push(await say(backend, ids, id, line, said));
  for (const member of members) {
    const read = said[said.length - 1 - (unread?.[member] ?? 0)];
    if (read) await backend.marks.set({ conversation_id: id, delivered_seq: said.at(-1)!.seq, read_seq: read.seq, as_user_id: ext(member) });
  }
  for (const member of pinnedBy) await backend.conversations.preferences({ conversation_id: id, pinned: true, as_user_id: ext(member) });
  for (const member of mutedBy) await backend.conversations.preferences({ conversation_id: id, muted_until_ms: Date.now() + MUTED_MS, as_user_id: ext(member) });
  for (const member of archivedBy) await backend.conversations.preferences({ conversation_id: id, archived: true, as_user_id: ext(member) });
  return id;
}

async function say(backend: Admin, ids: ReadonlyMap<Person, string>, conversationId: string, line: Line, said: readonly { readonly id: string }[], threadId?: string): Promise<{ readonly id: string; readonly seq: number }> {
  const { by, text, before, quotes, mentions, reactions = {}, replies = [] } = line;
  const sent = await backend.messages.send({
    conversation_id: conversationId, text: before ?? text, thread_id: threadId, quoted_id: quotes === undefined ? undefined : said[quotes]?.id,
    mentions: mentions && { user_ids: mentions.map((person) => ids.get(person) ?? '') }, as_user_id: ext(by),
  });
  if (before !== undefined) await backend.messages.edit({ message_id: sent.id, text, as_user_id: ext(by) });
  for (const [reaction, persons] of Object.entries(reactions)) {
    for (const person of persons) await backend.reactions.add({ message_id: sent.id, reaction, as_user_id: ext(person) });
  }
  for (const reply of replies) await say(backend, ids, conversationId, reply, said, sent.id);
  return sent;
}
