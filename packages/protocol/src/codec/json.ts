/**
 * The JSON form, `talaria.v1.json`: the same frames with the same names, for any WebSocket tool.
 * A frame is an object with one key, the frame's name: `{"send":{"client_id":"…","text":"…"}}`.
 * Absent fields take their default; byte fields are base64url.
 */
import { ProtocolError } from '../errors.js';
import { shape, type FieldShape } from '../generated/shape.js';
import { limits } from '../limits.js';
import { checkJsonText } from '../json-text.js';
import { ELEMENT_BYTES_MAX, numberMax, upBounds } from './bounds.js';
import { SUBPROTOCOL_JSON, type ClientCodec, type DownFrame, type FactRange, type ServerCodec, type UpFrame } from './frames.js';

type JsonObject = Record<string, unknown>;

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });
/** Half of a surrogate pair has no UTF-8 form; the binary form, too, writes U+FFFD for it. */
const HALF_PAIR = /\p{Surrogate}/gu;
const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);
const isMessage = (type: string): boolean => /^[A-Z]/.test(type);

function toBase64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

function fromBase64url(text: string): Uint8Array {
  return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (character) => character.charCodeAt(0));
}

const base64urlChars = (bytes: number): number => Math.ceil((bytes * 4) / 3);

const invalid = (field: string, why: string): ProtocolError =>
  new ProtocolError('bad_frame', `The frame is not valid: ${field} ${why}.`, { field });

function defaultOf(type: string): unknown {
  if (type === 'string') return '';
  if (type === 'bool') return false;
  return type === 'bytes' || isMessage(type) ? undefined : 0;
}

function readScalar(path: string, type: string, value: unknown, max: number | undefined): unknown {
  if (type === 'bool') {
    if (typeof value !== 'boolean') throw invalid(path, 'must be true or false');
    return value;
  }
  if (type === 'string' || type === 'bytes') {
    if (typeof value !== 'string') throw invalid(path, 'must be a string');
    if (max !== undefined && encoder.encode(value).length > (type === 'bytes' ? base64urlChars(max) : max)) {
      throw new ProtocolError('too_large', `${path} is over its limit.`, { field: path });
    }
    if (type === 'string') return value;
    if (!/^[\w-]*$/.test(value) || value.length % 4 === 1) throw invalid(path, 'must be base64url');
    return fromBase64url(value);
  }
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0 || value > numberMax(type)) {
    throw invalid(path, `must be a whole number from 0 to ${numberMax(type)}`);
  }
  // JSON knows `-0`, the binary form does not: the same frame gives the same number in both.
  return value === 0 ? 0 : value;
}

function readField(message: string, [, name, type, label]: FieldShape, value: unknown, bounded: boolean): unknown {
  const path = `${message}.${name}`;
  const max = bounded ? upBounds[path] : undefined;
  const one = (item: unknown, bound: number | undefined): unknown =>
    isMessage(type) ? readMessage(type, item, bounded) : readScalar(path, type, item, bound);
  if (label !== 'repeated') return one(value, max);
  if (!Array.isArray(value)) throw invalid(path, 'must be an array');
  if (max !== undefined && value.length > max) throw new ProtocolError('too_large', `${path} is over its limit.`, { field: path });
  return value.map((item) => one(item, bounded ? ELEMENT_BYTES_MAX : undefined));
}

/**
 * Fills a message from its JSON form, in the very shape that the binary decoder gives.
 *
 * @param bounded whether it comes from a client: then bounds hold, and a field that is not known is a mistake;
 *   from a server it is a newer version's, and is skipped
 */
function readMessage(message: string, value: unknown, bounded: boolean): JsonObject {
  if (!isObject(value)) throw invalid(message, 'must be an object');
  const fields = shape[message] ?? [];
  const names = new Set(fields.map(([, name]) => name));
  const unknown = Object.keys(value).find((name) => !names.has(name));
  if (bounded && unknown !== undefined) throw invalid(`${message}.${unknown.slice(0, 40)}`, 'is not a field of this version');
  const result: JsonObject = {};
  for (const field of fields) {
    const [, name, type, label] = field;
    const given = value[name];
    if (given === undefined || given === null) result[name] = label === 'repeated' ? [] : defaultOf(type);
    else {
      result[name] = readField(message, field, given, bounded);
      if (label === 'oneof') result[message === 'Fact' ? 'body' : 'frame'] = name;
    }
  }
  if (message === 'Fact' && !('body' in result)) result['body'] = undefined;
  return result;
}

