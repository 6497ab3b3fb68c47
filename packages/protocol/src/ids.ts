/**
 * Ids. Inside they are UUIDv7 (RFC 9562, section 5.7): 16 bytes, ordered by time. Shown they are a
 * prefix for the kind and 26 characters of Crockford base32 in lower case. Times inform; order is always `seq`.
 */
import { ProtocolError } from './errors.js';

export const idPrefixes = {
  tenant: 't', app: 'a', user: 'u', conversation: 'c', event: 'e', key: 'k', connection: 'n', request: 'r', session: 's', operator: 'o',
} as const;
export type IdKind = keyof typeof idPrefixes;

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
/** Value of each character by its code; 255 for what is not in the alphabet. */
const VALUE = new Uint8Array(128).fill(255);
for (let value = 0; value < 32; value += 1) VALUE[ALPHABET.charCodeAt(value)] = value;
const ID_CHARS = 26; // 130 bits hold 128

/** Two characters for each ten bits: an id is made of thirteen pieces instead of 26. */
const PAIRS = Array.from({ length: 1_024 }, (_, value) => ALPHABET.charAt(value >> 5) + ALPHABET.charAt(value & 31));

/** Base32 of any bytes, most significant bit first, padded with zero bits at the end. */
export function toBase32(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0x3ffff;
    bits += 8;
    if (bits >= 10) {
      bits -= 10;
      text += PAIRS[(held >> bits) & 1_023];
    }
  }
  if (bits >= 5) {
    bits -= 5;
    text += ALPHABET.charAt((held >> bits) & 31);
  }
  return bits > 0 ? text + ALPHABET.charAt((held << (5 - bits)) & 31) : text;
}

/** @returns the bytes, or undefined when the text is not the base32 form that `toBase32` gives. */
export function fromBase32(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(Math.floor((text.length * 5) / 8));
  let bits = 0;
  let held = 0;
  let at = 0;
  for (let index = 0; index < text.length; index += 1) {
    const value = VALUE[text.charCodeAt(index)] ?? 255;
    if (value === 255) return undefined;
    held = ((held << 5) | value) & 0x1fff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes[at++] = (held >> bits) & 255;
    }
  }
  const leftover = held & ((1 << bits) - 1);
  return leftover === 0 && bits < 5 ? bytes : undefined;
}

/** @param bytes 16 bytes */
export function formatId(kind: IdKind, bytes: Uint8Array): string {
  return `${idPrefixes[kind]}_${toBase32(bytes)}`;
}

/** @returns the 16 bytes of a shown id, or undefined when it is not one of that kind. */
export function idBytes(kind: IdKind, id: string): Uint8Array | undefined {
  const prefix = idPrefixes[kind];
  if (id.length !== ID_CHARS + prefix.length + 1 || !id.startsWith(`${prefix}_`)) return undefined;
  return fromBase32(id.slice(prefix.length + 1));
}

/** 25 characters and a last one whose two lowest bits, which 128 bits do not fill, are zero. */
const ID_TEXT = /^[a-z]_[0-9a-hjkmnp-tv-z]{25}[048cgmrw]$/;

/** @returns whether `id` is a well-formed id of that kind; it need not exist. */
export function isId(kind: IdKind, id: string): boolean {
  // Every message passes here several times: nothing is allocated.
  return id.charAt(0) === idPrefixes[kind] && ID_TEXT.test(id);
}

/** A stream is a conversation or a user. */
export function isStreamId(id: string): boolean {
  return isId('conversation', id) || isId('user', id);
}

/** @returns whether the stream is a user's own, and not a conversation; `stream` is a well-formed stream id */
export function isUserStream(stream: string): boolean {
  return stream.charAt(0) === idPrefixes.user;
}

/** Ids that say where what they name began: a stream and a seq, so that they route by themselves. */
const placePrefixes = { message: 'm', scheduled: 'w', held: 'h', link: 'l', call: 'q' } as const;
export type PlaceIdKind = keyof typeof placePrefixes;

/** @param stream a conversation's or a user's id @throws ProtocolError invalid_argument when it is neither */
export function placeId(kind: PlaceIdKind, stream: string, seq: number): string {
  const bytes = new Uint8Array(23);
  const place = idBytes(isUserStream(stream) ? 'user' : 'conversation', stream);
  if (!place) throw new ProtocolError('invalid_argument', 'not the id of a stream');
  bytes.set(place);
  new DataView(bytes.buffer).setUint32(16 + 3, seq >>> 0);
  const high = Math.floor(seq / 2 ** 32);
  bytes[16] = (high >> 16) & 255;
  bytes[17] = (high >> 8) & 255;
  bytes[18] = high & 255;
  return `${placePrefixes[kind]}_${toBase32(bytes)}`;
}

