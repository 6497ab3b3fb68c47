/** What a caller asks for, as the index knows it: words and marks. Nothing that a user types is a language. */
import { limits, ProtocolError } from '@talaria/protocol';
import type { OperationInput } from '@talaria/protocol/operations';
import { dataMark, idMark, keyMark, LAST_MS, linkMark, timeMarks } from '../../storage/search/marks.js';
import type { Phrase } from '../../storage/search/port.js';
import { isSpaceless, wordsOf } from '../../storage/search/words.js';

/** A shorter beginning of a word stands for itself: too many words begin with it. */
const PREFIX_CHARS_MIN = 2;

export interface Question {
  readonly phrases: readonly Phrase[];
  readonly marks: readonly (readonly string[])[];
}

/** What `search.messages` is asked, with users by their ids. */
export interface Asked extends Pick<OperationInput<'search.messages'>, 'q' | 'phrase' | 'prefix' | 'conversation_ids' | 'has' | 'before_ms' | 'after_ms'> {
  readonly users: readonly string[] | undefined;
}

/**
 * @returns null when nothing can be found, because no time lies between `after_ms` and `before_ms`
 * @throws ProtocolError invalid_argument when nothing is asked for, or more words than `search_words_max`
 */
export function questionOf(asked: Asked): Question | null {
  const phrases = [...phrasesOf(asked.q, asked.prefix, 'q'), ...together(asked.phrase)];
  if (phrases.reduce((sum, { words }) => sum + words.length, 0) > limits.search_words_max) {
    throw new ProtocolError('invalid_argument', `Ask for at most ${limits.search_words_max} words at once.`, { field: 'q' });
  }
  const timed = asked.before_ms !== undefined || asked.after_ms !== undefined;
  const { before_ms: toMs = LAST_MS, after_ms: fromMs = 0 } = asked;
  const named = [
    ...(asked.users ? [asked.users.map(idMark)] : []), ...(asked.conversation_ids ? [asked.conversation_ids.map(idMark)] : []),
    ...(asked.has ?? []).map((one) => [one === 'link' ? linkMark : one === 'data' ? dataMark : keyMark(one.slice('data.'.length))]),
  ];
  if (phrases.length === 0 && named.length === 0) throw new ProtocolError('invalid_argument', 'Ask for words, or name users, conversations, or what a message has.', { field: 'q' });
  if (!timed) return { phrases, marks: named };
  const times = timeMarks(fromMs, toMs);
  return times.length === 0 ? null : { phrases, marks: [...named, times] };
}

/**
 * One phrase for each part between spaces: what is written together stands together.
 *
 * @throws ProtocolError invalid_argument when there are signs, and no word
 */
export function phrasesOf(q: string, prefix: boolean, field: string): readonly Phrase[] {
  const parts = q.split(/\s+/u).map((part) => wordsOf(part).map(({ folded }) => folded)).filter((words) => words.length > 0);
  if (parts.length === 0 && q.trim() !== '') throw noWord(field);
  return parts.map((words, at) => ({ words, prefix: prefix && at === parts.length - 1 && isPrefix(words.at(-1)!) }));
}

export const noWord = (field: string): ProtocolError => new ProtocolError('invalid_argument', 'There is no word in it: words are made of letters and digits.', { field });

/** Whether a word is long enough to be the beginning of others. */
export const isPrefix = (word: string): boolean => word.length >= PREFIX_CHARS_MIN && !isSpaceless(word);

function together(phrase: string | undefined): readonly Phrase[] {
  if (phrase === undefined || phrase.trim() === '') return [];
  return [{ words: phrasesOf(phrase, false, 'phrase').flatMap(({ words }) => words), prefix: false }];
}
