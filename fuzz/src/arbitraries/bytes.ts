/** Bytes that are nearly frames: what a broken or hostile peer makes of real ones. */
import fc from 'fast-check';

const BYTES_MAX = 200_000;
/** Lengths that readers trip over, as varints: nothing, one too many, 2^31, 2^32, 2^53, 2^63, and one that does not end. */
const LENGTHS: readonly (readonly number[])[] = [
  [0x00], [0x7f], [0xff, 0x01], [0x80, 0x80, 0x04], [0x80, 0x80, 0x80, 0x80, 0x08], [0xff, 0xff, 0xff, 0xff, 0x0f], [0x80, 0x80, 0x80, 0x80, 0x10],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f], [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f], Array.from({ length: 10 }, () => 0xff), Array.from({ length: 11 }, () => 0x80),
];
const KINDS = [
  'flip', 'set', 'insert', 'delete', 'double', 'cut', 'join', 'splice', 'length', 'repeat', 'groups', 'packed', 'nest',
] as const;

interface Change {
  readonly kind: (typeof KINDS)[number];
  readonly at: number;
  readonly length: number;
  readonly byte: number;
  readonly other: number;
}

const change = (frames: number): fc.Arbitrary<Change> => fc.record({
  // The rare kinds make large inputs, which cost more than they find.
  kind: fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom(...KINDS.slice(0, 9)) }, { weight: 1, arbitrary: fc.constantFrom(...KINDS.slice(9)) },
  ),
  at: fc.nat(10_000), length: fc.nat(12), byte: fc.nat(255), other: fc.nat(frames - 1),
});

/** Frames with a few changes: bits and bytes, lengths, two frames spliced, parts repeated, groups, packed and nested fields. @param starts what is changed; these frames when left out */
export function mutated(frames: readonly Uint8Array[], starts: fc.Arbitrary<Uint8Array> = fc.nat(frames.length - 1).map((at) => frames[at]!)): fc.Arbitrary<Uint8Array> {
  return fc.tuple(starts, fc.array(change(frames.length), { minLength: 1, maxLength: 3 }))
    .map(([start, changes]) => Uint8Array.from(changes.reduce<Buffer>((bytes, one) => changed(bytes, one, frames).subarray(0, BYTES_MAX), Buffer.from(start))));
}

function changed(bytes: Buffer, { kind, at: wanted, length, byte, other }: Change, frames: readonly Uint8Array[]): Buffer {
  const at = bytes.length === 0 ? 0 : wanted % bytes.length;
  const before = bytes.subarray(0, at);
  const after = bytes.subarray(at);
  const between = (...parts: readonly (readonly number[] | Uint8Array)[]): Buffer => Buffer.concat([before, ...parts.map((part) => Uint8Array.from(part)), after]);
  switch (kind) {
    case 'flip': return bytes.length === 0 ? bytes : Buffer.concat([before, Buffer.of(after[0]! ^ (1 << (byte % 8))), after.subarray(1)]);
    case 'set': return bytes.length === 0 ? bytes : Buffer.concat([before, Buffer.of(byte), after.subarray(1)]);
    case 'insert': return between([byte]);
    case 'delete': return Buffer.concat([before, after.subarray(length)]);
    case 'double': return between(after.subarray(0, length));
    case 'cut': return before;
    case 'join': return Buffer.concat([bytes, frames[other]!]);
    case 'splice': return Buffer.concat([before, frames[other]!.subarray(wanted % (frames[other]!.length + 1))]);
    case 'length': return Buffer.concat([before, Uint8Array.from(LENGTHS[byte % LENGTHS.length]!), after.subarray(1)]);
    case 'repeat': return Buffer.concat(Array.from({ length: length * 20 + 2 }, () => bytes.subarray(0, 2_000)));
    case 'groups': return between(groups(byte, length * 200 + 1));
    case 'packed': return between(packed(byte, length * 2_000));
    case 'nest': return nested(bytes, byte, length * 40 + 1);
  }
}

const key = (field: number, wireType: number): number => (((field % 15) + 1) << 3) | wireType;

/** Groups inside groups, which may not end. */
function groups(field: number, depth: number): Buffer {
  return Buffer.concat([Buffer.alloc(depth, key(field, 3)), Buffer.alloc(field % 2 === 0 ? depth : 0, key(field, 4))]);
}

/** One field with thousands of numbers in it. */
function packed(field: number, length: number): Buffer {
  return Buffer.concat([Buffer.of(key(field, 2)), Buffer.from(varint(length)), Buffer.alloc(length, 1)]);
}

/** The bytes as a field of a field of a field. */
function nested(bytes: Buffer, field: number, depth: number): Buffer {
  const heads: Buffer[] = [];
  let { length } = bytes;
  for (let level = 0; level < depth; level += 1) {
    const head = Buffer.from([key(field, 2), ...varint(length)]);
    heads.push(head);
    length += head.length;
  }
  return Buffer.concat([...heads.reverse(), bytes]);
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return [...bytes, rest];
}

/** Bytes of which many are keys and short lengths, so that a walk gets somewhere. */
export const noise: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.uint8Array({ maxLength: 80 }),
  fc.array(fc.oneof({ weight: 3, arbitrary: fc.nat(0x60) }, { weight: 1, arbitrary: fc.nat(255) }), { maxLength: 60 }).map((bytes) => Uint8Array.from(bytes)),
);