/** @param of whose stream the kind stands in @returns where it began, or undefined when the id is not of that kind */
export function parsePlaceId(kind: PlaceIdKind, of: 'conversation' | 'user', id: string): { readonly stream: string; readonly seq: number } | undefined {
  if (!id.startsWith(`${placePrefixes[kind]}_`)) return undefined;
  const bytes = fromBase32(id.slice(2));
  if (!bytes || bytes.length !== 23) return undefined;
  const view = new DataView(bytes.buffer);
  const seq = (view.getUint32(15) & 0xffffff) * 2 ** 32 + view.getUint32(19);
  if (seq < 1 || seq > Number.MAX_SAFE_INTEGER) return undefined;
  return { stream: formatId(of, bytes.subarray(0, 16)), seq };
}

/** A message's id is its place, so that it routes by itself: conversation and seq. */
export function messageId(conversationId: string, seq: number): string {
  if (!isId('conversation', conversationId)) throw new ProtocolError('invalid_argument', 'not a conversation id');
  return placeId('message', conversationId, seq);
}

export interface MessagePlace {
  readonly conversationId: string;
  readonly seq: number;
}

/** @returns where the message stands, or undefined when the id is not a message's. */
export function parseMessageId(id: string): MessagePlace | undefined {
  const place = parsePlaceId('message', 'conversation', id);
  return place && { conversationId: place.stream, seq: place.seq };
}

export interface Uuid7Source {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Fills the array with random bytes. */
  readonly fill: (bytes: Uint8Array) => void;
}

/**
 * Makes UUIDv7 bytes that ascend even within one millisecond and when the clock steps back
 * (RFC 9562, section 6.2, method 2: the random part counts on).
 */
export function createUuid7(source: Uuid7Source): () => Uint8Array {
  let lastMs = -1;
  let last = new Uint8Array(16);
  return () => {
    const nowMs = source.now();
    const bytes = new Uint8Array(16);
    if (nowMs > lastMs) {
      lastMs = nowMs;
      source.fill(bytes);
      writeTime(bytes, nowMs);
      // The top bit of the counter starts at zero, so that it can count on.
      bytes[8] = 0x80 | (bytes[8]! & 0x1f);
    } else {
      bytes.set(last);
      source.fill(bytes.subarray(12));
      increment(bytes);
    }
    last = bytes;
    return bytes;
  };
}

function writeTime(bytes: Uint8Array, ms: number): void {
  const high = Math.floor(ms / 2 ** 16);
  bytes[0] = high >>> 24;
  bytes[1] = high >>> 16;
  bytes[2] = high >>> 8;
  bytes[3] = high;
  bytes[4] = ms >>> 8;
  bytes[5] = ms;
  bytes[6] = 0x70 | (bytes[6]! & 0x0f);
}

/** Counts on in bytes 8 to 11 below the variant bits: 30 bits, of which half are free at the start. */
function increment(bytes: Uint8Array): void {
  for (let at = 11; at > 8; at -= 1) {
    bytes[at] = (bytes[at]! + 1) & 255;
    if (bytes[at] !== 0) return;
  }
  bytes[8] = 0x80 | ((bytes[8]! + 1) & 0x3f);
}

const HEX = Array.from({ length: 256 }, (_, value) => value.toString(16).padStart(2, '0'));

/** The usual text form of a UUID. */
export function uuidText(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < 16; at += 1) {
    text += HEX[bytes[at]!];
    if (at === 3 || at === 5 || at === 7 || at === 9) text += '-';
  }
  return text;
}

const UUID7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** @returns whether `text` is a UUIDv7 in lower case. */
export function isUuid7(text: string): boolean {
  return text.length === 36 && UUID7.test(text);
}

/** @returns the time inside a UUIDv7's text, in ms since 1970, or undefined when it is not one. */
export function uuid7TimeMs(text: string): number | undefined {
  return isUuid7(text) ? Number.parseInt(text.slice(0, 8) + text.slice(9, 13), 16) : undefined;
}

/** RES5: what a cursor remembers of the event at its seq: 30 bits of the event id's random part; 0 of no event. */
export function eventCheck(eventId: string): number {
  // Six base32 characters before the last hold 30 random bits; a hash is not needed of random bits.
  let check = 0;
  for (let at = eventId.length - 7; at < eventId.length - 1; at += 1) {
    check = ((check << 5) | (VALUE[eventId.charCodeAt(at)]! & 31)) >>> 0;
  }
  return check;
}
