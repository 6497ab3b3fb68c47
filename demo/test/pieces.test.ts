import { expect, test } from 'vitest';
import { piecesOf, textOf } from '../src/pieces.js';

const again = (text: string): string => piecesOf(Buffer.from(text)).map(textOf).join('');

test.each(['', '\n', 'a', 'a\n', '\n\n', 'a\n\nb', '\uFEFFa\r\nb', `${'🜚'.repeat(10_001)}\nb`])('pieces are the file again: %#', (text) => {
  expect(again(text)).toBe(text);
});

test('a long line is sent in parts that fit', () => {
  const pieces = piecesOf(Buffer.from(`${'🜚'.repeat(10_001)}\nb`));
  expect(pieces.map(({ place }) => place)).toEqual([
    { line: 1, part: 1, ends: false }, { line: 1, part: 2, ends: true }, { line: 2, part: 1, ends: false },
  ]);
});

test('bytes that are no UTF-8 are refused', () => {
  expect(() => piecesOf(Buffer.from([0xff, 0xfe]))).toThrow(TypeError);
});
