import type { OperationInput, OperationOutput } from '@talaria/protocol/operations';
import { wordsOf } from '../../storage/search/words.js';
import { resolveOwner, viewerOf, type AppCaller } from '../caller.js';
import type { Domain } from '../domain.js';
import { openPage, sealPage } from '../page-cursor.js';
import { conversationView, userView } from '../views.js';
import { noWord, phrasesOf } from './question.js';

/** Names are looked through, so many in a request; whoever goes on from `next` sees the others. */
const LOOK_MAX = 2_000;
const PAGE = 200;

/** @throws ProtocolError invalid_argument when there is no word */
function searchedFor(q: string): (name: string) => boolean {
  if (q.trim() === '') throw noWord('q');
  return matcherOf(q);
}

/** Blanks match every name. @throws ProtocolError invalid_argument when there are signs, and no word */
function matcherOf(q: string): (name: string) => boolean {
  const wanted = phrasesOf(q, false, 'q').flatMap(({ words }) => words);
  return (name) => {
    const words = wordsOf(name);
    return wanted.every((word) => words.some(({ folded }) => folded.startsWith(word)));
  };
}

/** Conversations of a user by name. A user searches only their own. @throws ProtocolError forbidden, not_found, invalid_argument */
export async function searchConversations(domain: Domain, caller: AppCaller, input: OperationInput<'search.conversations'>): Promise<OperationOutput<'search.conversations'>> {
  const user = await resolveOwner(domain, caller, input.user_id);
  const matches = searchedFor(input.q);
  const list = `search-conversations ${caller.app} ${user}`;
  const [position, conversation] = openPage(domain, list, input.after)?.split(' ') ?? [];
  let after = position !== undefined && conversation !== undefined ? { position: Number(position), conversation } : null;
  const items: OperationOutput<'search.conversations'>['items'] = [];
  for (let looked = 0; looked < LOOK_MAX; looked += PAGE) {
    const page = await domain.storage.inbox(caller.app, user, PAGE, after);
    for (const [at, record] of page.items.entries()) {
      after = { position: record.stream.headPosition, conversation: record.conversation.id };
      if (matches(record.conversation.name)) items.push(conversationView(record, caller));
      const more = page.more || at < page.items.length - 1;
      if (items.length >= input.limit) return { items, next: more ? sealPage(domain, list, `${after.position} ${after.conversation}`) : null };
    }
    if (!page.more) return { items, next: null };
  }
  return { items, next: after && sealPage(domain, list, `${after.position} ${after.conversation}`) };
}

/** The conversations of an app, those made last first, by name if that is wanted. @throws ProtocolError invalid_argument */
export async function listConversations(domain: Domain, caller: AppCaller, input: OperationInput<'conversations.list'>): Promise<OperationOutput<'conversations.list'>> {
  const named = input.q === undefined ? () => true : matcherOf(input.q);
  const list = `conversations ${caller.app}`;
  let before = openPage(domain, list, input.after);
  const found: string[] = [];
  let more = true;
  for (let looked = 0; looked < LOOK_MAX && more && found.length < input.limit; looked += PAGE) {
    const page = await domain.storage.conversations(caller.app, PAGE, before);
    more = page.more;
    for (const [at, { id, name, kind }] of page.items.entries()) {
      before = id;
      if ((input.kind === undefined || kind === input.kind) && named(name)) found.push(id);
      if (found.length < input.limit) continue;
      more ||= at < page.items.length - 1;
      break;
    }
  }
  const records = await Promise.all(found.map((id) => domain.storage.conversation(caller.app, null, id)));
  // One that has gone since it was found is left out.
  return { items: records.filter((record) => record !== null).map((record) => conversationView(record, caller)), next: more ? sealPage(domain, list, before) : null };
}

/** Users by name, in the order in which they were made. A user finds those with whom they share a conversation. @throws ProtocolError invalid_argument */
export async function searchUsers(domain: Domain, caller: AppCaller, input: OperationInput<'search.users'>): Promise<OperationOutput<'search.users'>> {
  const matches = searchedFor(input.q);
  const viewer = viewerOf(caller);
  const list = `search-users ${caller.app} ${viewer ?? ''}`;
  let after = openPage(domain, list, input.after);
  const items: OperationOutput<'search.users'>['items'] = [];
  for (let looked = 0; looked < LOOK_MAX; looked += PAGE) {
    const page = await domain.storage.users(caller.app, PAGE, after);
    const named = page.items.filter((row) => matches(row.name));
    const shared = viewer === null || named.length === 0 ? undefined : new Set((await domain.storage.lastSeen(caller.app, viewer, named.map(({ id }) => id))).map(({ user }) => user));
    for (const row of shared ? named.filter(({ id }) => shared.has(id)) : named) {
      items.push(userView(row));
      if (items.length >= input.limit) return { items, next: page.more || row !== page.items.at(-1) ? sealPage(domain, list, row.id) : null };
    }
    if (!page.more) return { items, next: null };
    after = page.items.at(-1)?.id ?? after;
  }
  return { items, next: sealPage(domain, list, after) };
}
