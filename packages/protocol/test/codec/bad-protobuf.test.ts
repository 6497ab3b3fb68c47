/** What a client can send that is no frame, and what each gets. */
import { describe, expect, it } from 'vitest';
import { upBounds } from '../../src/codec/bounds.js';
import { checkUp } from '../../src/codec/check.js';
import { createClientCodec, createServerCodec } from '../../src/codec/binary.js';
import { limits } from '../../src/limits.js';
import { field, fixed32Field, fixed64Field, fromHex, join, key, nested, numberField, textField, utf8, varint } from '../support/bytes.js';
import { goldenUp } from '../support/golden.js';
import { refusal, refusalError } from '../support/outcome.js';

const server = createServerCodec();
const client = createClientCodec();
/** The check and the decoder must agree, so each case goes through both. */
const refused = (bytes: Uint8Array): string => {
  const code = refusal(() => checkUp(bytes));
  expect(refusal(() => server.decodeUp(bytes))).toBe(code);
  return code;
};
const HELLO = 1, SEND = 2, MARK = 4, PONG = 6, FOLLOW = 7, WATCH = 11;
const repeat = (part: Uint8Array, times: number): Uint8Array => Uint8Array.from({ length: part.length * times }, (_, at) => part[at % part.length]!);

describe('frames that are no frames', () => {
  it('[BAD protobuf.empty] nothing at all → bad_frame', () => {
    expect(refused(new Uint8Array())).toBe('bad_frame');
  });

  it.each(goldenUp)('[BAD protobuf.truncated] $name: cut off at every byte → bad_frame', (frame) => {
    const bytes = fromHex(frame.hex);
    for (let length = 0; length < bytes.length; length += 1) expect(refused(bytes.subarray(0, length)), `at ${length}`).toBe('bad_frame');
  });

  it('[BAD protobuf.length] a length of 2^31, at every level and in an unknown field → bad_frame', () => {
    const huge = join([0x12], varint(2 ** 31), [1, 2, 3]);
    expect(refused(huge)).toBe('bad_frame');
    expect(refused(field(SEND, huge))).toBe('bad_frame');
    expect(refused(field(FOLLOW, field(2, join([0x0a], varint(2 ** 31)))))).toBe('bad_frame');
    expect(refused(join(key(99, 2), varint(2 ** 31), [1]))).toBe('bad_frame');
    expect(refused(join(key(99, 2), varint(2n ** 63n), [1]))).toBe('bad_frame');
  });

  it('[BAD protobuf.length] a part that is longer than the part around it → bad_frame', () => {
    expect(refused(join([0x12, 0x03], [0x1a, 0x05], utf8('hello')))).toBe('bad_frame');
  });

  it('[BAD protobuf.operation] no operation → unknown_operation', () => {
    expect(refused(textField(99, 'of a newer version'))).toBe('unknown_operation');
    expect(refused(join(numberField(50, 1), fixed64Field(51), fixed32Field(52)))).toBe('unknown_operation');
  });

  it('[BAD protobuf.operation] two operations → bad_frame', () => {
    const send = client.encodeUp({ frame: 'send', send: { text: 'a' } });
    const pong = client.encodeUp({ frame: 'pong', pong: { time_ms: 1 } });
    expect(refused(join(send, pong))).toBe('bad_frame');
    expect(refused(join(send, send))).toBe('bad_frame');
  });

  it('[BAD protobuf.too-large] a frame above the limit → too_large, whatever it holds', () => {
    expect(refused(new Uint8Array(limits.frame_bytes_max + 1))).toBe('too_large');
    expect(refused(join(field(99, new Uint8Array(limits.frame_bytes_max))))).toBe('too_large');
    expect(refused(field(99, new Uint8Array(limits.frame_bytes_max - 5)))).toBe('unknown_operation');
  });
});

