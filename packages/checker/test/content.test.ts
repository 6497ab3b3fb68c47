import { expect, test } from 'vitest';
import { contentHash, messageHash } from '../src/content.js';

const data = { line: 1, ends: true };
const seen = { ordinal: 7, sender_ordinal: 3, system: false, silent: false, data: { ends: true, line: 1 }, text: 'a' };

test('a message has one hash for its sender, its observers and the log', () => {
  expect(contentHash('message.created', seen)).toBe(messageHash('a', data));
  expect(messageHash('b', data)).not.toBe(messageHash('a', data));
});

test('it is the same while it waits, and when it disappears at some time: those are no content', () => {
  for (const type of ['message.held', 'message.scheduled']) expect(contentHash(type, { text: 'a', data, conversation_id: 'c', reason: 'approval', send_at_ms: 9, expires_ms: 9 })).toBe(messageHash('a', data));
  expect(contentHash('message.created', { ...seen, expires_ms: 9, expires_after_read_ms: 5, thread_ordinal: 2 })).toBe(messageHash('a', data));
});

test('what it replies to, whom it mentions and what it asks is content; of other facts, everything is', () => {
  const hashes = [seen, { ...seen, thread_seq: 3 }, { ...seen, thread_seq: 4 }, { ...seen, mentions: { everyone: true } }, { ...seen, poll: { question: '?' } }].map((body) => contentHash('message.created', body));
  expect(new Set(hashes).size).toBe(5);
  expect(contentHash('message.hidden', { conversation_id: 'c', seq: 1 })).not.toBe(contentHash('message.hidden', { conversation_id: 'c', seq: 2 }));
});
