/** Texts and values that readers trip over. */
import fc from 'fast-check';

const WELL_KNOWN = [
  '', ' ', 'null', 'undefined', 'true', '0', '-1', 'NaN', '1e9', '__proto__', 'constructor', 'toString', 'ext:', 'ext:ext:alice', 'me', 'c_', 'u_00000000000000000000000000',
  '../../etc/passwd', '%2e%2e%2f', '%00', 'a\u0000b', 'a\r\nX-Injected: 1', '\u001b[2J', '\u202etxt.exe', '\ufeff', '\ufffd', '\ud83d\ude00', 'e\u0301', '\u2028',
  "'; DROP TABLE messages; --", '" OR ""="', 'NEAR(', 'a-b', 'nosuch:x', '*', '<script>alert(1)</script>', '${7*7}', '{{7*7}}', '{}', '[]', '"', '\\', '9007199254740993',
];

/** Short, and mostly of a kind that means something to somebody. */
export const hostileText: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...WELL_KNOWN) },
  { weight: 2, arbitrary: fc.string({ maxLength: 40 }) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 20 }) },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom('a', '(', '\u{1f600}', '\u0301', '"', '\u0000'), fc.constantFrom(64, 65, 128, 129, 200, 201, 300, 10_000, 10_001)).map(([unit, times]) => unit.repeat(times)) },
);

/** The same, and rarely longer than any field takes: too long is found out soon, and ends a connection. */
export const hostileShort: fc.Arbitrary<string> = fc.oneof({ weight: 40, arbitrary: hostileText.map((text) => text.slice(0, 14)) }, { weight: 1, arbitrary: hostileText });

const HOSTILE_NUMBERS = [0, -0, -1, 1, 1.5, 200, 201, 1e9, 2 ** 31, 2 ** 32, 2 ** 53 - 1, 2 ** 53, 2 ** 63, 1e308, -1e308, 5e-324];
export const hostileNumber: fc.Arbitrary<number> = fc.oneof(fc.constantFrom(...HOSTILE_NUMBERS), fc.integer(), fc.maxSafeInteger());

/** Anything that JSON can say. */
export const hostileJson: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: hostileText }, { weight: 3, arbitrary: hostileNumber }, { weight: 2, arbitrary: fc.constantFrom(null, true, false, [], {}) },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
  { weight: 1, arbitrary: fc.constantFrom(10, 29, 33, 300).map((depth) => nestedArray(depth)) },
);

function nestedArray(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level += 1) value = [value];
  return value;
}
