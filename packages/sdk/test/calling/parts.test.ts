import { limits, placeId } from '@talaria/protocol';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { SignalData } from '../../src/calling/channel.js';
import { cut, PART_BYTES_MAX } from '../../src/calling/parts.js';

const bytesOf = (text: string): number => new TextEncoder().encode(text).length;
const anyText = fc.oneof(fc.string({ unit: 'binary', maxLength: 9_000, size: 'max' }), fc.string({ unit: fc.constantFrom('a', '"', '\\', '\r\n', 'ä', '🙂', '\u0000'), maxLength: 9_000, size: 'max' }));

it('a text in parts is the text, and no part is longer as JSON than it may be', () => {
  fc.assert(fc.property(anyText, (text) => {
    const parts = cut(text);
    expect(parts.join('')).toBe(text);
    for (const part of parts) expect(bytesOf(JSON.stringify(part)) - 2).toBeLessThanOrEqual(PART_BYTES_MAX);
  }), { numRuns: 100 });
});

it('a short text is one part, and an empty one, too', () => {
  expect(cut('')).toEqual(['']);
  expect(cut('a'.repeat(PART_BYTES_MAX))).toHaveLength(1);
  expect(cut('a'.repeat(PART_BYTES_MAX + 1)).map((part) => part.length)).toEqual([PART_BYTES_MAX, 1]);
});

it('a part fits into a signal, however long the names of the devices are', () => {
  const device = '\u{10FFFF}'.repeat(limits.device_id_chars_max / 2);
  const signal: SignalData = {
    call: placeId('call', 'c_06aqx7m4e5v2k8r0d1f3g5h7j8', 2 ** 40), from: device, to: { user: 'u_06aqx7m4e5v2k8r0d1f3g5h7j8', device }, session: 'x'.repeat(25), ack_session: 'x'.repeat(25),
    n: 10_000, part: 15, parts: 16, ack: 10_000, text: '\n'.repeat(PART_BYTES_MAX / 2),
  };
  expect(bytesOf(JSON.stringify(signal))).toBeLessThanOrEqual(limits.signal_bytes_max);
});