describe('fields that are no fields', () => {
  it('[BAD protobuf.groups] twenty thousand unknown groups → bad_frame', () => {
    expect(refused(repeat(join(key(99, 3), key(99, 4)), 10_000))).toBe('bad_frame');
    expect(refused(repeat(Uint8Array.from([0x7b, 0x7c]), 20_000))).toBe('bad_frame');
    expect(refused(join(textField(SEND, ''), repeat(Uint8Array.from([0x7b, 0x7c]), 20_000)))).toBe('bad_frame');
  });

  it('[BAD protobuf.unknown-fields] up to 64 fields of a newer version are skipped, more → bad_frame', () => {
    const send = client.encodeUp({ frame: 'send', send: { text: 'a' } });
    const unknown = join(numberField(99, 7), fixed64Field(99), fixed32Field(99), textField(99, 'x'));
    expect(server.decodeUp(join(send, repeat(unknown, 16)))).toMatchObject({ frame: 'send', send: { text: 'a' } });
    expect(server.decodeUp(field(SEND, join(repeat(unknown, 16), textField(3, 'b'))))).toMatchObject({ send: { text: 'b' } });
    expect(refused(join(send, repeat(unknown, 16), numberField(99, 1)))).toBe('bad_frame');
    expect(refused(repeat(textField(99, ''), 20_000))).toBe('bad_frame');
  });

  it('[BAD protobuf.nesting] groups nested 5,000 deep → bad_frame', () => {
    expect(refused(Uint8Array.from({ length: 5_000 }, () => 0x0b))).toBe('bad_frame');
    expect(refused(Uint8Array.from({ length: 5_000 }, () => 0x7b))).toBe('bad_frame');
  });

  it.each([
    [1, 'too_large'], [2, 'too_large'], [3, 'bad_frame'], [4, 'bad_frame'], [5, 'too_large'], [13, 'unknown_operation'], [99, 'unknown_operation'],
  ])('[BAD protobuf.nesting] field %i inside itself 5,000 deep → %s', (number, code) => {
    expect(refused(nested(number, 5_000))).toBe(code);
  });

  it('[BAD protobuf.wire-type] a field with another wire type than its own → bad_frame', () => {
    expect(refused(numberField(SEND, 1))).toBe('bad_frame');
    expect(refused(fixed32Field(SEND))).toBe('bad_frame');
    expect(refused(field(SEND, numberField(3, 1)))).toBe('bad_frame');
    expect(refused(field(MARK, textField(4, '1')))).toBe('bad_frame');
    expect(refused(field(MARK, fixed64Field(4)))).toBe('bad_frame');
    expect(refused(field(FOLLOW, field(2, numberField(3, 1))))).toBe('bad_frame');
    expect(refused(field(SEND, fixed32Field(5)))).toBe('bad_frame');
    for (const wireType of [3, 4, 6, 7]) expect(refused(field(SEND, key(3, wireType))), `${wireType}`).toBe('bad_frame');
  });

  it('[BAD protobuf.wire-type] a wrong wire type is refused also where the bytes behind it would fit → bad_frame', () => {
    expect(refused(join(key(PONG, 0), [0]))).toBe('bad_frame');
    expect(refused(field(SEND, join(key(3, 0), [1, 0x61])))).toBe('bad_frame');
    expect(refused(field(SEND, join(key(3, 5), [1, 0x61])))).toBe('bad_frame');
    expect(refused(field(MARK, join(key(4, 2), [0])))).toBe('bad_frame');
    expect(refused(field(MARK, join(key(4, 5), [7])))).toBe('bad_frame');
    expect(refused(field(FOLLOW, field(2, join(key(3, 0), [1, 2, 3, 4]))))).toBe('bad_frame');
  });

  it('[BAD protobuf.field-number] field 0, or a number that comes back as another in 32 bits → bad_frame', () => {
    expect(refused(Uint8Array.from([0x00, 0x00]))).toBe('bad_frame');
    expect(refused(Uint8Array.from([0x02, 0x00]))).toBe('bad_frame');
    const pong = client.encodeUp({ frame: 'pong', pong: { time_ms: 1 } });
    for (const bits of [29n, 32n, 45n, 60n]) {
      const smuggled = join(key(2n ** bits + BigInt(SEND), 2), [2, 0x1a, 0]);
      expect(refused(join(pong, smuggled)), `2^${bits}`).toBe('bad_frame');
    }
    expect(server.decodeUp(join(pong, key(2 ** 29 - 1, 0), [1]))).toEqual({ frame: 'pong', pong: { time_ms: 1 } });
  });

  it('[BAD protobuf.repeated-singular] a field that stands twice → bad_frame', () => {
    expect(refused(field(SEND, join(textField(3, 'a'), textField(3, 'b'))))).toBe('bad_frame');
    expect(refused(field(PONG, join(numberField(1, 1), numberField(1, 1))))).toBe('bad_frame');
    expect(refused(field(FOLLOW, join(field(2, []), field(2, []))))).toBe('bad_frame');
    expect(refused(field(FOLLOW, field(2, join(fixed32Field(3), fixed32Field(3)))))).toBe('bad_frame');
  });

  it('[BAD protobuf.cut-off] fixed fields without all their bytes → bad_frame', () => {
    expect(refused(field(FOLLOW, field(2, join(key(3, 5), [1, 2, 3]))))).toBe('bad_frame');
    expect(refused(join(key(99, 1), [1, 2, 3, 4, 5, 6, 7]))).toBe('bad_frame');
    expect(refused(join(key(99, 5), [1, 2, 3]))).toBe('bad_frame');
  });
});

