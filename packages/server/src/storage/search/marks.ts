/** What else a message is found by: marks stand in the index beside its words, and can never be one of them. */
import type { MessageRecord } from '../rows.js';
import type { MessageBody } from '../message-body.js';
import { parseStored } from '../stored-json.js';

/** Of a message's data, so many keys can be asked for. */
export const DATA_KEYS_MAX = 64;
const DAY_MS = 86_400_000;
/** Spans of days: 1, 32 and 1,024. A range of time is a few of them. */
const SPANS = [{ name: 'd', days: 1 }, { name: 'e', days: 32 }, { name: 'f', days: 1_024 }] as const;
const LINK = /\bhttps?:\/\/[^\s/]/i;

/** Of an app, a conversation or a user. */
export const idMark = (id: string): string => id.replace('_', '');
export const linkMark = 'hl';
export const dataMark = 'hd';
/** Of a key in a message's data. In hex: keys may hold anything. */
export const keyMark = (key: string): string => `k${Buffer.from(key).toString('hex')}`;

/** The keys of a message's own data that it can be found by. */
export function dataKeys(data: string): readonly string[] {
  return data === '' ? [] : Object.keys(parseStored(data) as object).slice(0, DATA_KEYS_MAX);
}

export const hasLink = (text: string): boolean => LINK.test(text);

/** All marks of a message. */
export function marksOf(message: Pick<MessageRecord, 'app' | 'conversation' | 'sender' | 'createdMs'>, body: Pick<MessageBody, 'text' | 'data'>): readonly string[] {
  const day = Math.floor(message.createdMs / DAY_MS);
  const keys = dataKeys(body.data);
  return [
    idMark(message.app), idMark(message.conversation), ...(message.sender === null ? [] : [idMark(message.sender)]),
    ...SPANS.map(({ name, days }) => `${name}${Math.floor(day / days)}`),
    ...(hasLink(body.text) ? [linkMark] : []), ...(keys.length > 0 ? [dataMark] : []), ...keys.map(keyMark),
  ];
}

/**
 * Marks of which each message of a time has one at least; others may have one too.
 *
 * @param fromMs included @param toMs left out; both at most 2^53
 */
export function timeMarks(fromMs: number, toMs: number): readonly string[] {
  const marks: string[] = [];
  let day = Math.floor(fromMs / DAY_MS);
  const end = Math.ceil(Math.min(toMs, LAST_MS) / DAY_MS);
  while (day < end) {
    const span = SPANS.findLast(({ days }) => day % days === 0 && day + days <= end) ?? SPANS[0];
    marks.push(`${span.name}${day / span.days}`);
    day += span.days;
  }
  return marks;
}

/** The year 2200: no message is younger, and a range that ends nowhere ends here. */
export const LAST_MS = Date.UTC(2200, 0);

