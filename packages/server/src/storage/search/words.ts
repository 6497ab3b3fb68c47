/**
 * What a word is, for the index, for questions and for highlights: one answer for every database, so that all of them find the same.
 *
 * Words are runs of letters and digits. Case and diacritics do not count, and neither does the form of a letter (full width, ligature).
 * Scripts that are written without spaces give a word for each character; what is asked for without a gap must then stand without one.
 */

/** A longer word counts as its beginning. */
export const WORD_CHARS_MAX = 64;

export interface Word {
  /** As it is compared. */
  readonly folded: string;
  /** Where it stands in the text, in UTF-16 units; the end is left out. */
  readonly start: number;
  readonly end: number;
}

const SPACELESS = '\\p{sc=Han}\\p{sc=Hiragana}\\p{sc=Katakana}\\p{sc=Thai}\\p{sc=Lao}\\p{sc=Khmer}\\p{sc=Myanmar}\\u30fc\\uff70';
/** Behind a character of theirs: marks, and the voicing of half-width katakana. */
const WITH_ITS_MARKS = '[\\p{M}\\uff9e\\uff9f]*';
/** Nobody sees them, and they are typed or not: the soft hyphen, joiners and their opposites. */
const UNSEEN = '\\u00ad\\u200c\\u200d\\u2060';
const WORD = new RegExp(`(?=[\\p{L}\\p{N}])[${SPACELESS}]${WITH_ITS_MARKS}|(?![${SPACELESS}])[\\p{L}\\p{N}](?:[${UNSEEN}]*(?![${SPACELESS}])[\\p{L}\\p{N}\\p{M}])*`, 'gu');
const ASCII_WORD = /[a-z0-9]+/gi;
const ASCII = /^[\u0000-\u007f]*$/;
/** Accents and the like, and the points that Arabic and Hebrew are mostly written without, with the line that only makes a word longer. Vowels of Indic scripts are letters to their readers. */
const DIACRITICS = /[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]/gu;
const NOT_WORD = /[^\p{L}\p{N}\p{M}]+/gu;
const WITHOUT_SPACES = new RegExp(`^[${SPACELESS}]`, 'u');

/** The words of a text, in their order. */
export function wordsOf(text: string): Word[] {
  const ascii = ASCII.test(text);
  const words: Word[] = [];
  for (const match of text.matchAll(ascii ? ASCII_WORD : WORD)) {
    const [found] = match;
    const folded = ascii ? found.toLowerCase() : fold(found);
    if (folded !== '') words.push({ folded: folded.length > WORD_CHARS_MAX ? beginning(folded) : folded, start: match.index, end: match.index + found.length });
  }
  return words;
}

/** Whether a word is a character of a script without spaces. */
export const isSpaceless = (word: string): boolean => WITHOUT_SPACES.test(word);

function fold(word: string): string {
  if (ASCII.test(word)) return word.toLowerCase();
  // Up and down again: ß and ẞ become ss, ſ becomes s. A final sigma is a sigma.
  const bare = word.normalize('NFKD').replace(DIACRITICS, '').toUpperCase().toLowerCase().replaceAll('ς', 'σ');
  // Together again: Korean syllables, and kana with their voicing, are letters of their own.
  return bare.normalize('NFC').replace(NOT_WORD, '');
}

/** Never half a character. */
function beginning(word: string): string {
  const last = word.charCodeAt(WORD_CHARS_MAX - 1);
  return word.slice(0, last >= 0xd800 && last <= 0xdbff ? WORD_CHARS_MAX - 1 : WORD_CHARS_MAX);
}
