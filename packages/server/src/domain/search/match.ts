/** Whether a message, as its reader sees it now, holds what was asked for, and where. The index only says where to look. */
import { dataKeys, hasLink } from '../../storage/search/marks.js';
import { parseBody } from '../../storage/message-body.js';
import type { Phrase } from '../../storage/search/port.js';
import { wordsOf, type Word } from '../../storage/search/words.js';
import type { MessageRecord } from '../../storage/rows.js';
import type { Asked } from './question.js';

const HIGHLIGHTS_MAX = 64;

export interface Highlight {
  readonly from: number;
  readonly to: number;
}

/** @returns where the words stand, in ascending order; undefined when the message is not what was asked for */
export function matchMessage(message: MessageRecord, asked: Asked, phrases: readonly Phrase[]): readonly Highlight[] | undefined {
  if (message.deletedMs !== null) return undefined;
  const { users, conversation_ids: conversations, has, before_ms: beforeMs, after_ms: afterMs } = asked;
  if (users && (message.sender === null || !users.includes(message.sender))) return undefined;
  if (conversations && !conversations.includes(message.conversation)) return undefined;
  if ((beforeMs !== undefined && message.createdMs >= beforeMs) || (afterMs !== undefined && message.createdMs < afterMs)) return undefined;
  const { text, data } = parseBody(message.payload);
  const keys = dataKeys(data);
  if (has?.some((one) => !(one === 'link' ? hasLink(text) : one === 'data' ? keys.length > 0 : keys.includes(one.slice('data.'.length))))) return undefined;
  return highlightsOf(wordsOf(text), phrases);
}

/** @returns undefined when a phrase is missing */
export function highlightsOf(words: readonly Word[], phrases: readonly Phrase[]): readonly Highlight[] | undefined {
  const found: Highlight[] = [];
  for (const phrase of phrases) {
    const places = placesOf(words, phrase);
    if (places.length === 0) return undefined;
    for (const at of places) found.push({ from: words[at]!.start, to: words[at + phrase.words.length - 1]!.end });
  }
  return merged(found).slice(0, HIGHLIGHTS_MAX);
}

/** At which words a phrase begins. */
export function placesOf(words: readonly Word[], { words: wanted, prefix }: Phrase): readonly number[] {
  const last = wanted.length - 1;
  const places: number[] = [];
  for (let at = 0; at + last < words.length; at += 1) {
    if (wanted.every((word, behind) => {
      const { folded } = words[at + behind]!;
      return prefix && behind === last ? folded.startsWith(word) : folded === word;
    })) places.push(at);
  }
  return places;
}

function merged(found: readonly Highlight[]): Highlight[] {
  const list: Highlight[] = [];
  for (const one of [...found].sort((left, right) => left.from - right.from || right.to - left.to)) {
    const before = list.at(-1);
    if (before && one.from <= before.to) list[list.length - 1] = { from: before.from, to: Math.max(before.to, one.to) };
    else list.push(one);
  }
  return list;
}