function readFrame(union: 'Up' | 'Down', bytes: Uint8Array, bounded: boolean): JsonObject {
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch (cause) {
    throw new ProtocolError('bad_frame', 'The frame is not UTF-8.', { cause });
  }
  const value = checkJsonText(text, 'bad_frame');
  if (!isObject(value)) throw invalid('The frame', 'must be an object');
  const names = Object.keys(value);
  if (names.length !== 1) throw invalid('The frame', 'must have exactly one key');
  const name = names[0]!;
  if (!(shape[union] ?? []).some(([, field]) => field === name)) {
    throw new ProtocolError(bounded ? 'unknown_operation' : 'bad_frame', 'The frame holds no operation that this version knows.');
  }
  if (value[name] === null) throw invalid(name, 'must be an object');
  return readMessage(union, value, bounded);
}

/** Leaves out what is at its default, as the binary form does. */
function writeMessage(message: string, value: JsonObject): JsonObject {
  const result: JsonObject = {};
  for (const [, name, type, label] of shape[message] ?? []) {
    const given = value[name];
    if (given === undefined || given === null) continue;
    if (label === 'repeated') {
      if (Array.isArray(given) && given.length > 0) result[name] = given.map((item: unknown) => writeValue(type, item));
    } else if (isMessage(type) || given !== defaultOf(type)) result[name] = writeValue(type, given);
  }
  return result;
}

function writeValue(type: string, value: unknown): unknown {
  if (isMessage(type)) return isObject(value) ? writeMessage(type, value) : undefined;
  if (typeof value === 'string') return value.replaceAll(HALF_PAIR, '\ufffd');
  return value instanceof Uint8Array ? toBase64url(value) : value;
}

const encode = (union: 'Up' | 'Down', frame: JsonObject): Uint8Array => encoder.encode(JSON.stringify(writeMessage(union, frame)));

/** Joins encoded facts to a frame by bytes, so that each is encoded once (ORD1). */
function factsFrame(range: FactRange, facts: readonly Uint8Array[]): Uint8Array {
  const head = JSON.stringify({ facts: writeMessage('Facts', { ...range, facts: [] }) });
  if (facts.length === 0) return encoder.encode(head);
  const open = head.slice(0, -2);
  const parts: Uint8Array[] = [encoder.encode(`${open}${open.endsWith('{') ? '' : ','}"facts":[`)];
  facts.forEach((fact, at) => {
    if (at > 0) parts.push(encoder.encode(','));
    parts.push(fact);
  });
  parts.push(encoder.encode(']}}'));
  return concat(parts);
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const target = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    target.set(part, at);
    at += part.length;
  }
  return target;
}

/** The server's side of the JSON form. */
export function createJsonServerCodec(): ServerCodec {
  return {
    subprotocol: SUBPROTOCOL_JSON,
    binary: false,
    decodeUp(bytes) {
      if (bytes.length > limits.frame_bytes_max) throw new ProtocolError('too_large', 'The frame is over its limit.');
      // readMessage checked every field against the shape table that the types are made from.
      return readFrame('Up', bytes, true) as unknown as UpFrame;
    },
    encodeDown: (frame) => encode('Down', frame),
    encodeFact: (fact) => encoder.encode(JSON.stringify(writeMessage('Fact', fact))),
    factsFrame,
  };
}

/** The client's side of the JSON form. */
export function createJsonClientCodec(): ClientCodec {
  return {
    subprotocol: SUBPROTOCOL_JSON,
    binary: false,
    encodeUp: (frame) => encode('Up', frame),
    decodeDown: (bytes) => readFrame('Down', bytes, false) as unknown as DownFrame,
  };
}
