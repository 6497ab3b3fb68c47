/**
 * Walks the bytes of a client's frame against the shape of wire.proto before anything is decoded or allocated:
 * lengths, wire types, depth, numbers of elements, UTF-8. What passes can be decoded without surprise.
 */
import { ProtocolError } from '../errors.js';
import { shape, type FieldShape } from '../generated/shape.js';
import { limits } from '../limits.js';
import { DEPTH_MAX, ELEMENT_BYTES_MAX, FIELD_NUMBER_MAX, numberMax, UNKNOWN_FIELDS_MAX, upBounds } from './bounds.js';

interface FieldRule {
  readonly name: string;
  readonly wireType: number;
  readonly kind: 'message' | 'string' | 'bytes' | 'number';
  readonly type: string;
  readonly repeated: boolean;
  /** The largest number, length in bytes, or number of elements. */
  readonly max: number;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function rule(message: string, [, name, type, label]: FieldShape): FieldRule {
  const kind = /^[A-Z]/.test(type) ? 'message' : type === 'string' || type === 'bytes' ? type : 'number';
  const wireType = kind !== 'number' ? 2 : type === 'fixed32' ? 5 : 0;
  const max = kind === 'number' ? numberMax(type) : upBounds[`${message}.${name}`] ?? 0;
  return { name, type, kind, wireType, repeated: label === 'repeated', max };
}

const rules = new Map(Object.entries(shape).map(([message, fields]) => {
  const byTag: (FieldRule | undefined)[] = [];
  for (const field of fields) byTag[field[0]] = rule(message, field);
  return [message, byTag];
}));

const bad = (why: string): ProtocolError => new ProtocolError('bad_frame', `The frame is not valid: ${why}.`);
const tooLarge = (what: string): ProtocolError => new ProtocolError('too_large', `${what} is over its limit.`);

/** Where the walk stands. One is made per frame. */
interface Walk {
  readonly bytes: Uint8Array;
  at: number;
  unknown: number;
}

function varint(walk: Walk, end: number): number {
  let value = 0;
  let scale = 1;
  for (let count = 0; count < 10; count += 1) {
    if (walk.at >= end) throw bad('a number is cut off');
    const byte = walk.bytes[walk.at++]!;
    value += (byte & 127) * scale;
    if (byte < 128) return value;
    scale *= 128;
  }
  throw bad('a number is longer than ten bytes');
}

function checkText(walk: Walk, end: number): void {
  for (let at = walk.at; at < end; at += 1) {
    if (walk.bytes[at]! < 128) continue;
    try {
      utf8.decode(walk.bytes.subarray(at, end));
    } catch (cause) {
      throw new ProtocolError('bad_frame', 'The frame is not valid: a text is not UTF-8.', { cause });
    }
    return;
  }
}

function skip(walk: Walk, wireType: number, end: number): void {
  walk.unknown += 1;
  if (walk.unknown > UNKNOWN_FIELDS_MAX) throw bad('it holds too many unknown fields');
  switch (wireType) {
    case 0: varint(walk, end); return;
    case 1: walk.at += 8; break;
    case 2: { const length = varint(walk, end); walk.at += length; break; }
    case 5: walk.at += 4; break;
    default: throw bad('it uses a wire type that is not allowed');
  }
  if (walk.at > end) throw bad('a field is cut off');
}

function checkMessage(walk: Walk, message: string, end: number, depth: number): number {
  if (depth > DEPTH_MAX) throw bad('it is nested too deeply');
  const byTag = rules.get(message)!;
  const counts: number[] = [];
  let known = 0;
  while (walk.at < end) {
    const key = varint(walk, end);
    const tag = Math.floor(key / 8);
    const wireType = key % 8;
    // The decoder keeps 32 bits of a key: a larger number would come back there as another field.
    if (tag === 0 || tag > FIELD_NUMBER_MAX) throw bad('a field has a number that cannot be');
    const field = byTag[tag];
    if (!field) {
      skip(walk, wireType, end);
      continue;
    }
    known += 1;
    const count = (counts[tag] = (counts[tag] ?? 0) + 1);
    if (count > (field.repeated ? field.max : 1)) {
      throw field.repeated ? tooLarge(`${message}.${field.name}`) : bad(`${field.name} stands twice`);
    }
    if (wireType !== field.wireType) throw bad(`${field.name} has the wrong wire type`);
    checkField(walk, message, field, end, depth);
  }
  return known;
}

function checkField(walk: Walk, message: string, field: FieldRule, end: number, depth: number): void {
  if (field.wireType === 0) {
    if (varint(walk, end) > field.max) throw bad(`${field.name} is above ${field.max}`);
    return;
  }
  const length = field.wireType === 5 ? 4 : varint(walk, end);
  const stop = walk.at + length;
  if (stop > end) throw bad(`${field.name} is cut off`);
  if (field.kind === 'message') checkMessage(walk, field.type, stop, depth + 1);
  else if (field.kind !== 'number') {
    if (length > (field.repeated ? ELEMENT_BYTES_MAX : field.max)) throw tooLarge(`${message}.${field.name}`);
    if (field.kind === 'string') checkText(walk, stop);
  }
  walk.at = stop;
}

/**
 * @param bytes one frame from a client
 * @throws ProtocolError `bad_frame`, `too_large`, or `unknown_operation` when it holds no frame of this version
 */
export function checkUp(bytes: Uint8Array): void {
  if (bytes.length === 0) throw bad('it is empty');
  if (bytes.length > limits.frame_bytes_max) throw tooLarge('The frame');
  const known = checkMessage({ bytes, at: 0, unknown: 0 }, 'Up', bytes.length, 0);
  if (known === 0) throw new ProtocolError('unknown_operation', 'The frame holds no operation that this version knows.');
  if (known > 1) throw bad('it holds more than one operation');
}
