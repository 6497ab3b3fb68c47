/** Polls: one choice, several, and without names. */
import type { Stage } from '../stage.js';

export async function polls({ story, alice, bob, carol }: Stage): Promise<void> {
  story.chapter('Polls');
  const group = await alice.conversations.create({ name: 'Menu', members: ['ext:bob', 'ext:carol'] });
  const votesOf = async (message_id: string, client = alice) => {
    const { poll } = await client.call('messages.get', { message_id });
    return { counts: poll?.options.map(({ votes }) => votes).join(' '), voters: poll?.voters, own: poll?.own.join(' '), closed: poll?.closed_ms !== null };
  };

  const one = await group.send({ poll: { question: 'When do we eat?', options: ['at six', 'at eight'] } }).sent;
  await bob.command('polls.vote', { message_id: one.id, options: ['1'] });
  await carol.command('polls.vote', { message_id: one.id, options: ['1'] });
  await carol.command('polls.vote', { message_id: one.id, options: ['2'] });
  const single = await votesOf(one.id, carol);
  story.saw('who votes again changes their mind', single.counts === '1 1' && single.own === '2', single);
  await story.refused('here one chooses one', 'invalid_argument', bob.command('polls.vote', { message_id: one.id, options: ['1', '2'] }));
  const { items: voters } = await alice.call('polls.voters', { message_id: one.id });
  story.saw('everybody sees who chose what', voters.find(({ user_id }) => user_id === bob.userId)?.options[0] === '1', voters);
  await carol.command('polls.vote', { message_id: one.id, options: [] });
  story.saw('an empty vote takes it back', (await votesOf(one.id)).counts === '1 0');

  const many = await group.send({ poll: { question: 'What is there?', options: ['soup', 'fish', 'cake'], multiple: true } }).sent;
  await bob.command('polls.vote', { message_id: many.id, options: ['1', '3'] });
  const several = await votesOf(many.id);
  story.saw('in another one chooses several', several.counts === '1 0 1' && several.voters === 1, several);

  const secret = await group.send({ poll: { question: 'Was it good?', options: ['yes', 'no'], anonymous: true, closesInS: 3_600 } }).sent;
  await bob.command('polls.vote', { message_id: secret.id, options: ['2'] });
  await story.refused('of an anonymous poll nobody learns who chose what', 'forbidden', alice.call('polls.voters', { message_id: secret.id }));
  const { items } = await alice.call('facts.list', { conversation_id: group.id, after_seq: secret.seq });
  story.saw('nor does the log say it', items[0]?.type === 'poll.voted' && items[0].actor === null, items);
  story.saw('Bob still sees his own vote', (await votesOf(secret.id, bob)).own === '2');

  await alice.command('polls.close', { message_id: one.id });
  story.saw('Alice closes her poll', (await votesOf(one.id)).closed);
  await story.refused('nobody votes any more', 'conflict', carol.command('polls.vote', { message_id: one.id, options: ['1'] }));
}
