import { expect } from 'vitest';
import type { Cast, Tell } from './tell.js';

/** What members do with messages that are there. */
export async function tellOfMessages(tell: Tell, { her, backend, group, alice, bob }: Cast): Promise<void> {
  const asBob = { as_user_id: 'ext:bob' };

  // A thread, with a mention and a quote.
  const root = await tell(her, 'messages.send', { conversation_id: group, text: 'who comes?' });
  const reply = await tell(backend, 'messages.send', { conversation_id: group, text: 'me', thread_id: root.id, mentions: { user_ids: ['ext:alice'] }, ...asBob });
  await tell(her, 'messages.send', { conversation_id: group, text: 'good', thread_id: root.id, in_main: true, quoted_id: reply.id });
  expect((await tell(her, 'messages.list', { conversation_id: group, thread_id: root.id })).items).toMatchObject([
    { id: reply.id, thread_id: root.id, in_main: false, mentions: { user_ids: [alice], here: false, everyone: false } }, { text: 'good', in_main: true, quoted_id: reply.id },
  ]);
  expect((await tell(her, 'messages.list', { conversation_id: group, after_seq: root.seq - 1 })).items.map(({ text }) => text)).toEqual(['who comes?', 'good']);
  expect(await tell(her, 'messages.get', { message_id: root.id })).toMatchObject({ thread: { replies: 2, user_ids: [alice, bob] } });
  expect((await tell(backend, 'threads.list', { user_id: 'ext:bob' })).items).toMatchObject([{ message: { id: root.id }, thread: { replies: 2 }, unread: 1 }]);
  await tell(backend, 'threads.read', { message_id: root.id, read_seq: 1_000, ...asBob });
  expect((await tell(backend, 'threads.list', { user_id: 'ext:bob', unread_only: true })).items).toEqual([]);
  await tell(backend, 'threads.unfollow', { message_id: root.id, ...asBob });
  await tell(backend, 'threads.follow', { message_id: root.id, ...asBob });

  // Reactions, pins, and what a message said before.
  await tell(her, 'reactions.add', { message_id: root.id, reaction: '👍' });
  await tell(backend, 'reactions.add', { message_id: root.id, reaction: '👍', ...asBob });
  await tell(backend, 'reactions.add', { message_id: root.id, reaction: 'party', ...asBob });
  await tell(backend, 'reactions.remove', { message_id: root.id, reaction: 'party', ...asBob });
  await tell(her, 'pins.add', { message_id: root.id });
  await tell(her, 'messages.edit', { message_id: root.id, text: 'who comes along?' });
  expect(await tell(her, 'messages.get', { message_id: root.id })).toMatchObject({ text: 'who comes along?', reactions: [{ reaction: '👍', count: 2, own: true }], pinned: { user_id: alice } });
  expect((await tell(her, 'reactions.list', { message_id: root.id })).items.map(({ user_id }) => user_id).toSorted()).toEqual([alice, bob].toSorted());
  expect((await tell(her, 'pins.list', { conversation_id: group })).items.map(({ id }) => id)).toEqual([root.id]);
  await tell(her, 'pins.remove', { message_id: root.id });
  expect((await tell(her, 'messages.history', { message_id: root.id })).items.map(({ text }) => text)).toEqual(['who comes?', 'who comes along?']);

  // Bob has read it; alice sent it.
  await tell(backend, 'marks.set', { conversation_id: group, read_seq: root.seq, ...asBob });
  expect(await tell(her, 'receipts.get', { message_id: root.id })).toEqual({ members: 1, delivered: 1, read: 1, items: [{ user_id: bob, delivered: true, read: true }] });

  // A poll.
  const asked = await tell(her, 'messages.send', { conversation_id: group, poll: { question: 'When?', options: ['today', 'tomorrow'] } });
  await tell(backend, 'polls.vote', { message_id: asked.id, options: ['2'], ...asBob });
  await tell(her, 'polls.vote', { message_id: asked.id, options: ['1'] });
  await tell(her, 'polls.vote', { message_id: asked.id, options: ['2'] });
  expect((await tell(her, 'polls.voters', { message_id: asked.id })).items).toHaveLength(2);
  await tell(her, 'polls.close', { message_id: asked.id });
  expect((await tell(her, 'messages.get', { message_id: asked.id })).poll).toMatchObject({
    options: [{ text: 'today', votes: 0 }, { text: 'tomorrow', votes: 2 }], voters: 2, own: ['2'], closed_ms: expect.any(Number) as number,
  });

  // Sent on, bookmarked, and half written.
  const forwarded = await tell(her, 'messages.forward', { message_id: reply.id, conversation_id: group });
  expect(await tell(her, 'messages.get', { message_id: forwarded.id })).toMatchObject({ text: 'me', sender_id: alice, forwarded: { sender_id: bob } });
  await tell(her, 'bookmarks.add', { message_id: root.id, note: 'answer them' });
  await tell(her, 'bookmarks.add', { message_id: reply.id });
  expect((await tell(her, 'bookmarks.list', { user_id: 'me' })).items).toMatchObject([{ message_id: reply.id }, { message_id: root.id, note: 'answer them', message: { id: root.id } }]);
  await tell(her, 'bookmarks.remove', { message_id: reply.id });
  await tell(her, 'drafts.set', { conversation_id: group, text: 'Dear al' });
  await tell(her, 'drafts.set', { conversation_id: group, text: 'Dear all' });
  expect((await tell(her, 'drafts.list', { user_id: 'me' })).items).toMatchObject([{ conversation_id: group, thread_id: null, text: 'Dear all' }]);

  // Deleted for herself: bob still has it.
  await tell(her, 'messages.hide', { message_id: forwarded.id });
  const texts = async (who: typeof her) => (await tell(who, 'messages.list', { conversation_id: group, after_seq: asked.seq })).items.map(({ text }) => text);
  expect(await texts(her)).toEqual([]);
  expect(await texts(backend)).toEqual(['me']);
}
