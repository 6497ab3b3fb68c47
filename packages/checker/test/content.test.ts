import { expect, test } from 'vitest';
import { contentHash, messageHash } from '../src/content.js';

test('a message has one hash for its sender, its observers and the log', () => {
  const data = { line: 1, ends: true };
  const seen = { ordinal: 7, sender_ordinal: 3, system: false, silent: false, data: { ends: true, line: 1 }, text: 'a' };
  expect(contentHash('message.created', seen)).toBe(messageHash('a', data));
  expect(messageHash('b', data)).not.toBe(messageHash('a', data));
});
