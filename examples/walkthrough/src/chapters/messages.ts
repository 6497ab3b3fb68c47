/** What a message may hold, and what becomes of it. */
import type { Stage } from '../stage.js';
import { nextEvent, nextFact } from '../wait.js';

export async function messages({ story, backend, alice, bob, carol }: Stage): Promise<void> {
  story.chapter('Messages');
  const group = await alice.conversations.create({ name: 'Kitchen', members: ['ext:bob', 'ext:carol'] });
  const his = bob.conversations.open(group.id);
  const conversation_id = group.id;

  // Text and your own data. `sent` says that the server has it for good.
  const coming = nextEvent(his, 'message');
  const soup = await group.send({ text: 'Soup for forty', data: { dish: { id: 7, vegan: true } } }).sent;
  const got = await coming;
  story.saw('Bob gets what Alice sends, with its data', got.id === soup.id && got.data.dish?.id === 7, got);
  const twice = await backend.messages.send({ conversation_id, text: 'Salt?', as_user_id: 'ext:alice' }, { idempotencyKey: 'salt-1' });
  const again = await backend.messages.send({ conversation_id, text: 'Salt?', as_user_id: 'ext:alice' }, { idempotencyKey: 'salt-1' });
  story.saw('sent twice with one key, it is one message', again.id === twice.id && again.duplicate, again);
  const notice = await backend.messages.send({ conversation_id, text: 'The oven is hot.' });
  const fromBackend = await alice.call('messages.get', { message_id: notice.id });
  story.saw('a backend speaks as the app itself', fromBackend.system && fromBackend.sender_id === null, fromBackend);

  // Mentions: by name, or everyone.
  const inbox = async () => (await carol.call('conversations.get', { conversation_id })).membership;
  await group.send({ text: '@Carol, can you cut onions?', mentions: { userIds: [carol.userId] } }).sent;
  await group.send({ text: '@all, wash your hands', mentions: { everyone: true } }).sent;
  const membership = await inbox();
  story.saw('Carol has two mentions among what she has not read', membership?.mentions === 2 && membership.unread === 4, membership);
  await group.send({ text: 'for the record', silent: true }).sent;
  story.saw('a silent message counts as unread for nobody', (await inbox())?.unread === 4);

  // A thread, with a quote and a reply that also stands in the conversation.
  const reply = await his.send({ text: 'With bread?', thread: soup }).sent;
  await group.send({ text: 'Yes, rye.', thread: soup, inMain: true, quote: reply }).sent;
  const thread = await carol.call('messages.list', { conversation_id, thread_id: soup.id });
  story.saw('two replies stand in the thread of the soup', thread.items.length === 2 && thread.items[1]?.quoted_id === reply.id, thread.items);
  const main = await carol.call('messages.list', { conversation_id });
  story.saw('one of them also in the conversation', main.items.some(({ text }) => text === 'Yes, rye.') && !main.items.some(({ id }) => id === reply.id));
  const { thread: summary } = await carol.call('messages.get', { message_id: soup.id });
  story.saw('the soup says how many replied, and who', summary?.replies === 2 && summary.user_ids[0] === alice.userId, summary);
  const { items: followed } = await bob.call('threads.list', { user_id: 'me', unread_only: true });
  story.saw('Bob follows it, as he has replied: one reply is new to him', followed[0]?.unread === 1, followed);
  await bob.command('threads.read', { message_id: soup.id, read_seq: thread.items[1]!.seq });
  story.saw('he reads it', (await bob.call('threads.list', { user_id: 'me', unread_only: true })).items.length === 0);
  await carol.command('threads.follow', { message_id: soup.id });
  story.saw('Carol follows it, too', (await carol.call('threads.list', { user_id: 'me' })).items.length === 1);
  await carol.command('threads.unfollow', { message_id: soup.id });
  story.saw('and lets it go', (await carol.call('threads.list', { user_id: 'me' })).items.length === 0);

  // Reactions.
  await his.react(soup, '👍');
  await carol.command('reactions.add', { message_id: soup.id, reaction: '👍' });
  await carol.command('reactions.add', { message_id: soup.id, reaction: 'hungry' });
  await carol.command('reactions.remove', { message_id: soup.id, reaction: 'hungry' });
  const { reactions } = await bob.call('messages.get', { message_id: soup.id });
  story.saw('two thumbs are up, one of them is his own', reactions.length === 1 && reactions[0]?.count === 2 && reactions[0].own, reactions);
  const { items: who } = await bob.call('reactions.list', { message_id: soup.id });
  story.saw('everybody sees whose', who.length === 2, who);

  // Edits keep what was said before.
  const updated = nextEvent(his, 'updated');
  await group.edit(soup, { text: 'Soup for fifty' });
  story.saw('Bob sees the edit at once', (await updated).text === 'Soup for fifty');
  const { items: versions } = await bob.call('messages.history', { message_id: soup.id });
  story.saw('and what it said before', versions.map(({ text }) => text).join(' | ') === 'Soup for forty | Soup for fifty', versions);
  await story.refused('nobody edits the message of somebody else', 'forbidden', his.edit(soup, { text: 'Soup for none' }));

  // Pins.
  await alice.command('pins.add', { message_id: soup.id });
  const { items: pinned } = await bob.call('pins.list', { conversation_id });
  story.saw('Alice pins the soup for all', pinned.length === 1 && pinned[0]?.pinned?.user_id === alice.userId, pinned);
  await alice.command('pins.remove', { message_id: soup.id });
  story.saw('and takes the pin out again', (await bob.call('pins.list', { conversation_id })).items.length === 0);

  // Sent on: it says whose it was, not where.
  const direct = await bob.conversations.create({ kind: 'direct', members: ['ext:dave'] });
  const on = await bob.command('messages.forward', { message_id: soup.id, conversation_id: direct.id });
  const copy = await bob.call('messages.get', { message_id: on.id });
  story.saw('Bob sends it on; the copy says that Alice wrote it', copy.text === 'Soup for fifty' && copy.forwarded?.sender_id === alice.userId && copy.sender_id === bob.userId, copy);

  // Deleted for oneself, and for everyone.
  const hidden = nextFact(bob, 'message.hidden');
  await bob.command('messages.hide', { message_id: twice.id });
  await hidden;
  const texts = async (client: typeof alice) => (await client.call('messages.list', { conversation_id })).items.map(({ text }) => text);
  story.saw('what Bob deletes for himself is gone for him alone', !(await texts(bob)).includes('Salt?') && (await texts(carol)).includes('Salt?'));
  const deleted = nextEvent(his, 'deleted');
  await group.remove(soup);
  story.saw('what Alice deletes is gone for everyone', (await deleted).messageId === soup.id && !(await texts(carol)).includes('Soup for fifty'));
  const { items: facts } = await carol.call('facts.list', { conversation_id, after_seq: soup.seq - 1, limit: 1 });
  story.saw('its text has left the log, its place has not', facts[0]?.redacted === true && facts[0].seq === soup.seq && facts[0].body['text'] !== 'Soup for forty', facts);
}
