/** What was delivered and read, and what was not. */
import type { Stage } from '../stage.js';
import { nextEvent } from '../wait.js';

export async function receipts({ story, backend, alice, bob, carol }: Stage): Promise<void> {
  story.chapter('Receipts and unread counts');
  const group = await alice.conversations.create({ name: 'Shifts', members: ['ext:bob', 'ext:carol'] });
  const his = bob.conversations.open(group.id);
  const conversation_id = group.id;
  const unread = async (): Promise<number | undefined> => (await bob.call('conversations.get', { conversation_id })).membership?.unread;

  await group.send('Alice: bar').sent;
  const second = await group.send('Bob: door').sent;
  const third = await group.send('Carol: stage').sent;
  story.saw('three messages are new to Bob', await unread() === 3);
  const { items: unreadOnly } = await bob.call('inbox.list', { user_id: 'me', unread_only: true });
  story.saw('his inbox shows the group among what is unread', unreadOnly.some(({ id }) => id === group.id));

  // A mark is one number a member: everything up to it.
  const moved = nextEvent(group, 'mark', ({ userId, readSeq }) => userId === bob.userId && readSeq === second.seq);
  his.markRead(second);
  story.saw('Alice sees how far Bob has read', (await moved).deliveredSeq === second.seq);
  story.saw('one is new to him still', await unread() === 1);
  await carol.call('marks.set', { conversation_id, delivered_seq: third.seq });
  const { items: marks } = await alice.call('marks.list', { conversation_id });
  const markOf = (id: string) => marks.find(({ user_id }) => user_id === id);
  story.saw('Carol has got all, and read none of it', markOf(carol.userId)?.delivered_seq === third.seq && (markOf(carol.userId)?.read_seq ?? 0) < second.seq, marks);
  await bob.call('marks.set', { conversation_id, read_seq: 1 });
  story.saw('a mark never moves back', await unread() === 1);

  const { items: who, ...counts } = await alice.call('receipts.get', { message_id: second.id });
  story.saw('of one message: two people have it, one has read it', counts.members === 2 && counts.delivered === 2 && counts.read === 1, counts);
  story.saw('by name: it was Bob', who?.find(({ read }) => read)?.user_id === bob.userId, who);

  const { conversations, messages } = await bob.call('inbox.unread', { user_id: 'me' });
  story.saw('the badge of his app counts it among all that is new', conversations >= 1 && messages >= 1, { conversations, messages });

  await bob.command('marks.unread', { conversation_id, from_seq: second.seq });
  story.saw('Bob marks two of them as unread again', await unread() === 2);
  await backend.marks.set({ conversation_id, read_seq: third.seq, as_user_id: 'ext:bob' });
  story.saw('and has read everything in the end', await unread() === 0);
}
