import { ProtocolError, type ErrorCode } from './errors.js';
import { limits } from './limits.js';

/**
 * Parses JSON from outside. Before it is parsed it is walked once, so that depth, repeated keys and halves of
 * surrogate pairs are refused without building anything: `JSON.parse` would keep the last of two equal keys in
 * silence, and a half has no UTF-8 form, so that no two readers would see the same text.
 *
 * @param text at most a request body long; the caller bounds it
 * @param code what a refusal is called
 * @throws ProtocolError with that code
 */
export function checkJsonText(text: string, code: ErrorCode = 'invalid_argument'): unknown {
  walk(text, code);
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new ProtocolError(code, 'The JSON is not valid.', { cause });
  }
}

const SURROGATE_ESCAPE = /\\u[dD]/;
const HALF_PAIR = /\p{Surrogate}/u;

/** Keys seen so far of each open object; undefined stands for an open array. */
type Open = Set<string> | undefined;

function walk(text: string, code: ErrorCode): void {
  const open: Open[] = [];
  const escapes = SURROGATE_ESCAPE.test(text);
  let at = 0;
  while (at < text.length) {
    const character = text.charCodeAt(at);
    if (character === 0x22) {
      const end = stringEnd(text, at);
      const keys = open.at(-1);
      if (escapes) refuseHalfPair(text.slice(at, end), code);
      if (keys && isKey(text, end)) addKey(keys, text.slice(at, end), code);
      at = end;
      continue;
    }
    if (character === 0x7b || character === 0x5b) {
      open.push(character === 0x7b ? new Set() : undefined);
      if (open.length > limits.json_depth_max) throw new ProtocolError(code, `The JSON is nested more than ${limits.json_depth_max} levels deep.`);
    } else if (character === 0x7d || character === 0x5d) open.pop();
    at += 1;
  }
}

/** @returns the place behind the closing quote, or the end of the text. */
function stringEnd(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length) {
    const character = text.charCodeAt(at);
    if (character === 0x22) return at + 1;
    at += character === 0x5c ? 2 : 1;
  }
  return text.length;
}

function isKey(text: string, after: number): boolean {
  let at = after;
  while (at < text.length && text.charCodeAt(at) <= 0x20) at += 1;
  return text.charCodeAt(at) === 0x3a;
}

function unquote(quoted: string, code: ErrorCode): string {
  try {
    return JSON.parse(quoted) as string;
  } catch (cause) {
    throw new ProtocolError(code, 'The JSON is not valid.', { cause });
  }
}

function refuseHalfPair(quoted: string, code: ErrorCode): void {
  if (!SURROGATE_ESCAPE.test(quoted) || !HALF_PAIR.test(unquote(quoted, code))) return;
  throw new ProtocolError(code, 'The JSON holds half of a surrogate pair.');
}

function addKey(keys: Set<string>, quoted: string, code: ErrorCode): void {
  // "a" and "\u0061" are the same key.
  const key = quoted.includes('\\') ? JSON.stringify(unquote(quoted, code)) : quoted;
  if (keys.has(key)) throw new ProtocolError(code, `The JSON has the key ${key.slice(0, 40)} twice.`);
  if (key === '"__proto__"') throw new ProtocolError(code, 'The JSON has the key "__proto__", which is not allowed.');
  keys.add(key);
}
