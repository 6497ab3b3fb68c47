/** Any frame that our types allow, made from the shape table, so that a new field is covered by itself. */
import fc from 'fast-check';
import type { DownFrame, UpFrame } from '@talaria/protocol';
import { shape, type FieldShape } from '@talaria/protocol/shape';

type Value = Record<string, unknown>;

/** Any code points: control characters, byte order marks, characters beyond the basic plane. At most 15, so 60 bytes. */
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 15 }),
  fc.string({ maxLength: 60 }),
  fc.string({ unit: 'grapheme', maxLength: 5 }).filter((text) => Buffer.byteLength(text) <= 64),
  fc.string({ maxLength: 40 }).map((text) => `\ufeff${text}`),
);
const edges = (bits: number): number[] => Array.from({ length: bits + 1 }, (_, at) => [2 ** at - 1, 2 ** at]).flat();
const uint32 = fc.oneof(fc.nat(0xffff_ffff), fc.constantFrom(...edges(32).filter((value) => value <= 0xffff_ffff)));
const uint64 = fc.oneof(fc.maxSafeNat(), fc.constantFrom(...edges(53).filter(Number.isSafeInteger)));

function scalar(type: string): fc.Arbitrary<unknown> {
  switch (type) {
    case 'string': return anyText;
    case 'bytes': return fc.option(fc.uint8Array({ maxLength: 40 }), { nil: undefined });
    case 'bool': return fc.boolean();
    case 'uint64': return uint64;
    default: return uint32;
  }
}

function fieldValue([, , type, label]: FieldShape): fc.Arbitrary<unknown> {
  const one = shape[type] ? message(type) : scalar(type);
  if (label === 'repeated') return fc.array(one, { maxLength: 4 });
  return shape[type] ? fc.option(one, { nil: undefined }) : one;
}

/** Every message but the two unions, in the shape in which the decoders give it. */
export function message(name: string): fc.Arbitrary<Value> {
  const fields = shape[name] ?? [];
  const plain = fields.filter((field) => field[3] !== 'oneof');
  const record = fc.record(Object.fromEntries(plain.map((field) => [field[1], fieldValue(field)])));
  return name === 'Fact' ? fc.tuple(record, factBody).map(([fact, body]) => ({ ...fact, ...body })) : record;
}

const factBody: fc.Arbitrary<Value> = fc.oneof(
  fc.constant({ body: undefined, message: undefined, json: '' }),
  fc.record({ body: fc.constant('json'), message: fc.constant(undefined), json: anyText.filter((text) => text !== '') }),
  fc.record({ body: fc.constant('message'), message: fc.constant({}).chain(() => message('MessageBody')), json: fc.constant('') }),
);

function frame(union: 'Up' | 'Down'): fc.Arbitrary<Value> {
  const kinds = (shape[union] ?? []).map(([, name, type]) => message(type).map((value): Value => ({ frame: name, [name]: value })));
  return fc.oneof(...kinds);
}

// The shape table is what the types are made from.
export const anyUp = frame('Up') as unknown as fc.Arbitrary<UpFrame>;
export const anyDown = frame('Down') as unknown as fc.Arbitrary<DownFrame>;
