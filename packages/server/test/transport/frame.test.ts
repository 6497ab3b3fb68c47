import { expect, it } from 'vitest';
import { encodeFrame } from '../../src/transport/frame.js';
import { OPCODE, parseServerFrames } from './support/frames.js';

it.each([
  [0, '8200'], [125, '827d'], [126, '827e007e'], [65_535, '827effff'], [65_536, '827f0000000000010000'],
])('writes the header of %i bytes in the shortest way', (size, header) => {
  const frame = encodeFrame(new Uint8Array(size).fill(7), true);
  expect(frame.subarray(0, frame.length - size).toString('hex')).toBe(header);
  expect(parseServerFrames(frame)).toEqual([{ final: true, opcode: OPCODE.binary, payload: Buffer.alloc(size, 7) }]);
});

it('says what is text', () => {
  expect(parseServerFrames(encodeFrame(Buffer.from('hé'), false))).toEqual([{ final: true, opcode: OPCODE.text, payload: Buffer.from('hé') }]);
});

it('copies what it is given', () => {
  const payload = Uint8Array.of(1, 2, 3);
  const frame = encodeFrame(payload, true);
  payload.fill(0);
  expect([...frame.subarray(2)]).toEqual([1, 2, 3]);
});
