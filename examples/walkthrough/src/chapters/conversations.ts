/** Direct, group and channel; members and their roles; how much of the past a newcomer reads. */
import type { Stage } from '../stage.js';
import { nextFact } from '../wait.js';

export async function conversations({ story, backend, alice, bob, carol, dave }: Stage): Promise<void> {
  story.chapter('Conversations');

  // One direct conversation for each pair, whoever asks first.
  const direct = await alice.conversations.create({ kind: 'direct', members: ['ext:bob'] });
  const same = await bob.conversations.create({ kind: 'direct', members: ['ext:alice'] });
  story.saw('two people have one direct conversation', direct.id === same.id);
  await story.refused('nobody is added to it', 'forbidden', alice.command('members.add', { conversation_id: direct.id, member_ids: ['ext:carol'] }));

  // A group. Who makes it owns it; the others are told in their own streams.
  const added = nextFact(carol, 'conversation.added');
  const group = await alice.conversations.create({ name: 'Harbour party', data: { year: 2026 }, members: ['ext:bob', 'ext:carol'] });
  story.saw('Carol is told that she is in a new group', (await added).body['conversation_id'] === group.id);
  const { items: members } = await bob.call('members.list', { conversation_id: group.id });
  const roleOf = (id: string): string | undefined => members.find(({ user_id }) => user_id === id)?.role;
  story.saw('Alice is the owner, Bob and Carol are members', roleOf(alice.userId) === 'owner' && roleOf(bob.userId) === 'member' && members.length === 3, members);
  await alice.command('conversations.update', { conversation_id: group.id, name: 'Harbour party 2026', avatar_url: 'https://example.com/harbour.png' });
  const view = await bob.call('conversations.get', { conversation_id: group.id });
  story.saw('it has another name and a picture now, and its data still', view.name === 'Harbour party 2026' && view.avatar_url !== null && view.data.year === 2026, view);
  await story.refused('a member does not rename it', 'forbidden', bob.command('conversations.update', { conversation_id: group.id, name: 'Bobs party' }));

  const { items: parties } = await backend.conversations.list({ q: 'harbour', kind: 'group' });
  story.saw('the backend finds it by a word of its name', parties.some(({ id }) => id === group.id), parties);

  // Roles: Talaria's five, and the conversation's own.
  await alice.command('conversations.settings', { conversation_id: group.id, roles: { steward: { like: 'moderator', may: ['member.add'], may_not: ['poll.create'] } } });
  await alice.command('members.update', { conversation_id: group.id, user_id: 'ext:bob', role: 'steward' });
  await story.refused('a steward, a role of this group, asks no polls', 'forbidden', bob.conversations.open(group.id).send({ poll: { question: 'Beer?', options: ['yes', 'no'] } }).sent);

  // History from when one joined, or whole.
  await group.send('We begin at six.').sent;
  await alice.command('members.add', { conversation_id: group.id, member_ids: ['ext:dave'] });
  const before = await dave.call('messages.list', { conversation_id: group.id });
  story.saw('Dave, who came later, reads nothing from before', before.items.length === 0 && before.omitted[0]?.cause === 'membership', before);
  await alice.command('conversations.update', { conversation_id: group.id, history: 'all' });
  const whole = await dave.call('messages.list', { conversation_id: group.id });
  story.saw('with the whole history he does', whole.items[0]?.text === 'We begin at six.', whole);

  // Who is removed sees the removal, and nothing behind it.
  const removed = nextFact(dave, 'conversation.removed');
  const out = await bob.command('members.remove', { conversation_id: group.id, user_id: 'ext:dave' });
  story.saw('the steward removes Dave, who is told', (await removed).body['left_seq'] === out.seq, (await removed).body);
  await group.send('Dave is out.').sent;
  const left = await dave.call('messages.list', { conversation_id: group.id });
  story.saw('he reads up to there, and no further', left.items.every(({ text }) => text !== 'Dave is out.') && left.head_seq === out.seq, left);
  await carol.command('members.remove', { conversation_id: group.id, user_id: 'me' });
  story.saw('Carol leaves by herself', (await alice.call('conversations.get', { conversation_id: group.id })).member_count === 2);

  // A channel: who joins it reads.
  const channel = await alice.conversations.create({ kind: 'channel', name: 'Harbour news', members: ['ext:bob', 'ext:carol'] });
  await channel.send('The pier is open again.').sent;
  await story.refused('readers of a channel do not write', 'forbidden', bob.conversations.open(channel.id).send('Great!').sent);
  await alice.command('conversations.transfer', { conversation_id: channel.id, user_id: 'ext:carol' });
  const { items: after } = await alice.call('members.list', { conversation_id: channel.id });
  const now = (id: string): string | undefined => after.find(({ user_id }) => user_id === id)?.role;
  story.saw('Alice hands the channel over to Carol, and is its admin now', now(carol.userId) === 'owner' && now(alice.userId) === 'admin', after);

  // Everything that was said and done is a log of facts; whoever has missed some reads on from their seq.
  const log = await alice.call('facts.list', { conversation_id: group.id, after_seq: 0 });
  const types = log.items.map(({ type }) => type);
  story.saw('the log of the group begins with its making', types[0] === 'conversation.created' && types.includes('member.left') && log.to_seq === log.head_seq, types);
  const said = log.items.find(({ type }) => type === 'message.created');
  await alice.command('messages.edit', { message_id: `${whole.items[0]?.id}`, text: 'We begin at seven.' });
  const changes = await alice.call('facts.changes', { conversation_id: group.id, after_seq: log.head_seq, from_seq: said?.seq ?? 0, to_seq: said?.seq ?? 0 });
  story.saw('what has changed since about one message is asked for alone', changes.items.length === 1 && changes.items[0]?.type === 'message.updated', changes);
}
