import { ProtocolError } from '@talaria/protocol';
import type { OperationInput, OperationOutput } from '@talaria/protocol/operations';
import { parseBody } from '../../storage/message-body.js';
import { wordsOf } from '../../storage/search/words.js';
import type { SeenMessage } from '../../storage/rows.js';
import { resolveUser, viewerOf, type AppCaller } from '../caller.js';
import type { Domain } from '../domain.js';
import { openPage, sealPage } from '../page-cursor.js';
import { messageView } from '../messages/view.js';
import { matchMessage, placesOf } from './match.js';
import { isPrefix, phrasesOf, questionOf, type Asked, type Question } from './question.js';

/** Rounds of one request. What the index names may not be what the caller sees, and how much of that there is is not theirs to know. */
const ROUNDS_MAX = 11;
/** Of the second round and those behind it. */
const ROUND = 200;
/** Messages that suggestions are taken from. */
const SUGGEST_MESSAGES = 200;

/** Refused where search is switched off. */
export function requireSearch(domain: Pick<Domain, 'search'>): void {
  if (!domain.search) throw new ProtocolError('unknown_operation', 'Search is switched off on this server, by its setting `search`.');
}

/** Messages as the caller sees them, the newest first. @throws ProtocolError invalid_argument, not_found, unknown_operation */
export async function searchMessages(domain: Domain, caller: AppCaller, input: OperationInput<'search.messages'>): Promise<OperationOutput<'search.messages'>> {
  requireSearch(domain);
  const list = `search ${caller.app}`;
  const after = openPage(domain, list, input.after);
  const users = input.from_user_ids && await Promise.all(input.from_user_ids.map((ref) => resolveUser(domain, caller, ref, 'from_user_ids')));
  const asked: Asked = { ...input, users };
  const question = questionOf(asked);
  if (!question) return { items: [], next: null };
  const items: OperationOutput<'search.messages'>['items'] = [];
  let before = after === null ? null : Number(after);
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const page = await look(domain, caller, question, before, round === 0 ? input.limit : ROUND);
    for (const { message, position } of page.found) {
      const highlights = message && matchMessage(message, asked, question.phrases);
      if (highlights) items.push({ message: messageView(message), highlights: [...highlights] });
      if (items.length >= input.limit) return { items, next: sealPage(domain, list, String(position)) };
    }
    before = page.next;
    if (before === null) return { items, next: null };
  }
  return { items, next: sealPage(domain, list, String(before)) };
}

/** The next messages that the index names; null for what the caller does not see (ISO2, ISO3, VIS5). */
async function look(
  domain: Domain, caller: AppCaller, question: Question, before: number | null, limit: number,
): Promise<{ readonly next: number | null; readonly found: readonly { readonly message: SeenMessage | null; readonly position: number }[] }> {
  const viewer = viewerOf(caller);
  const { places, next } = await domain.storage.searchPlaces({ app: caller.app, viewer, ...question, before, limit });
  const messages = places.length === 0 ? [] : await domain.storage.messagesAt(caller.app, viewer, places);
  return { next, found: places.map(({ position }, at) => ({ message: messages[at] ?? null, position })) };
}

/**
 * Completions of the last word. They come out of messages that the caller has just been let read: the words of others cannot be among them.
 *
 * @throws ProtocolError invalid_argument, unknown_operation
 */
export async function suggestWords(domain: Domain, caller: AppCaller, input: OperationInput<'search.suggest'>): Promise<OperationOutput<'search.suggest'>> {
  requireSearch(domain);
  const phrases = phrasesOf(input.q, true, 'q');
  const last = phrases.at(-1);
  // Behind a space the last word is whole, and a single letter begins too many.
  if (!last || /\s$/u.test(input.q) || !isPrefix(last.words.at(-1)!)) return { items: [] };
  const { found } = await look(domain, caller, { phrases, marks: [] }, null, SUGGEST_MESSAGES);
  const counts = new Map<string, { readonly word: string; messages: number }>();
  for (const { message } of found) {
    if (!message || message.deletedMs !== null) continue;
    const { text } = parseBody(message.payload);
    const words = wordsOf(text);
    if (phrases.some((phrase) => placesOf(words, phrase).length === 0)) continue;
    const ends = new Map(placesOf(words, last).map((at) => words[at + last.words.length - 1]!).map((word) => [word.folded, text.slice(word.start, word.end)]));
    for (const [folded, word] of ends) {
      const known = counts.get(folded);
      if (known) known.messages += 1;
      else counts.set(folded, { word, messages: 1 });
    }
  }
  return { items: [...counts.values()].sort((left, right) => right.messages - left.messages || (left.word < right.word ? -1 : 1)).slice(0, input.limit) };
}
