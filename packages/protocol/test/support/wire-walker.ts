/**
 * A second reader of the binary form, which shares nothing with the first: it follows the encoding's own rules with
 * big integers and takes names and types from wire.proto itself. It gives the JSON form.
 */
import { fileURLToPath } from 'node:url';
import resolve, { type ProtoField, type ProtoMessage } from 'resolve-protobuf-schema';

const PROTO = fileURLToPath(new URL('../../wire.proto', import.meta.url));

export const messages: ReadonlyMap<string, ProtoMessage> = new Map(resolve.sync(PROTO).messages.map((message) => [message.name, message]));

export const isMessageType = (type: string): boolean => messages.has(type);

/** The wire type that the encoding's specification gives each type of wire.proto. */
export function wireTypeOf(type: string): number {
  switch (type) {
    case 'uint32': case 'uint64': case 'bool': return 0;
    case 'string': case 'bytes': return 2;
    case 'fixed32': return 5;
    default:
      if (isMessageType(type)) return 2;
      throw new Error(`wire.proto uses ${type}, which this reader does not know`);
  }
}

interface Raw {
  readonly number: number;
  readonly wireType: number;
  readonly number64: bigint;
  readonly content: Uint8Array;
}

const EMPTY = new Uint8Array();

function readVarint(bytes: Uint8Array, start: number): { value: bigint; next: number } {
  let value = 0n;
  for (let at = start; ; at += 1) {
    const byte = bytes[at];
    if (byte === undefined) throw new Error('cut off');
    value |= BigInt(byte & 127) << BigInt(7 * (at - start));
    if (byte < 128) return { value, next: at + 1 };
  }
}

/** The fields of one message as they stand. */
function rawFields(bytes: Uint8Array): Raw[] {
  const fields: Raw[] = [];
  let at = 0;
  while (at < bytes.length) {
    const key = readVarint(bytes, at);
    const number = Number(key.value >> 3n);
    const wireType = Number(key.value & 7n);
    at = key.next;
    if (wireType === 5) {
      const view = new DataView(bytes.buffer, bytes.byteOffset + at, 4);
      fields.push({ number, wireType, number64: BigInt(view.getUint32(0, true)), content: EMPTY });
      at += 4;
      continue;
    }
    const value = readVarint(bytes, at);
    at = value.next;
    if (wireType === 0) {
      fields.push({ number, wireType, number64: value.value, content: EMPTY });
      continue;
    }
    if (wireType !== 2) throw new Error(`wire type ${wireType}`);
    const end = at + Number(value.value);
    if (end > bytes.length) throw new Error('cut off');
    fields.push({ number, wireType, number64: 0n, content: bytes.subarray(at, end) });
    at = end;
  }
  return fields;
}

function valueOf(field: ProtoField, raw: Raw): unknown {
  switch (field.type) {
    case 'bool': return raw.number64 !== 0n;
    case 'uint32': case 'uint64': case 'fixed32': return Number(raw.number64);
    case 'string': return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(raw.content);
    case 'bytes': return Buffer.from(raw.content).toString('base64url');
    default: return walk(field.type, raw.content);
  }
}

/**
 * @returns the JSON form of a message's bytes
 * @throws Error where a number or wire type is not wire.proto's, or where the form is not the shortest one: fields in
 *   ascending order, nothing at its default
 */
export function walk(name: string, bytes: Uint8Array): Record<string, unknown> {
  const fields = messages.get(name)?.fields ?? [];
  const result: Record<string, unknown> = {};
  let last = 0;
  for (const raw of rawFields(bytes)) {
    const field = fields.find((candidate) => candidate.tag === raw.number);
    if (!field) throw new Error(`${name} has no field ${raw.number}`);
    if (raw.wireType !== wireTypeOf(field.type)) throw new Error(`${name}.${field.name} has wire type ${raw.wireType}`);
    if (raw.number < last || (raw.number === last && !field.repeated)) throw new Error(`${name}.${field.name} is out of order`);
    last = raw.number;
    const value = valueOf(field, raw);
    const isDefault = value === 0 || value === false || (value === '' && field.type === 'string');
    if (isDefault && !field.repeated) throw new Error(`${name}.${field.name} is written at its default`);
    if (field.repeated) result[field.name] = [...((result[field.name] as unknown[] | undefined) ?? []), value];
    else result[field.name] = value;
  }
  return result;
}