describe('numbers', () => {
  const pong = (bytes: readonly number[]): Uint8Array => field(PONG, join(key(1, 0), bytes));

  it('[BAD protobuf.varint] longer than ten bytes → bad_frame', () => {
    expect(refused(pong([...Array.from({ length: 10 }, () => 0x80), 0x01]))).toBe('bad_frame');
    expect(refused(Uint8Array.from({ length: 30 }, () => 0xff))).toBe('bad_frame');
    // Eleven bytes that say 0: no bound on the value would find them.
    const long = [...Array.from({ length: 10 }, () => 0x80), 0x00];
    expect(refused(pong(long))).toBe('bad_frame');
    expect(refused(join(pong([1]), key(99, 0), long))).toBe('bad_frame');
    expect(refused(field(SEND, join(key(3, 2), long)))).toBe('bad_frame');
    expect(refused(join(key(99, 0), Array.from({ length: 11 }, () => 0x80), [0]))).toBe('bad_frame');
    expect(server.decodeUp(pong([...Array.from({ length: 9 }, () => 0x80), 0x00]))).toEqual({ frame: 'pong', pong: { time_ms: 0 } });
  });

  it('[BAD protobuf.number] above 2^53 - 1 → bad_frame', () => {
    const largest = Number.MAX_SAFE_INTEGER;
    expect(server.decodeUp(pong(varint(largest)))).toEqual({ frame: 'pong', pong: { time_ms: largest } });
    for (const value of [2n ** 53n, 2n ** 53n + 1n, 2n ** 63n, 2n ** 64n - 1n]) expect(refused(pong(varint(value))), `of ${value}`).toBe('bad_frame');
  });

  it('[BAD protobuf.number] a 32-bit number above 2^32 - 1 → bad_frame', () => {
    const call = (id: number): Uint8Array => field(3, numberField(1, id));
    expect(server.decodeUp(call(2 ** 32 - 1))).toMatchObject({ call: { id: 2 ** 32 - 1 } });
    expect(refused(call(2 ** 32))).toBe('bad_frame');
    expect(refused(call(2 ** 32 + 1))).toBe('bad_frame');
  });
});

describe('texts', () => {
  const text = (bytes: readonly number[]): Uint8Array => field(SEND, field(3, bytes));
  const INVALID: readonly (readonly [string, readonly number[]])[] = [
    ['a lone continuation byte', [0x80]], ['a sequence without its end', [0xe2, 0x82]], ['an overlong slash', [0xc0, 0xaf]],
    ['an overlong NUL', [0xe0, 0x80, 0x80]], ['half of a surrogate pair', [0xed, 0xa0, 0x80]], ['beyond U+10FFFF', [0xf4, 0x90, 0x80, 0x80]],
    ['a byte that UTF-8 does not have', [0xff]], ['one wrong byte at the end of a long text', [...utf8('x'.repeat(1_000)), 0xfe]],
  ];

  it.each(INVALID)('[BAD protobuf.utf-8] %s → bad_frame', (_, bytes) => {
    expect(refused(text(bytes))).toBe('bad_frame');
  });

  it('[BAD protobuf.utf-8] texts inside lists and inner messages are checked too → bad_frame', () => {
    expect(refused(field(HELLO, field(8, [0x80])))).toBe('bad_frame');
    expect(refused(field(HELLO, field(5, field(1, [0x80]))))).toBe('bad_frame');
  });

  it('[BAD protobuf.too-large] a text over its bound → too_large, before it is decoded', () => {
    const over = upBounds['Send.text']! + 1;
    // Not UTF-8 either: that it is too large is said first, so it was not decoded.
    expect(refused(text(Array.from({ length: over }, () => 0xff)))).toBe('too_large');
    expect(refusalError(() => checkUp(text(Array.from({ length: over }, () => 0x61)))).message).toBe('Send.text is over its limit.');
    expect(server.decodeUp(text(Array.from({ length: over - 1 }, () => 0x61)))).toMatchObject({ frame: 'send' });
  });

  it('[BAD protobuf.too-large] every bounded field at its bound passes, one more → too_large', () => {
    const inside: Readonly<Record<string, (part: Uint8Array) => Uint8Array>> = { Cursor: (part) => field(FOLLOW, field(2, part)) };
    const numbers: Readonly<Record<string, number>> = { Hello: 1, Send: 2, Call: 3, Mark: 4, Signal: 5, Follow: 7, Unfollow: 8, Abandon: 9, Refresh: 10 };
    const single = Object.entries(upBounds).filter(([path]) => path !== 'Hello.cursors' && path !== 'Hello.capabilities' && path !== 'Watch.user_ids' && path !== 'Call.json');
    for (const [path, bound] of single) {
      const [message, number] = fieldNumber(path);
      const wrap = inside[message] ?? ((part: Uint8Array) => field(numbers[message]!, part));
      const of = (length: number): Uint8Array => wrap(field(number, Array.from({ length }, () => 0x61)));
      expect(() => checkUp(of(bound)), `of ${path}`).not.toThrow();
      expect(refused(of(bound + 1)), `of ${path}`).toBe('too_large');
    }
  });
});

describe('lists', () => {
  const hello = (part: Uint8Array, times: number): Uint8Array => field(HELLO, repeat(part, times));

  it('[BAD protobuf.too-many] more cursors than the limit → too_large, before they are expanded', () => {
    expect(server.decodeUp(hello(field(5, []), limits.cursors_max))).toMatchObject({ frame: 'hello' });
    expect(refused(hello(field(5, []), limits.cursors_max + 1))).toBe('too_large');
    expect(refused(hello(field(5, []), 30_000))).toBe('too_large');
  });

  it('[BAD protobuf.too-many] more capabilities than the limit, or a longer one → too_large', () => {
    expect(server.decodeUp(hello(textField(8, 'x'.repeat(64)), 32))).toMatchObject({ frame: 'hello' });
    expect(refused(hello(textField(8, 'x'), 33))).toBe('too_large');
    expect(refused(hello(textField(8, 'x'.repeat(65)), 1))).toBe('too_large');
  });

  it('[BAD protobuf.too-many] more users than a watch may have, or a longer name → too_large', () => {
    const watch = (part: Uint8Array, times: number): Uint8Array => field(WATCH, repeat(part, times));
    expect(server.decodeUp(watch(textField(2, 'u'.repeat(64)), limits.watch_max))).toMatchObject({ frame: 'watch' });
    expect(refused(watch(textField(2, ''), limits.watch_max + 1))).toBe('too_large');
    expect(refused(watch(textField(2, 'u'.repeat(65)), 1))).toBe('too_large');
  });

  it('[BAD protobuf.names] names such as __proto__ are only texts', () => {
    const frame = server.decodeUp(hello(textField(8, '__proto__'), 1));
    expect(frame).toMatchObject({ hello: { capabilities: ['__proto__'] } });
    expect(({} as Record<string, unknown>)['capabilities']).toBeUndefined();
  });
});

describe('refusals', () => {
  it('name the field, and never what it held', () => {
    const error = refusalError(() => checkUp(field(SEND, field(3, [...utf8('a secret'), 0xff]))));
    expect(error.message).not.toContain('secret');
    expect(error.retryable).toBe(false);
  });
});

/** The number of a field in wire.proto, for fields whose order is that of their names here. */
function fieldNumber(path: string): [string, number] {
  const [message = '', name = ''] = path.split('.');
  const names: Readonly<Record<string, readonly string[]>> = {
    Hello: ['token', 'device_id', 'agent', 'sync_token'], Cursor: ['stream', 'seq', 'check', 'epoch'], Send: ['client_id', 'conversation_id', 'text', 'data'],
    Call: ['id', 'op', 'json', 'client_id'], Mark: ['conversation_id', 'user_id'], Signal: ['stream', 'type', 'json', 'lifetime_ms', 'user_id'],
    Follow: ['stream'], Unfollow: ['stream'], Abandon: ['client_id', 'stream'], Refresh: ['token'],
  };
  return [message, (names[message] ?? []).indexOf(name) + 1];
}
